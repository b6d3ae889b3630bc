"""How much gas batches must have. An estimate says too little of calls that go on without gas."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import decode

from keepers.chain.batch import Batch
from keepers.chain.codec import function
from keepers.chain.contracts.recurring import TransactionScheduler
from keepers.chain.node import Node
from keepers.chain.recurring.addresses import RecurringAddresses
from keepers.model.chain import ContractCall
from keepers.model.recurring import batch_gas_of, fixes_gas_of

SELECTOR = 4


@dataclass(frozen=True, slots=True)
class BatchGas:
    """The least gas of the keeper's batches: a batch leaves out what there is no gas for.

    Attributes:
        node: Where bookings are looked up.
        addresses: The contracts.
        fix_gas: Gas of one fix.
    """

    node: Node
    addresses: RecurringAddresses
    fix_gas: int

    async def __call__(self, call: ContractCall) -> int:
        """The least gas of a call; 0 where the estimate of a node is as good as any."""
        data, target = bytes.fromhex(call.calldata.removeprefix("0x")), call.target.lower()
        if target == self.addresses.scheduler.lower():
            return await self._execution(data)
        if target == self.addresses.registry.lower():
            return self._fixes(data, "PaidRebalancerRegistry", "fixRescheduleBatch")
        if target == self.node.multicall3.address.lower():
            return self._fixes(data, "Multicall3", "aggregate3")
        return 0

    async def _execution(self, data: bytes) -> int:
        known = function("TransactionScheduler", "executeBatch")
        if data[:SELECTOR] != known.selector:
            return 0
        ids, *_ = decode(known.inputs, data[SELECTOR:])
        scheduler = TransactionScheduler(self.addresses.scheduler)
        batch = Batch(self.node)
        slots = [batch.add(scheduler.transaction(each)) for each in ids]
        await batch.run((await self.node.head()).number)
        return batch_gas_of([each.value.effort for each in slots])

    def _fixes(self, data: bytes, contract: str, name: str) -> int:
        known = function(contract, name)
        if data[:SELECTOR] != known.selector:
            return 0
        (jobs, *_) = decode(known.inputs, data[SELECTOR:])
        return fixes_gas_of(len(jobs), self.fix_gas)
