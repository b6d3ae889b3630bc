"""The engine's `CallSimulator`: calls of a treasury's keeper, run dry in order."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.chain.node import Node
from keepers.chain.simulation import DryRun
from keepers.model.chain import ValuedCall
from keepers.model.simulation import FailedCall


class TreasurySimulator:
    """Runs calls on the newest state of one chain."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._dry = DryRun(node, [])

    async def run(self, sender: str, calls: Sequence[ValuedCall]) -> FailedCall | None:
        """The first call that reverts, and why; None if none does.

        Raises:
            UnsupportedNodeError: The node cannot run calls, or not with coins.
            ChainError: It does not answer.
        """
        values = [each.value for each in calls]
        ran = await self._dry.run(sender, [each.call for each in calls], values=values)
        for index, answer in enumerate(ran.answers):
            if not answer.succeeded:
                return FailedCall(index, str(self._node.reverts.read(answer.data)))
        return None
