"""Gas that a run of a target takes, against what a rebalancer's effort leaves for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.chain.contracts.recurring import IRebalanceable
from keepers.chain.node import Node
from keepers.chain.recurring.calls import sent
from keepers.model.errors.chain import CallRevertedError, NodeRefusedError

TRANSACTION_GAS = 21_000
"""Of an estimate, what is the transaction's and not the call's."""


@dataclass(frozen=True, slots=True)
class RunGas:
    """What a run takes and has.

    Attributes:
        taken: Gas of the dearest run that was tried; None where none went well.
        effort: Gas of the whole booking.
        booking: Of it, what is kept for booking the next run.
        reason: Why the run as it would be now reverts; None where it does not.
    """

    taken: int | None
    effort: int
    booking: int
    reason: str | None = None

    @property
    def given(self) -> int:
        """What the target gets."""
        return max(0, self.effort - self.booking)

    @property
    def problem(self) -> str | None:
        """Why runs would fail, with the numbers; None where they would not."""
        if self.taken is not None and self.taken > self.given:
            least = self.taken + self.taken // 10 + self.booking
            return (
                f"out of gas: a run takes about {self.taken} gas, and of the effort of "
                f"{self.effort} the target gets {self.given} ({self.booking} are for booking the "
                f"next run); an effort of {least} suffices: set recurring.effort and configure, or "
                "`ballast recurring config`"
            )
        return None if self.reason is None else f"the target reverts now: {self.reason}"


async def run_gas(
    node: Node, target: str, *, force: bool, callers: Sequence[str], effort: int, booking: int
) -> RunGas:
    """Estimate a run as the first caller would make it, and forced runs of all of them.

    Inside its band a target does little; forced it does as much as it ever will. Who may not force
    is refused, which says nothing.
    """
    taken: list[int] = []
    reason: str | None = None
    for caller in callers:
        for forced in {force, True} if caller == callers[0] else {True}:
            try:
                taken.append(await _estimate(node, caller, target, force=forced))
            except (CallRevertedError, NodeRefusedError) as error:
                if forced is force and caller == callers[0]:
                    reason = str(error)
    return RunGas(max(taken, default=None), effort, booking, reason)


async def _estimate(node: Node, caller: str, target: str, *, force: bool) -> int:
    call = sent(IRebalanceable(target).rebalance(force=force))
    request = {"from": caller, "to": call.target, "data": call.calldata}
    return await node.quantity("eth_estimateGas", request) - TRANSACTION_GAS
