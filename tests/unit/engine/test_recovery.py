"""The decision table of an attempt that was stored and whose end is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.adapters.store.journal import SqlJournal
from keepers.domain.errors_chain import NodeRefusedError, SendUnresolvedError
from keepers.domain.run import AttemptStatus, RunRecord, RunStatus, Stage, StepStatus
from keepers.domain.tier_plan import TriggerKind
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.recovery import OtherChainError, recover
from keepers.engine.rebalance.world import World
from tests.unit.engine.conftest import MakeWorld
from tests.unit.engine.market import Memory, unreachable


async def interrupt(world: World, memory: Memory, *, arrived: bool) -> str:
    """A run that ends with one attempt in the air; answers its bytes."""
    memory.mines = False
    memory.keeps_bytes = arrived
    memory.send_error = unreachable()
    with pytest.raises(SendUnresolvedError):
        await run_once(world, TriggerKind.SCHEDULED, armed=True)
    memory.send_error = None
    memory.keeps_bytes = True
    (line,) = memory.log
    memory.log.clear()
    return line.removeprefix("send ")


async def resolved(world: World) -> RunRecord:
    record = await recover(world, armed=True)
    assert record is not None
    assert record.status is RunStatus.INTERRUPTED
    assert record.stages[-1].stage is Stage.RECORD
    assert record.steps[1].status is StepStatus.SKIPPED
    assert record.steps[1].error == "interrupted; planned anew"
    return record


def status_of_attempt(record: RunRecord) -> AttemptStatus:
    (attempt,) = record.steps[0].attempts
    return attempt.status


async def test_recover__nothing_open__does_nothing(world: World) -> None:
    assert await recover(world, armed=True) is None


async def test_recover__receipt__settles_without_sending(world: World, memory: Memory) -> None:
    raw = await interrupt(world, memory, arrived=False)
    memory.include(raw)
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.SUCCEEDED
    assert record.steps[0].status is StepStatus.DONE
    assert memory.log == []


async def test_recover__reverted_receipt__fails_the_step(world: World, memory: Memory) -> None:
    raw = await interrupt(world, memory, arrived=False)
    memory.assets["FUND"].reverts = True
    memory.include(raw)
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.REVERTED
    assert record.steps[0].error == "Nope()"
    assert memory.repeated == [raw]  # what was sent, which may be less than what was planned


async def test_recover__no_receipt_and_nonce_free__sends_identical_bytes(
    world: World, memory: Memory
) -> None:
    raw = await interrupt(world, memory, arrived=False)
    memory.mines = True
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.SUCCEEDED
    assert memory.log == [f"send {raw}"]


async def test_recover__nonce_used_by_another__is_lost_and_not_sent(
    world: World, memory: Memory
) -> None:
    await interrupt(world, memory, arrived=False)
    memory.nonce_used += 1
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.LOST
    assert record.steps[0].status is StepStatus.FAILED
    assert memory.log == []


async def test_recover__nonce_used_just_now__waits_until_it_is_deep(
    make_world: MakeWorld, memory: Memory
) -> None:
    world = make_world(confirmations=3)
    await interrupt(world, memory, arrived=False)
    memory.nonce_used += 1

    def mine(market: Memory) -> None:
        market.block += 1

    memory.depth_of_nonce = memory.block + 2
    memory.on_receipt = mine
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.LOST
    assert memory.block >= 104


async def test_recover__other_chain_in_settings__refuses(world: World, memory: Memory) -> None:
    await interrupt(world, memory, arrived=False)
    with pytest.raises(OtherChainError, match="on chain 1, but the settings say 2"):
        await recover(replace(world, chain_id=2), armed=True)
    assert memory.log == []


async def test_recover__included_between_two_looks__is_not_lost(
    world: World, memory: Memory
) -> None:
    raw = await interrupt(world, memory, arrived=True)
    memory.on_receipt = lambda market: market.include(raw)
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.SUCCEEDED
    assert memory.log == []


async def test_recover__node_knows_it_already__waits_for_the_receipt(
    world: World, memory: Memory
) -> None:
    raw = await interrupt(world, memory, arrived=True)
    memory.send_error = NodeRefusedError("eth_sendRawTransaction", -32003, "already imported")
    memory.mines = True
    record = await resolved(world)
    assert status_of_attempt(record) is AttemptStatus.SUCCEEDED
    assert memory.log == [f"send {raw}"]


async def test_recover__still_nothing__stays_open(
    world: World, memory: Memory, journal: SqlJournal
) -> None:
    await interrupt(world, memory, arrived=True)
    with pytest.raises(SendUnresolvedError, match="no receipt after 10 seconds"):
        await recover(world, armed=True)
    open_run = journal.open_run_of("main")
    assert open_run is not None
    assert status_of_attempt(open_run) is AttemptStatus.BROADCAST


async def test_run__error_but_the_node_has_it__goes_on(world: World, memory: Memory) -> None:
    memory.send_error = NodeRefusedError("eth_sendRawTransaction", -32000, "already known")
    record = await run_once(world, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert len(memory.log) == 2


async def test_run__unknown_error_and_node_has_nothing__stays_open_for_recovery(
    world: World, memory: Memory, journal: SqlJournal
) -> None:
    await interrupt(world, memory, arrived=False)
    open_run = journal.open_run_of("main")
    assert open_run is not None
    assert status_of_attempt(open_run) is AttemptStatus.STORED
    assert open_run.steps[0].status is StepStatus.SENDING
    assert open_run.steps[1].status is StepStatus.PENDING


async def test_run__after_recovery__plans_anew_and_finishes(world: World, memory: Memory) -> None:
    await interrupt(world, memory, arrived=False)
    memory.mines = True
    record = await run_once(world, TriggerKind.SCHEDULED, armed=True)
    # The interrupted sale was done by recovery; the fresh plan only buys.
    assert [step.step.symbol for step in record.steps] == ["YIELD"]
    assert record.status is RunStatus.DONE
