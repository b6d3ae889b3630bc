"""Would Circle's contracts on a chain burn and mint for our routes there?"""

from __future__ import annotations

from keepers.bridges.cctp.conditions import Obstacle, Side
from keepers.chain.batch import Batch
from keepers.chain.contracts.routes import CctpV2Route
from keepers.chain.node import Node
from keepers.config.treasury_deployment import RouteKind
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.runtime.vault.preflight import Check

NAME = "Circle"


async def check_circle(each: TreasuryChainSetup, node: Node, keeper: str) -> list[Check]:
    """Look at pause, minter, messengers and deny list, as the quotes of the route do.

    Raises:
        ChainError: The chain cannot be read.
    """
    sides = [
        Side(each.chain.chain_id, other, route.address, keeper)
        for route in each.deployment.routes
        if route.kind is RouteKind.CCTP
        for other in route.lanes
    ]
    if not sides:
        return []
    batch = Batch(node)
    said = [batch.add(CctpV2Route(side.route).obstacle(side.other, keeper)) for side in sides]
    await batch.run((await node.head()).number)
    found = (side.told(Obstacle(slot.value)) for side, slot in zip(sides, said, strict=True))
    problems = [each for each in dict.fromkeys(found) if each]
    if problems:
        return [Check(NAME, passed=False, detail=problem) for problem in problems]
    return [Check(NAME, passed=True, detail=f"burns and mints for all {len(sides)} lanes")]
