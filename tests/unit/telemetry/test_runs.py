"""Metrics of runs: values of section 5.1, at the end of a run and from the database."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from keepers.model.notice import Notice, Severity, trouble_key
from keepers.model.run import RunRecord, RunStatus, Stage, StepStatus
from keepers.notifications.notifier import SqlNotifier
from keepers.store.database import Database
from keepers.store.runs import RunRepository
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.samples import sample_notifications
from keepers.telemetry.vaults import observe_run, sample_runs
from tests.unit.notifications.outbox import notice
from tests.unit.reports.records import START, run_record, stage, step_record
from tests.unit.store.ledger.samples import StillClock
from tests.unit.store.samples import run, step
from tests.unit.store.sending import Sending

WHOSE = {"chain": "1000001", "vault": "main"}
GWEI = 10**9


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def done(seconds: int = 90) -> RunRecord:
    """Return a run of two purchases of 100 and 300, with losses of 20 and 60 bps."""
    stages = (
        stage(Stage.SIMULATION, {}, START),
        stage(Stage.EXECUTION, {}, START + timedelta(seconds=seconds)),
        stage(Stage.VERIFICATION, {"deviation_bps": "1.75"}, START + timedelta(seconds=seconds)),
    )
    steps = (
        step_record(0, "A", 1, 100, slippage="20"),
        step_record(1, "B", 1, 300, slippage="60"),
    )
    return run_record(0, RunStatus.DONE, stages, steps)


def test_observe__run_that_sent__has_all_figures() -> None:
    metrics = Metrics()
    observe_run(metrics, done())
    assert value(metrics, "rebalance_execution_time", **WHOSE) == 90
    assert value(metrics, "rebalance_slippage", scope="worst_leg", **WHOSE) == 0.006
    assert value(metrics, "rebalance_slippage", scope="whole", **WHOSE) == 0.005
    fee = (184_000 + 184_000 + 7_919) * 11 * GWEI / 10**18
    assert value(metrics, "rebalance_gas_cost", **WHOSE) == fee
    name = "ballast_rebalance_verification_deviation_ratio"
    assert value(metrics, name, **WHOSE) == 0.000175
    at = value(metrics, "ballast_rebalance_last_execution_timestamp_seconds", **WHOSE)
    assert at == (START + timedelta(seconds=90)).timestamp()


def test_observe__approved_run__its_opening_costs_gas_too() -> None:
    plain, opened = Metrics(), Metrics()
    observe_run(plain, done())
    (known,) = step_record(0, "A", 1, 100).attempts
    opening = replace(known, attempt=replace(known.attempt, attempt_id=99))
    observe_run(opened, replace(done(), openings=(opening,)))
    costs = [value(each, "rebalance_gas_cost", **WHOSE) or 0 for each in (plain, opened)]
    assert math.isclose(costs[1] - costs[0], 184_000 * 11 * GWEI / 10**18)


def test_observe__runs__are_counted_and_their_gas_is_added() -> None:
    metrics = Metrics()
    for _ in range(2):
        observe_run(metrics, done())
    observe_run(metrics, run_record(1, RunStatus.REFUSED))
    assert value(metrics, "ballast_rebalance_runs_total", status="done", **WHOSE) == 2
    assert value(metrics, "ballast_rebalance_runs_total", status="refused", **WHOSE) == 1
    fee = value(metrics, "rebalance_gas_cost", **WHOSE)
    assert fee is not None
    assert value(metrics, "ballast_rebalance_gas_cost_coins_total", **WHOSE) == 2 * fee


def test_observe__sale_and_what_it_pays_for__lose_twice() -> None:
    sale = step_record(0, "A", 1, -100, slippage="50")
    bought = step_record(1, "B", 2, 100, slippage="50")
    bought = replace(bought, step=replace(bought.step, depends_on=(0,)))
    metrics = Metrics()
    observe_run(metrics, replace(done(), steps=(sale, bought)))
    assert value(metrics, "rebalance_slippage", scope="whole", **WHOSE) == 0.01
    assert value(metrics, "rebalance_slippage", scope="worst_leg", **WHOSE) == 0.005


def test_observe__nothing_succeeded__slippage_is_no_number_and_gas_counts() -> None:
    failed = step_record(0, "A", 1, 100, StepStatus.FAILED, "reverted")
    metrics = Metrics()
    observe_run(metrics, done())
    observe_run(metrics, replace(done(), status=RunStatus.FAILED, steps=(failed,)))
    slippage = value(metrics, "rebalance_slippage", scope="whole", **WHOSE)
    assert slippage is not None
    assert math.isnan(slippage)
    assert value(metrics, "rebalance_gas_cost", **WHOSE) == 184_000 * 11 * GWEI / 10**18


def test_observe__run_that_sent_nothing__leaves_the_figures_of_the_last() -> None:
    metrics = Metrics()
    observe_run(metrics, done())
    observe_run(metrics, run_record(1, RunStatus.DRY_RUN, (stage(Stage.SIMULATION, {}),)))
    assert value(metrics, "rebalance_execution_time", **WHOSE) == 90


def ended(journal: RunRepository, number: int, status: RunStatus, **changes: object) -> None:
    journal.open_run(run(f"r{number}", **changes))
    if status is not RunStatus.OPEN:
        journal.close_run(f"r{number}", status, None)


@pytest.fixture
def journal(ledger: Database) -> RunRepository:
    return RunRepository(ledger)


def sampled(ledger: Database) -> Metrics:
    metrics = Metrics()
    sample_runs(metrics, ledger, "main")
    return metrics


MINE = {"chain": "1", "vault": "main"}


def test_sample__no_runs__says_nothing(ledger: Database) -> None:
    assert value(sampled(ledger), "rebalance_pending_count", **MINE) is None


def test_sample__success_rate__is_of_runs_that_tried(
    ledger: Database, journal: RunRepository
) -> None:
    for number, status in enumerate(RunStatus, start=1):
        if status is not RunStatus.OPEN:
            ended(journal, number, status)
    ended(journal, 20, RunStatus.DONE)
    ended(journal, 21, RunStatus.FAILED, armed=False)
    ended(journal, 22, RunStatus.FAILED, vault="other")
    # DONE twice, PARTIAL, FAILED, INTERRUPTED
    assert value(sampled(ledger), "rebalance_success_rate", **MINE) == 2 / 5


def test_sample__success_rate__forgets_after_seven_days(
    ledger: Database, journal: RunRepository, clock: StillClock
) -> None:
    ended(journal, 0, RunStatus.FAILED)
    clock.advance(7 * 86_400)
    assert value(sampled(ledger), "rebalance_success_rate", **MINE) == 0
    clock.advance(1)
    rate = value(sampled(ledger), "rebalance_success_rate", **MINE)
    assert rate is not None
    assert math.isnan(rate)


def test_sample__says_what_is_pending_and_how_the_newest_stands(
    ledger: Database, journal: RunRepository
) -> None:
    ended(journal, 1, RunStatus.DONE)
    ended(journal, 2, RunStatus.OPEN)
    metrics = sampled(ledger)
    assert value(metrics, "rebalance_pending_count", **MINE) == 1
    status = "ballast_rebalance_last_run_status"
    assert value(metrics, status, status="open", **MINE) == 1
    assert value(metrics, status, status="done", **MINE) == 0
    began = value(metrics, "ballast_rebalance_last_run_timestamp_seconds", status="done", **MINE)
    assert began == run("r1").started_at.timestamp()


def test_sample__trouble_that_people_were_told_of__until_it_is_over(
    ledger: Database, journal: RunRepository
) -> None:
    ended(journal, 1, RunStatus.REFUSED)
    notice = Notice(key=trouble_key("main"), severity=Severity.WARNING, title="no", text="paused")
    notifier = SqlNotifier(ledger)
    notifier.report(notice)
    assert value(sampled(ledger), "ballast_rebalance_trouble", **MINE) == 1
    notifier.recovered(notice.key, "nothing is left to do")
    assert value(sampled(ledger), "ballast_rebalance_trouble", **MINE) == 0


def test_sample__run_that_executes_now__takes_until_now(
    ledger: Database, journal: RunRepository, clock: StillClock
) -> None:
    journal.open_run(run("r1"))
    (step_id,) = journal.add_steps("r1", [step()])
    journal.record_stage("r1", Stage.SIMULATION, {})
    sending = Sending(ledger)
    _, attempt_id = sending.sent(step_id)
    clock.advance(301)
    assert value(sampled(ledger), "rebalance_execution_time", **MINE) == 301
    sending.ledger.acquire()
    sending.include(attempt_id)
    journal.record_stage("r1", Stage.EXECUTION, {})
    clock.advance(100)
    metrics = sampled(ledger)
    assert value(metrics, "rebalance_execution_time", **MINE) == 301
    assert value(metrics, "rebalance_slippage", scope="whole", **MINE) == 0.00015


def test_sample__notifications(ledger: Database, clock: StillClock) -> None:
    notifier = SqlNotifier(ledger)
    notifier.report(notice())
    notifier.report(notice(key="another"))
    notifier.recovered("another", "fine")
    clock.advance(60)
    metrics = Metrics()
    sample_notifications(metrics, ledger)
    assert value(metrics, "ballast_notifications_waiting") == 3
    assert value(metrics, "ballast_notifications_oldest_seconds") == 60
    assert value(metrics, "ballast_notifications_failed") == 0
    assert value(metrics, "ballast_notices_open", severity="warning") == 1
    assert value(metrics, "ballast_notices_open", severity="critical") == 0
