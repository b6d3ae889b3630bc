"""The engine's `PlanContracts`: approved plans of one vault's controller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.adapters.chain.batch import Batch
from keepers.adapters.chain.codec import Call
from keepers.adapters.chain.contracts.controller import AssetController
from keepers.adapters.chain.contracts.ledger import IERC1271, ISafe, PlanLedger
from keepers.adapters.chain.contracts.limited import LimitKey, LimitKind
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.plans.recovering import recovered
from keepers.adapters.chain.plans.typed_data import (
    action_row,
    data_of,
    hash_of,
    header_row,
    leaf_of,
)
from keepers.domain.approval import ApprovablePlan, PlanStatus, Signature
from keepers.domain.chain import ContractCall
from keepers.domain.limits import Limit

MAGIC = bytes.fromhex("1626ba7e")
"""What a contract answers for a signature that holds (ERC-1271)."""


@dataclass(frozen=True, slots=True)
class VaultPlans:
    """Reads and calls about plans of a controller."""

    node: Node
    controller: str

    async def terms(self) -> tuple[str, int]:
        """The ledger's address and the controller's epoch."""
        batch = Batch(self.node)
        contract = AssetController(self.controller)
        ledger, epoch = batch.add(contract.ledger()), batch.add(contract.epoch())
        await batch.run((await self.node.head()).number)
        return ledger.value, epoch.value

    async def needed(self, size: int) -> int:
        """How many approvals the chain wants for a size in settlement base units."""
        head = await self.node.head()
        return await self.node.read(
            AssetController(self.controller).approvals_for(size), head.number
        )

    async def limits(self, assets: Sequence[str]) -> tuple[Limit, ...]:
        """What planned purchases of each asset may take now."""
        batch = Batch(self.node)
        contract = AssetController(self.controller)
        keys = [LimitKey(LimitKind.ASSET, each) for each in assets]
        slots = [
            (batch.add(contract.bucket(key)), batch.add(contract.available(key))) for key in keys
        ]
        await batch.run((await self.node.head()).number)
        return tuple(
            Limit(bucket.value.cap, available.value, bucket.value.period_seconds)
            for bucket, available in slots
        )

    def hash_of(self, plan: ApprovablePlan) -> str:
        """What approvers sign."""
        return hash_of(plan)

    def open_call(self, plan: ApprovablePlan, signatures: Sequence[Signature]) -> ContractCall:
        """The call that opens it; signatures go in the order of their signers."""
        ordered = sorted(signatures, key=lambda each: int(each.signer, 16))
        rows = [(each.signer, bytes.fromhex(each.data.removeprefix("0x"))) for each in ordered]
        actions = [action_row(each) for each in plan.actions]
        contract = AssetController(self.controller)
        return _call(contract.open_plan((header_row(plan), actions), plan.state, rows))

    def execute_call(self, plan: ApprovablePlan, index: int) -> ContractCall:
        """The call that executes one of its actions."""
        action = plan.actions[index]
        leaves = [leaf_of(each) for each in plan.actions]
        contract = AssetController(self.controller)
        return _call(
            contract.execute(header_row(plan), leaves, index, action_row(action), data_of(action))
        )

    async def status(self, plan: ApprovablePlan) -> PlanStatus:
        """What the chain knows of it now."""
        batch, ledger = Batch(self.node), PlanLedger(plan.ledger)
        plan_hash = bytes.fromhex(hash_of(plan)[2:])
        raw = batch.add(ledger.status_of(plan.consumer, plan_hash))
        used = batch.add(ledger.is_nonce_used(plan.consumer, plan.keeper, plan.nonce))
        epoch = batch.add(AssetController(self.controller).epoch())
        await batch.run((await self.node.head()).number)
        found = raw.value
        return PlanStatus(
            is_open=found.deadline > 0,
            done=found.done,
            approvals=found.approvals,
            cancelled=found.cancelled,
            nonce_used=used.value,
            epoch=epoch.value,
        )

    async def weights(
        self, plan: ApprovablePlan, signatures: Sequence[Signature]
    ) -> tuple[int, ...]:
        """How much each signature counts, as the ledger would; 0 for what does not hold.

        An account's is recovered. Where that does not give the signer, a contract is asked.
        """
        plan_hash = bytes.fromhex(hash_of(plan)[2:])
        batch, ledger = Batch(self.node), PlanLedger(plan.ledger)
        asked = [
            (batch.add(ledger.weight_of(each.signer)), _judge(batch, plan_hash, each))
            for each in signatures
        ]
        await batch.run((await self.node.head()).number)
        return tuple(weight.value if holds() else 0 for weight, holds in asked)

    async def threshold(self, signer: str) -> int:
        """How many owners of a Safe have to sign for it.

        Raises:
            ContractMissingError: It is no contract that says so.
        """
        return await self.node.read(ISafe(signer).threshold(), (await self.node.head()).number)

    async def owners(self, signer: str) -> frozenset[str]:
        """Who may sign for a Safe now; raises as `threshold`."""
        found = await self.node.read(ISafe(signer).owners(), (await self.node.head()).number)
        return frozenset(to_checksum_address(each) for each in found)


def _judge(batch: Batch, plan_hash: bytes, signature: Signature) -> Callable[[], bool]:
    """A look that says, once the batch has run, whether a signature holds."""
    data = bytes.fromhex(signature.data.removeprefix("0x"))
    if recovered(plan_hash, data) == signature.signer:
        return lambda: True
    answer = batch.add(IERC1271(signature.signer).is_valid_signature(plan_hash, data))
    return lambda: answer.found == MAGIC


def _call(call: Call[Any]) -> ContractCall:
    return ContractCall(call.target, f"0x{call.data.hex()}")
