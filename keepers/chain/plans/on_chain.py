"""Plans that approvers sign, as a chain knows them: vaults' and treasuries' alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from keepers.chain.batch import ReadBatch
from keepers.chain.codec import Call
from keepers.chain.contracts.ledger import IERC1271, ISafe, PlanLedger
from keepers.chain.node import Node
from keepers.chain.plans.typed_data import hash_of
from keepers.model.approval import PlanStatus, Signature, SignedPlan
from keepers.model.errors.signing import BadSignatureError
from keepers.signing.curve import recover

SIGNATURE_BYTES = 65
WORD = 32
FIRST_V = 27


def recover_signer(digest: bytes, signature: bytes) -> str | None:
    """The account, checksummed; None where it is no account's signature in the form chains take."""
    if len(signature) != SIGNATURE_BYTES:
        return None
    r, s = (int.from_bytes(signature[start : start + WORD], "big") for start in (0, WORD))
    try:
        return recover(digest, parity=signature[-1] - FIRST_V, r=r, s=s)
    except BadSignatureError:
        return None


MAGIC = bytes.fromhex("1626ba7e")
"""Answer of a contract for a valid signature (ERC-1271)."""


@dataclass(frozen=True, slots=True)
class ChainPlans(ABC):
    """Reads about plans that one contract executes, the `consumer`."""

    node: Node
    consumer: str

    @abstractmethod
    def epoch_call(self) -> Call[int]:
        """The read of the consumer's epoch."""

    def hash_of(self, plan: SignedPlan) -> str:
        """Return the hash that approvers sign."""
        return hash_of(plan)

    async def status(self, plan: SignedPlan) -> PlanStatus:
        """Return the ledger's present status of a plan."""
        batch, ledger = ReadBatch(self.node), PlanLedger(plan.ledger)
        plan_hash = bytes.fromhex(hash_of(plan)[2:])
        raw = batch.add(ledger.status_of(plan.consumer, plan_hash))
        used = batch.add(ledger.is_nonce_used(plan.consumer, plan.keeper, plan.nonce))
        epoch = batch.add(self.epoch_call())
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

    async def weights(self, plan: SignedPlan, signatures: Sequence[Signature]) -> tuple[int, ...]:
        """Return the weight of each signature, as the ledger counts it; 0 for an invalid one.

        An account's is recovered. Where that does not give the signer, a contract is asked.
        """
        plan_hash = bytes.fromhex(hash_of(plan)[2:])
        batch, ledger = ReadBatch(self.node), PlanLedger(plan.ledger)
        asked = [
            (batch.add(ledger.weight_of(each.signer)), _judge(batch, plan_hash, each))
            for each in signatures
        ]
        await batch.run((await self.node.head()).number)
        return tuple(weight.value if holds() else 0 for weight, holds in asked)

    async def threshold(self, signer: str) -> int:
        """Return the number of owners of a Safe that have to sign for it.

        Raises:
            ContractMissingError: It is no contract that says so.
        """
        return await self.node.read(ISafe(signer).threshold(), (await self.node.head()).number)

    async def owners(self, signer: str) -> frozenset[str]:
        """Return the present owners of a Safe; raises as `threshold`."""
        found = await self.node.read(ISafe(signer).owners(), (await self.node.head()).number)
        return frozenset(to_checksum_address(each) for each in found)


def signature_rows(signatures: Sequence[Signature]) -> list[tuple[str, bytes]]:
    """Signatures as contracts take them: in the order of their signers."""
    ordered = sorted(signatures, key=lambda each: int(each.signer, 16))
    return [(each.signer, bytes.fromhex(each.data.removeprefix("0x"))) for each in ordered]


def _judge(batch: ReadBatch, plan_hash: bytes, signature: Signature) -> Callable[[], bool]:
    """Return a check, valid once the batch has run, of whether a signature holds."""
    data = bytes.fromhex(signature.data.removeprefix("0x"))
    if recover_signer(plan_hash, data) == signature.signer:
        return lambda: True
    answer = batch.add(IERC1271(signature.signer).is_valid_signature(plan_hash, data))
    return lambda: answer.found == MAGIC
