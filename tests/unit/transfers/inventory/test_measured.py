"""Treasuries, transfers, batches and bridges as metrics, with the real machine in simulation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from keepers.model.bridge import CrossingRequest
from keepers.model.errors.transfers import BridgeUnreachableError
from keepers.model.notice import NOTHING, Notice, Severity
from keepers.model.transaction_records import account_scope
from keepers.model.transfer_record import TREASURY, Trouble
from keepers.runtime.treasury.metrics import MeasuredBridge, MeasuredNotifier, TreasuryGauge
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.store.leases import HeldLease
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.treasuries import MeasuredTransfers
from tests.unit.transfers.inventory.paper import BASE, PaperInventory
from tests.unit.transfers.transfer_rig import ONE, TWO

ROUTE = {"route": "TIMED"}
MOVED = ROUTE | {"asset": "USDC"}
SETUP = cast(
    "TreasurySetup",
    SimpleNamespace(
        chains={
            "one": SimpleNamespace(
                deployment=SimpleNamespace(routes=[SimpleNamespace(name="TIMED")])
            )
        }
    ),
)


class Measured:
    """Simulated inventory with metrics."""

    def __init__(self, file: Path, **given: dict[int, int]) -> None:
        self.metrics = Metrics()
        self.paper = PaperInventory(file, **given)  # type: ignore[arg-type]
        paper = self.paper
        lease = HeldLease(paper.database, account_scope(TREASURY), "keeper", 60)
        paper.transfers = MeasuredTransfers(
            paper.database, lease, self.metrics, lambda _chain, _asset: 6
        )
        self.bridge = MeasuredBridge(paper.timed, self.metrics)
        machine = replace(
            paper.world,
            transfers=paper.transfers,
            bridges={"TIMED": self.bridge},
            notifier=MeasuredNotifier(paper.notices, self.metrics),
        )
        paper.world = machine
        paper.inventory = replace(paper.inventory, machine=machine)
        self.gauge = TreasuryGauge(self.metrics, SETUP)

    def look(self) -> None:
        asyncio.run(self.gauge.measure_check(self.paper.inventory))

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"ballast_{name}", labels)


@pytest.fixture
def measured(new_file: Callable[[], Path]) -> Measured:
    return Measured(new_file(), funds={ONE: 2 * BASE, TWO: BASE // 2})


def test_balances__before_and_after_a_check__have_what_is_under_way(measured: Measured) -> None:
    two = {"chain": str(TWO), "asset": "USDC"}
    measured.look()
    assert measured.value("treasury_idle_tokens", **two) == 50
    assert measured.value("treasury_base_tokens", **two) == 100
    assert measured.value("treasury_threshold_tokens", **two) == 50
    assert measured.value("treasury_triggered", **two) == 1
    measured.paper.check()
    measured.look()
    assert measured.value("treasury_idle_tokens", **two) == 50
    assert measured.value("treasury_effective_tokens", **two) == 100
    assert measured.value("treasury_triggered", **two) == 0
    assert measured.value("inventory_checks_total") == 2
    assert measured.value("batches", origin="rulebook", state="running") == 1


def test_transfer__from_plan_to_end__is_counted_once(measured: Measured) -> None:
    measured.paper.timed.seconds = 4
    measured.paper.check()
    measured.gauge.sample(measured.paper.inventory)
    place = MOVED | {"place": "TRANSFER_OUT.BUILD"}
    assert measured.value("transfers_under_way", **place) == 1
    assert measured.value("transfers_stuck", **ROUTE) == 0
    measured.paper.run()
    measured.look()
    assert measured.value("transfers_under_way", **place) is None
    assert measured.value("transfers_oldest_age_seconds", **ROUTE) is None
    assert measured.value("transfers_ended_total", **MOVED, outcome="done") == 1
    assert measured.value("transfer_seconds_count", **ROUTE) == 1
    seconds = measured.value("transfer_seconds_sum", **ROUTE)
    assert seconds is not None
    assert 3 <= seconds <= 10
    (record,) = measured.paper.transfers.transfers()
    assert record.received is not None
    kept = record.terms.amount - record.received
    assert measured.value("transfer_fees_tokens_total", **MOVED) == kept / 10**6
    for state in ("running", "done"):
        assert measured.value("batches_total", origin="rulebook", state=state) == 1


def test_transfer__stuck_and_late__are_seen(measured: Measured) -> None:
    measured.paper.timed.seconds = 10**6
    measured.paper.check()
    record = measured.paper.run_until("CROSS.CROSSING")
    measured.paper.database_clock.advance(timedelta(hours=1).total_seconds())
    measured.gauge.sample(measured.paper.inventory)
    assert measured.value("transfers_overdue", **ROUTE) == 0
    measured.paper.database_clock.advance(2 * 10**6)
    measured.paper.transfers.stick(record.transfer_id, Trouble("lost", "ask"), NOTHING)
    measured.gauge.sample(measured.paper.inventory)
    assert measured.value("transfers_overdue", **ROUTE) == 1
    assert measured.value("transfers_stuck", **ROUTE) == 1


def test_bridge__fails_and_answers__is_counted(measured: Measured) -> None:
    request = CrossingRequest(asset="USDC", source=ONE, destination=TWO, receive=1)
    measured.paper.timed.down = True
    with pytest.raises(BridgeUnreachableError):
        asyncio.run(measured.bridge.quote(request))
    assert measured.value("bridge_readable", **ROUTE) == 0
    assert measured.value("bridge_errors_total", **ROUTE, question="quote") == 1
    measured.paper.timed.down = False
    asyncio.run(measured.bridge.quote(request))
    assert measured.value("bridge_readable", **ROUTE) == 1


def test_uncovered__until_it_is_over__is_one(measured: Measured) -> None:
    measured.paper.use(ONE, BASE)
    measured.paper.use(TWO, BASE // 4)
    where = {"chain": str(TWO), "asset": "USDC"}
    measured.paper.check()
    assert measured.value("inventory_uncovered", **where) == 1
    measured.paper.use(TWO, -BASE)
    measured.paper.check()
    assert measured.value("inventory_uncovered", **where) == 0
    assert measured.value("inventory_unreadable", asset="USDC") == 0


def test_notifier__other_messages__are_no_metrics(measured: Measured) -> None:
    notifier = measured.paper.world.notifier
    notice = Notice(key="inventory:refused", severity=Severity.WARNING, title="x", text="y")
    notifier.report(notice)
    assert measured.paper.notices.reported == [notice]
    assert measured.value("inventory_unreadable", asset="USDC") is None
