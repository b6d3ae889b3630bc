"""Simulation of a vault's plan: its calls run dry, and the tiers afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.chain.contracts.vault import AssetController
from keepers.chain.node import Node
from keepers.chain.simulation import DryRun, DryRunResult, read_after
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import BadAnswerError
from keepers.model.risk import FailedCall, Simulation

WORD = 32


class NodeSimulator:
    """The engine's `Simulator`: a plan's calls, and the tiers afterwards."""

    def __init__(self, node: Node, controller: str) -> None:
        self._node = node
        contract = AssetController(controller)
        self._values, self._book = contract.tier_values(), contract.book_values()
        self._dry = DryRun(node, [self._values, self._book])

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Run the calls one after the other as the keeper, then read the tiers.

        Where a holding cannot be valued they are read from the controller's book, which every call
        moves by what it has changed.

        Raises:
            UnsupportedNodeError: The node can do it neither way.
        """
        return self._judge(await self._dry.run(sender, calls))

    def _judge(self, ran: DryRunResult) -> Simulation:
        for index, answer in enumerate(ran.answers):
            if not answer.succeeded:
                error = str(self._node.reverts.read(answer.data))
                return Simulation(
                    method=ran.method,
                    gas=ran.gas,
                    received=(),
                    tier_values=None,
                    failed=FailedCall(index, error),
                )
        values, book = ran.after
        tiers = (
            read_after(self._node, self._values, values)
            if values.succeeded
            else read_after(self._node, self._book, book)
        )
        return Simulation(
            method=ran.method,
            gas=ran.gas,
            received=tuple(_number(ran.method, answer.data) for answer in ran.answers),
            tier_values=tiers,
            failed=None,
        )


def _number(method: str, data: bytes) -> int:
    if len(data) < WORD:
        raise BadAnswerError(method, "an action that returns no amount")
    return int.from_bytes(data[:WORD], "big")
