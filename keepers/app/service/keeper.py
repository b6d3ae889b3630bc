"""The keeper of a vault as `ballast run --once` has it: each check is a run of the pipeline."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import structlog

from keepers.adapters.telemetry.metrics import Metrics
from keepers.app.lock import KeeperAlreadyRunningError
from keepers.app.rebalance import rebalance
from keepers.app.service.vaults import KeeperFactory
from keepers.app.settings import Settings
from keepers.domain.errors_transaction import LeaseHeld
from keepers.domain.events import Event
from keepers.domain.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.engine.schedule.ports import CheckResult, VaultKeeper


class PipelineKeeper:
    """A `VaultKeeper`; each run first goes on with what an earlier one has left."""

    def __init__(self, settings: Settings, vault: str, metrics: Metrics, *, arm: bool) -> None:
        self.name = vault
        self._settings = settings
        self._metrics = metrics
        self._arm = arm
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(vault=vault)

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, events: Sequence[Event]
    ) -> CheckResult:
        """One run; after an event everything is judged.

        Raises:
            LeaseHeld: Another process works for the vault, or with its key.
        """
        self._log.info("check", trigger=trigger, weekly=weekly, events=len(events))
        choice = AUTO if trigger is TriggerKind.EVENT else trigger
        try:
            record = await rebalance(
                self._settings,
                self.name,
                choice,
                arm=self._arm,
                say=self._say,
                metrics=self._metrics,
            )
        except KeeperAlreadyRunningError as error:
            raise LeaseHeld(error.what, "another process of this machine") from error
        words = record.status.lower().replace("_", " ")
        text = f"{words}: {record.reason}" if record.reason else words
        return CheckResult(record.run.run_id, text)

    async def tend(self) -> None:
        """Nothing waits between runs: each run waits for its own transactions."""

    def _say(self, line: str, /) -> None:
        self._log.info("progress", text=line)


def pipeline_keepers(metrics: Metrics, *, arm: bool) -> KeeperFactory:
    """Makes keepers that run the pipeline; `arm` sends, which the settings may also say."""

    @asynccontextmanager
    async def make(settings: Settings, vault: str) -> AsyncGenerator[VaultKeeper]:
        yield PipelineKeeper(settings, vault, metrics, arm=arm)

    return make
