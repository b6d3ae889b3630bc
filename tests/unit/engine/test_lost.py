"""Lost is what the chain gave to another, not what a node forgets for a moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.domain.errors_chain import SendUnresolvedError
from keepers.domain.run import AttemptStatus
from keepers.engine.rebalance.recovery import recover
from keepers.engine.rebalance.world import World
from tests.unit.engine.market import Memory
from tests.unit.engine.test_recovery import interrupt, resolved, status_of_attempt


def mine(market: Memory) -> None:
    market.block += 1


async def outage(world: World, memory: Memory) -> str:
    """An included transaction of which the node shows no receipt; answers its hash."""
    memory.include(await interrupt(world, memory, arrived=True))
    (transaction_hash,) = memory.receipts
    memory.receipts.clear()
    return transaction_hash


async def test_recover__no_receipts_but_our_nonce__is_not_lost(
    world: World, memory: Memory
) -> None:
    memory.nonce_spender = await outage(world, memory)
    memory.sent.clear()
    with pytest.raises(SendUnresolvedError, match="its nonce is used"):
        await recover(world, armed=True)


async def test_recover__no_receipts_but_known__is_not_lost(world: World, memory: Memory) -> None:
    await outage(world, memory)
    memory.nonce_spender = None
    memory.on_receipt = mine
    with pytest.raises(SendUnresolvedError, match="its nonce is used"):
        await recover(world, armed=True)


async def test_recover__receipt_after_a_short_outage__succeeds(
    world: World, memory: Memory
) -> None:
    await outage(world, memory)
    raw = next(iter(memory.sent.values()))
    memory.sent.clear()
    memory.nonce_spender = None
    looks: list[int] = []

    def come_back(market: Memory) -> None:
        looks.append(1)
        market.block += 1
        if len(looks) == 3:
            market.include(raw)

    memory.on_receipt = come_back
    assert status_of_attempt(await resolved(world)) is AttemptStatus.SUCCEEDED


async def test_recover__nobody_can_name_the_spender__needs_looks_and_blocks(
    world: World, memory: Memory
) -> None:
    await interrupt(world, memory, arrived=False)
    memory.nonce_used, memory.nonce_spender = 1, None
    with pytest.raises(SendUnresolvedError):  # the same block all the time
        await recover(world, armed=True)
    memory.on_receipt = mine
    before = memory.block
    assert status_of_attempt(await resolved(world)) is AttemptStatus.LOST
    assert memory.block >= before + 3


async def test_recover__no_confirmations_wanted__still_resolves_a_lost_nonce(
    world: World, memory: Memory
) -> None:
    none = replace(world, policy=replace(world.policy, confirmations=0))
    await interrupt(none, memory, arrived=False)
    memory.nonce_used = 1
    assert status_of_attempt(await resolved(none)) is AttemptStatus.LOST
