"""The part of the preflight that is about each single node."""

from __future__ import annotations

from keepers.config import ChainSettings
from keepers.model.node_health import NodeHealth, NodeRole, NodeState
from keepers.runtime.nodes import members_of
from keepers.runtime.vault.preflight import Check


async def check_nodes(chain: ChainSettings) -> list[Check]:
    """Does every node answer, is it of this chain, and is it up to date?"""
    async with members_of(chain) as members:
        return [_check(each) for each in await members.inspect()]


def _check(health: NodeHealth) -> Check:
    name = f"{health.role.value.replace('_', ' ')} {health.node}"
    if health.state is not NodeState.HEALTHY:
        state = health.state.value.replace("_", " ")
        return Check(name, passed=False, detail=f"{state}: {health.reason}")
    if health.role is not NodeRole.READER:
        return Check(name, passed=True, detail="answers")
    behind = f", {health.behind} behind" if health.behind else ""
    return Check(name, passed=True, detail=f"block {health.head}{behind}")
