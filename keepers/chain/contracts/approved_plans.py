"""Approved plans on chain: status, signatures, and the calls that open and execute them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from keepers.chain.batch import ReadBatch
from keepers.chain.codec import Call
from keepers.chain.contracts.ledger import (
    IERC1271,
    ISafe,
    PlanLedger,
    action_row,
    data_of,
    hash_of,
    header_row,
    leaf_of,
    signature_rows,
)
from keepers.chain.contracts.limited import LimitSlot
from keepers.chain.contracts.vault import AssetController
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.node import Node
from keepers.model.approval import ApprovablePlan, PlanStatus, Signature, SignedPlan
from keepers.model.chain import ContractCall
from keepers.model.errors.signing import BadSignatureError
from keepers.model.limits import Limit
from keepers.signing.curve import recover

SIGNATURE_BYTES = 65
WORD = 32
FIRST_V = 27
MAGIC = bytes.fromhex("1626ba7e")
"""Return value of a contract for a valid signature (ERC-1271)."""


def recover_signer(digest: bytes, signature: bytes) -> str | None:
    """Return the checksummed signer; None if the signature is not in the form of the chains."""
    if len(signature) != SIGNATURE_BYTES:
        return None
    r, s = (int.from_bytes(signature[start : start + WORD], "big") for start in (0, WORD))
    try:
        return recover(digest, parity=signature[-1] - FIRST_V, r=r, s=s)
    except BadSignatureError:
        return None


@dataclass(frozen=True, slots=True)
class ChainPlans(ABC):
    """Reads about plans that one contract, the `consumer`, executes."""

    node: Node
    consumer: str

    @abstractmethod
    def epoch_call(self) -> Call[int]:
        """Return the read of the consumer's epoch."""

    def hash_of(self, plan: SignedPlan) -> str:
        """Return the hash that approvers sign."""
        return hash_of(plan)

    async def status(self, plan: SignedPlan) -> PlanStatus:
        """Return the ledger's current status of a plan."""
        batch, ledger = ReadBatch(self.node), PlanLedger(plan.ledger)
        plan_hash = bytes.fromhex(hash_of(plan)[2:])
        raw = batch.add(ledger.status_of(plan.consumer, plan_hash))
        used = batch.add(ledger.is_nonce_used(plan.consumer, plan.keeper, plan.nonce))
        epoch = batch.add(self.epoch_call())
        await batch.run_at_head()
        found = raw.value
        return PlanStatus(
            is_open=found.deadline > 0,
            done=found.done,
            approvals=found.approvals,
            cancelled=found.cancelled,
            nonce_used=used.value,
            epoch=epoch.value,
        )

    async def weights(self, plan: SignedPlan, signatures: Sequence[Signature]) -> tuple[int, ...]:
        """Return the weight of each signature, as the ledger counts it; 0 for an invalid one.

        The signer is recovered first. If that does not match, the signer's contract is asked.
        """
        plan_hash = bytes.fromhex(hash_of(plan)[2:])
        batch, ledger = ReadBatch(self.node), PlanLedger(plan.ledger)
        asked = [
            (batch.add(ledger.weight_of(each.signer)), _validity(batch, plan_hash, each))
            for each in signatures
        ]
        await batch.run_at_head()
        return tuple(weight.value if holds() else 0 for weight, holds in asked)

    async def threshold(self, signer: str) -> int:
        """Return the number of owners that have to sign for a Safe.

        Raises:
            ContractMissingError: The signer is not a Safe.
        """
        return await self.node.read(ISafe(signer).threshold(), (await self.node.head()).number)

    async def owners(self, signer: str) -> frozenset[str]:
        """Return the current owners of a Safe; raises as `threshold`."""
        found = await self.node.read(ISafe(signer).owners(), (await self.node.head()).number)
        return frozenset(to_checksum_address(each) for each in found)


def _validity(batch: ReadBatch, plan_hash: bytes, signature: Signature) -> Callable[[], bool]:
    """Return a check of whether a signature is valid; call it once the batch has run."""
    data = bytes.fromhex(signature.data.removeprefix("0x"))
    if recover_signer(plan_hash, data) == signature.signer:
        return lambda: True
    answer = batch.add(IERC1271(signature.signer).is_valid_signature(plan_hash, data))
    return lambda: answer.found == MAGIC


@dataclass(frozen=True, slots=True)
class VaultPlans(ChainPlans):
    """Approved plans of a vault's controller: reads and calls."""

    def epoch_call(self) -> Call[int]:
        """Return the read of the controller's epoch."""
        return AssetController(self.consumer).epoch()

    async def terms(self) -> tuple[str, int]:
        """Return the ledger's address and the controller's epoch."""
        batch = ReadBatch(self.node)
        contract = AssetController(self.consumer)
        ledger, epoch = batch.add(contract.ledger()), batch.add(contract.epoch())
        await batch.run_at_head()
        return ledger.value, epoch.value

    async def needed(self, size: int) -> int:
        """Return the approvals that the chain requires for a size in settlement base units."""
        head = await self.node.head()
        return await self.node.read(AssetController(self.consumer).approvals_for(size), head.number)

    async def limits(self, assets: Sequence[str]) -> tuple[Limit, ...]:
        """Return the current limits of planned purchases of each asset."""
        batch = ReadBatch(self.node)
        contract = AssetController(self.consumer)
        keys = [LimitKey(LimitKind.ASSET, each) for each in assets]
        slots = [LimitSlot(batch, contract, key) for key in keys]
        await batch.run_at_head()
        return tuple(each.value for each in slots)

    def open_call(self, plan: ApprovablePlan, signatures: Sequence[Signature]) -> ContractCall:
        """Return the call that opens a plan; signatures go in the order of their signers."""
        rows = signature_rows(signatures)
        actions = [action_row(each) for each in plan.actions]
        contract = AssetController(self.consumer)
        return contract.open_plan((header_row(plan), actions), plan.state, rows).contract_call

    def execute_call(self, plan: ApprovablePlan, index: int) -> ContractCall:
        """Return the call that executes one of a plan's actions."""
        action = plan.actions[index]
        leaves = [leaf_of(each) for each in plan.actions]
        contract = AssetController(self.consumer)
        return contract.execute(
            header_row(plan), leaves, index, action_row(action), data_of(action)
        ).contract_call

    def execute_together(self, plan: ApprovablePlan, gas: Mapping[int, int]) -> ContractCall:
        """Return the call that executes several actions, by index with the most gas of each."""
        leaves = [leaf_of(each) for each in plan.actions]
        steps = [
            (index, most, action_row(plan.actions[index]), data_of(plan.actions[index]))
            for index, most in sorted(gas.items())
        ]
        contract = AssetController(self.consumer)
        return contract.execute_plan(header_row(plan), leaves, steps).contract_call
