"""Waiting for depth, through a node that goes away and comes back."""

from __future__ import annotations

import pytest

from keepers.adapters.store.journal import SqlJournal
from keepers.domain.errors_chain import BadAnswerError, NodeRefusedError, SendUnresolvedError
from keepers.domain.run import RunStatus
from keepers.domain.tier_plan import TriggerKind
from keepers.engine.rebalance.pipeline import run_once
from tests.unit.engine.conftest import MakeWorld
from tests.unit.engine.market import Memory, unreachable


async def test_wait__three_confirmations__counts_the_receipts_own_block(
    make_world: MakeWorld, memory: Memory
) -> None:
    def mine(market: Memory) -> None:
        market.block += 1

    memory.on_receipt = mine
    record = await run_once(make_world(confirmations=3), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    # Included in 101; looked at 101 with head 102, then with 103, which is the third.
    first = record.steps[0].attempts[0].outcome
    assert first is not None
    assert first.block_number == 101
    second = record.steps[1].attempts[0].outcome
    assert second is not None
    assert second.block_number == 104


@pytest.mark.parametrize(
    "problem",
    [
        unreachable(),
        NodeRefusedError("eth_getTransactionReceipt", -32005, "limit exceeded"),
        BadAnswerError("eth_getTransactionReceipt", "neither a result nor an error"),
    ],
)
async def test_wait__node_away_or_limited_for_a_while__goes_on(
    make_world: MakeWorld, memory: Memory, problem: Exception
) -> None:
    looks: list[int] = []

    def fail_at_first(_: Memory) -> None:
        looks.append(1)
        if len(looks) < 5:
            raise problem

    memory.on_receipt = fail_at_first
    record = await run_once(make_world(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE


async def test_wait__node_away_too_long__stays_open(
    make_world: MakeWorld, memory: Memory, journal: SqlJournal
) -> None:
    def fail(_: Memory) -> None:
        raise unreachable()

    memory.on_receipt = fail
    with pytest.raises(SendUnresolvedError, match="does not answer"):
        await run_once(make_world(), TriggerKind.SCHEDULED, armed=True)
    assert journal.open_run_of("main") is not None
    assert len(memory.log) == 1
