"""A settled transaction that leaves the chain stops the run, and the next one brings it back."""

from __future__ import annotations

import pytest

from keepers.adapters.store.journal import SqlJournal
from keepers.domain.errors_run import ReorganisedError, RunWaitsForArm
from keepers.domain.run import RunStatus
from keepers.domain.tier_plan import TriggerKind
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.recovery import recover
from keepers.engine.rebalance.world import World
from tests.unit.engine.market import Memory


async def reorganised(world: World, memory: Memory) -> str:
    """A run whose first transaction is undone before the second is sent; answers its bytes."""

    def replace_block(market: Memory) -> None:
        market.replaced.add(market.block)

    memory.on_receipt = replace_block
    with pytest.raises(ReorganisedError, match="the run stays open"):
        await run_once(world, TriggerKind.SCHEDULED, armed=True)
    memory.on_receipt = None
    (line,) = memory.log
    memory.log.clear()
    memory.receipts.clear()
    memory.nonce_used = 0
    return line.removeprefix("send ")


async def test_run__settled_block_is_replaced__stops_and_stays_open(
    world: World, memory: Memory, journal: SqlJournal
) -> None:
    await reorganised(world, memory)
    assert journal.open_run_of("main") is not None


async def test_recover__settled_block_was_replaced__sends_identical_bytes(
    world: World, memory: Memory
) -> None:
    raw = await reorganised(world, memory)
    record = await recover(world, armed=True)
    assert record is not None
    assert record.status is RunStatus.INTERRUPTED
    assert "left block 101 and succeeded in block 102" in (record.reason or "")
    assert memory.log == [f"send {raw}"]


async def test_recover__replaced_and_unarmed__waits(world: World, memory: Memory) -> None:
    await reorganised(world, memory)
    with pytest.raises(RunWaitsForArm):
        await recover(world, armed=False)
    assert memory.log == []


async def test_recover__replaced_and_nonce_gone__says_so(world: World, memory: Memory) -> None:
    await reorganised(world, memory)
    memory.nonce_used = 1
    record = await recover(world, armed=True)
    assert record is not None
    assert "its nonce went to another" in (record.reason or "")
    assert memory.log == []
