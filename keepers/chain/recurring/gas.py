"""Gas of batches and runs; estimates are too low for calls that continue after running out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import decode

from keepers.chain.addresses import RecurringAddresses
from keepers.chain.batch import ReadBatch
from keepers.chain.codec import function, same, to_bytes
from keepers.chain.contracts.recurring import IRebalanceable, TransactionScheduler
from keepers.chain.node import Node
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import CallRevertedError, NodeRefusedError
from keepers.model.recurring import batch_gas_of, fixes_gas_of

SELECTOR = 4


@dataclass(frozen=True, slots=True)
class BatchGas:
    """Minimum gas of the keeper's batches; a batch skips items for which its gas is too low.

    Attributes:
        fix_gas: Gas of one fix.
    """

    node: Node
    addresses: RecurringAddresses
    fix_gas: int

    async def __call__(self, call: ContractCall) -> int:
        """Return the minimum gas of a call; 0 if a node's estimate suffices."""
        data, target = to_bytes(call.calldata), call.target
        if same(target, self.addresses.scheduler):
            return await self._execution(data)
        if same(target, self.addresses.registry):
            return self._fixes(data, "PaidRebalancerRegistry", "fixRescheduleBatch")
        if same(target, self.node.multicall3.address):
            return self._fixes(data, "Multicall3", "aggregate3")
        return 0

    async def _execution(self, data: bytes) -> int:
        known = function("TransactionScheduler", "executeBatch")
        if data[:SELECTOR] != known.selector:
            return 0
        ids, *_ = decode(known.inputs, data[SELECTOR:])
        scheduler = TransactionScheduler(self.addresses.scheduler)
        batch = ReadBatch(self.node)
        slots = [batch.add(scheduler.transaction(each)) for each in ids]
        await batch.run_at_head()
        return batch_gas_of([each.value.effort for each in slots])

    def _fixes(self, data: bytes, contract: str, name: str) -> int:
        known = function(contract, name)
        if data[:SELECTOR] != known.selector:
            return 0
        (jobs, *_) = decode(known.inputs, data[SELECTOR:])
        return fixes_gas_of(len(jobs), self.fix_gas)


TRANSACTION_GAS = 21_000
"""Part of an estimate that is for the transaction, not for the call."""


@dataclass(frozen=True, slots=True)
class RunGas:
    """Gas that a run needs, and gas that it gets.

    Attributes:
        taken: Gas of the most expensive simulated run; None if none succeeded.
        effort: Gas of the whole booking.
        booking: Part of `effort` that is reserved for booking the next run.
        reason: Why the run reverts now; None if it does not.
    """

    taken: int | None
    effort: int
    booking: int
    reason: str | None = None

    @property
    def given(self) -> int:
        """Gas that the target gets."""
        return max(0, self.effort - self.booking)

    @property
    def problem(self) -> str | None:
        """Why runs would fail, with the numbers; None if they would not."""
        if self.taken is not None and self.taken > self.given:
            least = self.taken + self.taken // 10 + self.booking
            return (
                f"out of gas: a run uses about {self.taken} gas, but of the effort of "
                f"{self.effort} the target gets {self.given} ({self.booking} are for booking the "
                f"next run); an effort of {least} suffices: set recurring.effort and run the "
                "configure script, or use `ballast recurring config`"
            )
        return None if self.reason is None else f"the target reverts now: {self.reason}"


async def run_gas(
    node: Node, target: str, *, force: bool, callers: Sequence[str], effort: int, booking: int
) -> RunGas:
    """Estimate a run as the first caller would make it, and forced runs of all callers.

    Inside its band a target does little; a forced run does the most possible. A refusal to a caller
    that may not force is ignored.
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
    call = IRebalanceable(target).rebalance(force=force).contract_call
    request = {"from": caller, "to": call.target, "data": call.calldata}
    return await node.quantity("eth_estimateGas", request) - TRANSACTION_GAS
