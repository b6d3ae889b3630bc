"""What an interrupted run left is sent again by armed runs alone, and not for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.adapters.store.journal import SqlJournal
from keepers.domain.errors_chain import AttemptExpiredError, NodeRefusedError, SendRefusedError
from keepers.domain.errors_run import RunWaitsForArm
from keepers.domain.run import AttemptStatus, RunStatus
from keepers.domain.tier_plan import TriggerKind
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.recovery import recover
from keepers.engine.rebalance.world import World
from tests.unit.engine.market import Clock, Memory
from tests.unit.engine.test_recovery import interrupt, resolved, status_of_attempt

EXPIRY = 1_800


def later(world: World) -> World:
    return replace(world, clock=Clock(EXPIRY))


@pytest.mark.parametrize("arrived", [True, False])
async def test_run__unarmed_after_interruption__sends_nothing_and_says_so(
    world: World, memory: Memory, journal: SqlJournal, *, arrived: bool
) -> None:
    await interrupt(world, memory, arrived=arrived)
    memory.mines = True
    with pytest.raises(RunWaitsForArm, match=r"run .* waits for --arm"):
        await run_once(world, TriggerKind.SCHEDULED, armed=False)
    assert memory.log == []
    assert journal.open_run_of("main") is not None


async def test_run__unarmed_but_receipt_is_there__settles_it(world: World, memory: Memory) -> None:
    memory.include(await interrupt(world, memory, arrived=False))
    record = await run_once(world, TriggerKind.SCHEDULED, armed=False)
    assert record.status is RunStatus.DRY_RUN
    assert memory.log == []


async def test_recover__stored_and_expired__asks_and_does_not_send(
    world: World, memory: Memory
) -> None:
    await interrupt(world, memory, arrived=False)
    with pytest.raises(AttemptExpiredError, match="to itself with nonce 0"):
        await recover(later(world), armed=True)
    assert memory.log == []
    memory.nonce_used += 1
    assert status_of_attempt(await resolved(later(world))) is AttemptStatus.LOST


async def test_recover__stored_and_expired_but_known__waits_for_it(
    world: World, memory: Memory
) -> None:
    raw = await interrupt(world, memory, arrived=False)
    await memory.send(raw)
    memory.mines = True
    assert status_of_attempt(await resolved(later(world))) is AttemptStatus.SUCCEEDED


async def test_recover__broadcast_and_expired__sends_again(world: World, memory: Memory) -> None:
    raw = await interrupt(world, memory, arrived=True)
    memory.sent.clear()
    memory.mines = True
    assert status_of_attempt(await resolved(later(world))) is AttemptStatus.SUCCEEDED
    assert memory.log == [f"send {raw}"]


async def test_run__refused_for_good__says_that_it_is_not_under_way_and_what_to_do(
    world: World, memory: Memory, journal: SqlJournal
) -> None:
    memory.keeps_bytes = False
    memory.send_error = NodeRefusedError("eth_sendRawTransaction", -32000, "type not supported")
    with pytest.raises(SendRefusedError) as raised:
        await run_once(world, TriggerKind.SCHEDULED, armed=True)
    assert "was refused and is not under way" in str(raised.value)
    assert "to itself with nonce 0" in str(raised.value)
    assert journal.open_run_of("main") is not None
