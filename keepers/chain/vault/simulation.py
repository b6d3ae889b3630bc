"""Simulation of a vault's plans: their calls, and the resulting tiers."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.chain.codec import WORD
from keepers.chain.contracts.vault import AssetController
from keepers.chain.node import Node
from keepers.chain.simulation import DryRun, DryRunResult, first_failure, read_after
from keepers.chain.vault.events import read_plan
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import BadAnswerError
from keepers.model.risk import Simulation


class NodeSimulator:
    """Simulator of a vault's plans: calls, and the resulting tiers."""

    def __init__(self, node: Node, controller: str) -> None:
        self._node, self._controller = node, controller
        contract = AssetController(controller)
        self._values, self._book = contract.tier_values(), contract.book_values()
        self._dry = DryRun(node, [self._values, self._book])

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Run the calls in order as the keeper, then read the tiers.

        If a holding cannot be valued, the tiers are read from the controller's book, which every
        call updates.

        Raises:
            UnsupportedNodeError: The node supports no simulation.
        """
        return self._result(await self._dry.run(sender, calls))

    def _result(self, ran: DryRunResult) -> Simulation:
        failed = first_failure(self._node, ran)
        if failed is not None:
            return Simulation(
                method=ran.method, gas=ran.gas, received=(), tier_values=None, failed=failed
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
            skipped=self._skipped(ran),
        )

    def _skipped(self, ran: DryRunResult) -> dict[tuple[int, int], str]:
        """Return the errors of actions that failed inside a call with several."""
        return {
            (call, index): error
            for call, logs in enumerate(ran.logs)
            for index, error in read_plan(logs, self._controller, self._node.reverts).failed.items()
        }


def _number(method: str, data: bytes) -> int:
    if len(data) < WORD:
        raise BadAnswerError(method, "an action that returns no amount")
    return int.from_bytes(data[:WORD], "big")
