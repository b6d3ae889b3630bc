"""The failures of the engine document's section 7.1: what is done, and who hears of it."""

from __future__ import annotations

import pytest

from keepers.model.errors.run import StoreUnavailableError
from keepers.model.notice import Severity
from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import run_once
from keepers.store.database import nowhere
from tests.unit.runs.office import UNIT, Office


async def run(office: Office) -> RunRecord:
    return await run_once(office.ports(), TriggerKind.SCHEDULED, armed=True)


def told(office: Office, key: str) -> list[Severity]:
    return [each.severity for each in office.told() if each.key == key]


async def test_simulation_fails__nothing_is_sent_and_people_hear(office: Office) -> None:
    office.memory.assets["YIELD"].reverts = True
    record = await run(office)
    assert (record.status, office.nodes.sent) == (RunStatus.FAILED, [])
    assert told(office, "run:main") == [Severity.WARNING]


async def test_transaction_fails__is_recorded_and_independent_ones_go_on(office: Office) -> None:
    memory = office.memory
    memory.idle, memory.assets["FUND"].balance = 700 * UNIT, 100 * UNIT
    memory.assets["YIELD"].balance = 200 * UNIT

    def spoil() -> None:
        memory.assets["FUND"].reverts = True

    office.nodes.after_send = spoil
    record = await run(office)
    assert record.status is RunStatus.PARTIAL
    assert {each.status for each in record.steps} == {StepStatus.DONE, StepStatus.FAILED}
    assert told(office, "run:main") == [Severity.WARNING]
    assert told(office, f"report:{record.run.run_id}") == [Severity.INFO]


async def test_contract_is_paused__everything_stops_and_it_is_critical(office: Office) -> None:
    office.memory.paused = True
    record = await run(office)
    assert (record.status, office.nodes.sent) == (RunStatus.REFUSED, [])
    assert told(office, "run:main") == [Severity.CRITICAL]


async def test_a_run_goes_well_again__people_hear_that_it_is_over(office: Office) -> None:
    office.memory.paused = True
    await run(office)
    office.memory.paused = False
    assert (await run(office)).status is RunStatus.DONE
    assert list(office.over()) == ["run:main"]


async def test_result_is_not_as_simulated__people_hear(office: Office) -> None:
    office.memory.surprise = 50 * UNIT
    assert (await run(office)).status is RunStatus.DONE
    assert told(office, "verification:main") == [Severity.WARNING]


async def test_dry_run__is_nobodys_news(office: Office) -> None:
    office.memory.paused = True
    await run_once(office.ports(armed=False), TriggerKind.SCHEDULED, armed=False)
    assert office.told() == []


async def test_database__away_between_two_actions__run_has_not_failed(office: Office) -> None:
    def on_point(point: str) -> None:
        if point.startswith("before_") and len(office.nodes.sent) == 1:
            office.on_point = nowhere
            raise StoreUnavailableError("the server restarts")

    office.on_point = on_point
    with pytest.raises(StoreUnavailableError):
        await run(office)
    assert office.journal.open_run_of("main") is not None
    assert (await run(office)).status is RunStatus.DONE
    ended = {each.status for each in office.journal.runs("main")}
    assert ended == {RunStatus.DONE, RunStatus.INTERRUPTED}
