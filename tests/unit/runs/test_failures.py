"""Tests of the failures of the engine document's section 7.1: handling and notifications."""

from __future__ import annotations

import pytest

from keepers.model.errors.run import StoreUnavailableError
from keepers.model.notice import Severity
from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import run_once
from keepers.store.database import nowhere
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig


async def run(rig: TierRunRig) -> RunRecord:
    return await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)


def told(rig: TierRunRig, key: str) -> list[Severity]:
    return [each.severity for each in rig.told() if each.key == key]


async def test_simulation_fails__nothing_is_sent_and_people_hear(rig: TierRunRig) -> None:
    rig.memory.assets["YIELD"].reverts = True
    record = await run(rig)
    assert (record.status, rig.nodes.sent) == (RunStatus.FAILED, [])
    assert told(rig, "run:main") == [Severity.WARNING]


async def test_transaction_fails__is_recorded_and_independent_ones_go_on(
    rig: TierRunRig,
) -> None:
    memory = rig.memory
    memory.idle, memory.assets["FUND"].balance = 700 * UNIT, 100 * UNIT
    memory.assets["YIELD"].balance = 200 * UNIT

    def spoil() -> None:
        memory.assets["FUND"].reverts = True

    rig.nodes.after_send = spoil
    record = await run(rig)
    assert record.status is RunStatus.PARTIAL
    assert {each.status for each in record.steps} == {StepStatus.DONE, StepStatus.FAILED}
    assert told(rig, "run:main") == [Severity.WARNING]
    assert told(rig, f"report:{record.run.run_id}") == [Severity.INFO]


async def test_contract_is_paused__everything_stops_and_it_is_critical(rig: TierRunRig) -> None:
    rig.memory.paused = True
    record = await run(rig)
    assert (record.status, rig.nodes.sent) == (RunStatus.REFUSED, [])
    assert told(rig, "run:main") == [Severity.CRITICAL]


async def test_a_run_goes_well_again__people_hear_that_it_is_over(rig: TierRunRig) -> None:
    rig.memory.paused = True
    await run(rig)
    rig.memory.paused = False
    assert (await run(rig)).status is RunStatus.DONE
    assert list(rig.over()) == ["run:main"]


async def test_result_is_not_as_simulated__people_hear(rig: TierRunRig) -> None:
    rig.memory.surprise = 50 * UNIT
    assert (await run(rig)).status is RunStatus.DONE
    assert told(rig, "verification:main") == [Severity.WARNING]


async def test_dry_run__is_nobodys_news(rig: TierRunRig) -> None:
    rig.memory.paused = True
    await run_once(rig.ports(armed=False), TriggerKind.SCHEDULED, armed=False)
    assert rig.told() == []


@pytest.mark.usefixtures("separate")
async def test_database__away_between_two_actions__run_has_not_failed(rig: TierRunRig) -> None:
    def on_point(point: str) -> None:
        if point.startswith("before_") and len(rig.nodes.sent) == 1:
            rig.on_point = nowhere
            raise StoreUnavailableError("the server restarts")

    rig.on_point = on_point
    with pytest.raises(StoreUnavailableError):
        await run(rig)
    assert rig.journal.open_run_of("main") is not None
    assert (await run(rig)).status is RunStatus.DONE
    ended = {each.status for each in rig.journal.runs("main")}
    assert ended == {RunStatus.DONE, RunStatus.INTERRUPTED}
