"""The engine's `PlanContracts`: approved plans of one vault's controller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.chain.batch import ReadBatch
from keepers.chain.codec import Call
from keepers.chain.contracts.vault import AssetController
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.plans.on_chain import ChainPlans, signature_rows
from keepers.chain.plans.typed_data import (
    action_row,
    data_of,
    header_row,
    leaf_of,
)
from keepers.model.approval import ApprovablePlan, Signature
from keepers.model.chain import ContractCall
from keepers.model.limits import Limit


@dataclass(frozen=True, slots=True)
class VaultPlans(ChainPlans):
    """Reads and calls about plans of a controller."""

    def epoch_call(self) -> Call[int]:
        """The read of the controller's epoch."""
        return AssetController(self.consumer).epoch()

    async def terms(self) -> tuple[str, int]:
        """The ledger's address and the controller's epoch."""
        batch = ReadBatch(self.node)
        contract = AssetController(self.consumer)
        ledger, epoch = batch.add(contract.ledger()), batch.add(contract.epoch())
        await batch.run((await self.node.head()).number)
        return ledger.value, epoch.value

    async def needed(self, size: int) -> int:
        """Return the approvals that the chain needs for a size in settlement base units."""
        head = await self.node.head()
        return await self.node.read(AssetController(self.consumer).approvals_for(size), head.number)

    async def limits(self, assets: Sequence[str]) -> tuple[Limit, ...]:
        """Return the present limits of planned purchases of each asset."""
        batch = ReadBatch(self.node)
        contract = AssetController(self.consumer)
        keys = [LimitKey(LimitKind.ASSET, each) for each in assets]
        slots = [
            (batch.add(contract.bucket(key)), batch.add(contract.available(key))) for key in keys
        ]
        await batch.run((await self.node.head()).number)
        return tuple(
            Limit(bucket.value.cap, available.value, bucket.value.period_seconds)
            for bucket, available in slots
        )

    def open_call(self, plan: ApprovablePlan, signatures: Sequence[Signature]) -> ContractCall:
        """The call that opens it; signatures go in the order of their signers."""
        rows = signature_rows(signatures)
        actions = [action_row(each) for each in plan.actions]
        contract = AssetController(self.consumer)
        return contract.open_plan((header_row(plan), actions), plan.state, rows).contract_call

    def execute_call(self, plan: ApprovablePlan, index: int) -> ContractCall:
        """The call that executes one of its actions."""
        action = plan.actions[index]
        leaves = [leaf_of(each) for each in plan.actions]
        contract = AssetController(self.consumer)
        return contract.execute(
            header_row(plan), leaves, index, action_row(action), data_of(action)
        ).contract_call
