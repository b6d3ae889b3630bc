"""Metrics of the treasuries' keeper: inventory, transfers, bridges and notices."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import TypeVar

from keepers.model.bridge import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Tracking,
)
from keepers.model.errors.transfers import (
    ArrivedShortError,
    BridgeError,
    BridgeNotConfiguredError,
    NoDepartureError,
)
from keepers.model.notice import Notice
from keepers.model.ports import Notifier
from keepers.model.transfer import TransferStage
from keepers.model.transfer_record import TransferRecord
from keepers.runtime.treasury.guarded_bridge import unasked
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.telemetry import treasury_registry as registry
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.treasuries import (
    observe_check,
    observe_inventory,
    observe_under_way,
)
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.snapshot import take_snapshot
from keepers.transfers.machine.dependencies import is_overdue
from keepers.transfers.machine.ports import Bridge

SAMPLE_SECONDS = 15.0
"""Seconds between measurements of unfinished transfers and batches."""


@dataclass(slots=True)
class TreasuryGauge:
    """Gauge of the treasuries; values that cannot be read keep their last state."""

    metrics: Metrics
    setup: TreasurySetup
    _sampled_at: float | None = None

    async def measure_check(self, inventory: InventoryDependencies) -> None:
        """Measure after a check: every chain is read again, and no bridge is asked.

        Raises:
            StoreUnavailableError: The database cannot be read.
        """
        machine = replace(inventory.machine, bridges=unasked(self.setup))
        snapshot = await take_snapshot(replace(inventory, machine=machine))
        observe_inventory(self.metrics, inventory.settings, snapshot)
        observe_check(self.metrics, inventory.machine.clock.now())
        self.sample(inventory)

    def measure_between(self, inventory: InventoryDependencies) -> None:
        """Measure unfinished transfers and batches between checks, at intervals."""
        now = inventory.machine.clock.monotonic()
        if self._sampled_at is None or now - self._sampled_at >= SAMPLE_SECONDS:
            self.sample(inventory)

    def sample(self, inventory: InventoryDependencies) -> None:
        """Measure unfinished transfers and batches."""
        self._sampled_at = inventory.machine.clock.monotonic()
        store, now = inventory.transfers, inventory.transfers.now()
        transfers = store.unsettled()
        late = {each.transfer_id for each in transfers if _is_late(each, now)}
        observe_under_way(self.metrics, transfers, store.live_batches(), now, late)


def _is_late(record: TransferRecord, now: datetime) -> bool:
    if record.position.stage is not TransferStage.CROSS:
        return False
    return is_overdue(record.moved_at, now, Fraction(record.new.seconds))


T = TypeVar("T")

UNCOVERED = re.compile(r"inventory:(?P<asset>.+):EVM-(?P<chain>[0-9]+)")
UNREADABLE = re.compile(r"inventory:(?P<asset>.+):unreadable")
ANSWERS = (ArrivedShortError, NoDepartureError)
"""Errors about a transfer, which do not mean that the bridge is unreadable."""


class MeasuredBridge:
    """`Bridge` whose failures are counted."""

    def __init__(self, bridge: Bridge, metrics: Metrics) -> None:
        self.name = bridge.name
        self._bridge = bridge
        self._metrics = metrics

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Delegate to the bridge."""
        with self._asking("quote"):
            return await self._bridge.quote(request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Delegate to the bridge."""
        with self._asking("initiate"):
            return self._heard("initiate", await self._bridge.initiate(departure, effect))

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Delegate to the bridge."""
        with self._asking("track"):
            return self._heard("track", await self._bridge.track(departure, remote_id))

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Delegate to the bridge."""
        with self._asking("complete"):
            return await self._bridge.complete(departure, crossed)

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Delegate to the bridge."""
        return self._bridge.explain(state)

    @contextmanager
    def _asking(self, question: str) -> Generator[None]:
        self._metrics.put(registry.BRIDGE_ASKED, time.time(), self.name)
        self._metrics.put(registry.BRIDGE_READABLE, True, self.name)  # noqa: FBT003 - a gauge
        try:
            yield
        except BridgeNotConfiguredError:
            raise
        except BridgeError as error:
            if not isinstance(error, ANSWERS):
                self._failed(question)
            raise

    def _heard(self, question: str, answer: T) -> T:
        if isinstance(answer, Pending) and not answer.is_known:
            self._failed(question)
        return answer

    def _failed(self, question: str) -> None:
        self._metrics.put(registry.BRIDGE_READABLE, False, self.name)  # noqa: FBT003 - a gauge
        self._metrics.count(registry.BRIDGE_ERRORS, self.name, question)


class MeasuredNotifier:
    """`Notifier` whose inventory notices also set gauges."""

    def __init__(self, notifier: Notifier, metrics: Metrics) -> None:
        self._notifier = notifier
        self._metrics = metrics

    def report(self, notice: Notice) -> None:
        """Report a notice."""
        self._notifier.report(notice)
        self._put(notice.key, is_open=True)

    def recovered(self, key: str, text: str) -> None:
        """Report that a notice is over."""
        self._notifier.recovered(key, text)
        self._put(key, is_open=False)

    def _put(self, key: str, *, is_open: bool) -> None:
        if found := UNCOVERED.fullmatch(key):
            where = (found["chain"], found["asset"])
            self._metrics.put(registry.UNCOVERED, is_open, *where)
        elif found := UNREADABLE.fullmatch(key):
            self._metrics.put(registry.UNREADABLE, is_open, found["asset"])
