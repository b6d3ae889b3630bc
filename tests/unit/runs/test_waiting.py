"""Tests of waiting for confirmations while a node is unavailable for a time."""

from __future__ import annotations

import pytest

from keepers.model.errors.chain import BadAnswerError, NodeRefusedError
from keepers.model.errors.transaction import NotSettledError
from keepers.model.run import RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import run_once
from keepers.store.runs import RunRepository
from tests.unit.runs.nodes import MarketNodes, unreachable
from tests.unit.runs.tier_run_rig import TierRunRig


@pytest.mark.usefixtures("separate")
async def test_wait__three_confirmations__counts_the_receipts_own_block(rig: TierRunRig) -> None:
    rig.clock.on_sleep = rig.memory.paper.mine
    record = await run_once(rig.ports(confirmations=3), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    blocks = [
        each.inclusion.block_number
        for step in record.steps
        for each in step.attempts
        if each.inclusion is not None
    ]
    # Included in block 1; blocks 1 to 3 confirm it, and the second goes into block 4.
    assert blocks == [1, 4]


@pytest.mark.parametrize(
    "problem",
    [
        unreachable(),
        NodeRefusedError("eth_getTransactionReceipt", -32005, "limit exceeded"),
        BadAnswerError("eth_getTransactionReceipt", "neither a result nor an error"),
    ],
)
async def test_wait__node_away_or_limited_for_a_while__goes_on(
    rig: TierRunRig, nodes: MarketNodes, problem: Exception
) -> None:
    looks: list[int] = []

    def fail_at_first() -> None:
        if nodes.sent:
            looks.append(1)
            if len(looks) < 5:
                raise problem

    nodes.before_view = fail_at_first
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE


async def test_wait__node_away_too_long__stays_open(
    rig: TierRunRig, nodes: MarketNodes, journal: RunRepository
) -> None:
    def fail() -> None:
        if nodes.sent:
            raise unreachable()

    nodes.before_view = fail
    with pytest.raises(NotSettledError, match="nodes do not respond"):
        await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert journal.open_run_of("main") is not None
    assert len(nodes.sent) == 1
