"""Tests of reorganisations during a run: an action that is removed is awaited again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from keepers.model.errors.transaction import NotSettledError
from keepers.model.run import NewRun, RunStatus, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.driver import RunDriver
from keepers.runs.results import StepResult
from keepers.runs.strategy import StepExecution
from keepers.runs.tiers.pipeline import run_once
from keepers.store.runs import RunRepository
from tests.unit.runs.market import Memory
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig

pytestmark = pytest.mark.long


def reorganise_at(nodes: MarketNodes, time: int, *, returned: bool) -> None:
    """Remove the newest block after the send with number `time`."""
    times: list[int] = []

    def act() -> None:
        times.append(1)
        if len(times) == time:
            nodes.chain.reorganise(1, returned=returned)

    nodes.after_send = act


@pytest.mark.usefixtures("separate")
@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("returned", [True, False])
async def test_run__block_is_replaced__is_included_again_and_done(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes, time: int, *, returned: bool
) -> None:
    reorganise_at(nodes, time, returned=returned)
    rig.clock.on_sleep = memory.paper.mine
    record = await run_once(rig.ports(confirmations=3), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert memory.holdings() == {"idle": 100 * UNIT, "FUND": 300 * UNIT, "YIELD": 600 * UNIT}
    assert len(set(nodes.sent)) == 2


def reorganise_under(rig: TierRunRig, *, reverts: bool) -> None:
    """Remove all blocks after the purchase is sent; their transactions return to the pool."""
    nodes, memory = rig.nodes, rig.memory
    sent: list[int] = []

    def act() -> None:
        sent.append(1)
        if len(sent) == 2:
            memory.paper.reorganise(memory.paper.head.number, returned=True)
            memory.assets["FUND"].reverts = reverts

    nodes.after_send = act
    rig.clock.on_sleep = memory.paper.mine


async def test_run__block_of_an_earlier_action_is_replaced__both_are_done(
    rig: TierRunRig,
) -> None:
    reorganise_under(rig, reverts=False)
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert [step.status for step in record.steps] == [StepStatus.DONE, StepStatus.DONE]


@pytest.mark.usefixtures("separate")
async def test_run__earlier_action_ends_otherwise_afterwards__run_says_so(
    rig: TierRunRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[Mapping[int, StepResult]] = []
    original = RunDriver[object, object].execute

    async def remembered(
        self: RunDriver[object, object], run: NewRun, execution: StepExecution
    ) -> Mapping[int, StepResult]:
        executed.append(await original(self, run, execution))
        return executed[-1]

    monkeypatch.setattr(RunDriver, "execute", remembered)
    reorganise_under(rig, reverts=True)
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.PARTIAL
    assert [step.status for step in record.steps] == [StepStatus.FAILED, StepStatus.DONE]
    (results,) = executed
    assert {index: each.status for index, each in results.items()} == {
        0: StepStatus.FAILED,
        1: StepStatus.DONE,
    }
    stage = next(each for each in record.stages if each.stage == "EXECUTION")
    assert [each["status"] for each in stage.detail["results"]] == ["FAILED", "DONE"]


async def test_run__block_is_replaced_and_nothing_comes_again__stays_open(
    rig: TierRunRig, nodes: MarketNodes, journal: RunRepository
) -> None:
    def gone() -> None:
        nodes.mines = False
        nodes.chain.reorganise(1, returned=False)

    nodes.after_send = gone
    with pytest.raises(NotSettledError):
        await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert journal.open_run_of("main") is not None
    assert len(set(nodes.sent)) == 1


async def test_run__sale_is_taken_back_before_the_purchase__is_waited_for(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = rig.ports()
    call = memory.assets["FUND"]
    call.delivered = call.delivered * 999 / 1000  # so that the purchase is built again
    original = memory.call

    async def reorganised(*args: object, **kwargs: object) -> object:
        if len(nodes.sent) == 1:
            memory.paper.reorganise(1, returned=True)
            await ports.transactions.run_pass()
            memory.paper.mine()
        return await original(*args, **kwargs)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(memory, "call", reorganised)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
