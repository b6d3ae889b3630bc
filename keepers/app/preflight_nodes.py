"""The part of the preflight that is about each single node."""

from __future__ import annotations

from keepers.app.nodes import members_of
from keepers.app.preflight_vault import Check
from keepers.app.settings import ChainSettings
from keepers.domain.node_health import NodeHealth, NodeRole, NodeState


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
