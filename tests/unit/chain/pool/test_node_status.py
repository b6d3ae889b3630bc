"""O26: an outage of a node is logged once per process, however many pools detect it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from keepers.chain.pool import Members, PoolPolicy
from keepers.chain.pool.node_status import CALM_SECONDS, ReportedStates
from keepers.config import ChainSettings
from keepers.model.chain import NodeRole
from keepers.runtime.process import nodes
from tests.unit.chain.pool.scripted import Chain, Clock, ScriptedNode, honest

CHAIN = {"chain_id": 77_001, "rpc_urls": ["http://127.0.0.1:1"], "deployments": "none.json"}
"""Settings with a chain id that no other test uses."""


class Down(ScriptedNode):
    """Unreachable node, created like a node of the settings."""

    def __init__(self, url: str, *, timeout: float) -> None:
        del timeout
        super().__init__(Chain(), name=url)
        self.down = True

    async def close(self) -> None:
        """Do nothing, since no connection is open."""


def shared(node: ScriptedNode, clock: Clock) -> tuple[Members, Members]:
    """Return two pools of one node in one process."""
    told, known = ReportedStates(), [(node, NodeRole.READER)]
    one, other = (Members(known, 1, PoolPolicy(), clock, told) for _ in range(2))
    return one, other


def states(logs: Sequence[object]) -> list[str]:
    return [each["state"] for each in logs if isinstance(each, dict)]


async def test_log__two_pools_of_one_node_that_is_down__is_told_once() -> None:
    clock, (node,) = Clock(), honest(1)
    one, other = shared(node, clock)
    with capture_logs() as logs:
        await one.compare()
        await other.compare()
        node.down = True
        for _ in range(3):
            clock.now += 40
            await asyncio.gather(one.compare(), other.compare())
        node.down = False
        clock.now += 40
        await asyncio.gather(one.compare(), other.compare())
    assert states(logs) == ["failing", "healthy"]


async def test_log__fails_anew_after_only_another_pool_saw_it_well__is_told_anew() -> None:
    clock, (node,) = Clock(), honest(1)
    one, other = shared(node, clock)
    await one.compare()
    with capture_logs() as logs:
        node.down = True
        await other.compare()  # this pool does not check the node again
        node.down = False
        await one.compare()
        clock.now += CALM_SECONDS
        await one.compare()
        node.down = True
        await one.compare()
    assert states(logs) == ["failing", "healthy", "failing"]


async def test_log__pools_that_differ__do_not_contradict_each_other_at_each_look() -> None:
    clock, (node,) = Clock(), honest(1)
    one, other = shared(node, clock)
    await one.compare()
    with capture_logs() as logs:
        for _ in range(10):
            node.down = True
            await other.compare()
            node.down = False
            await one.compare()
            clock.now += 1
    assert states(logs) == ["failing"]


async def test_nodes_of_the_settings__pools_of_one_process__share_what_was_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes, "Rpc", Down)
    chain = ChainSettings.model_validate(CHAIN)
    with capture_logs() as logs:
        for _ in range(2):
            async with nodes.members_of(chain) as members:
                await members.compare()
    assert states(logs) == ["failing"]
