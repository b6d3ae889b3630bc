"""Attestation service of CCTP V2, with its own attesters and valid signatures.

service = AttestationService(attesters)
service.observe(0, transaction_hash, [message, ...])      # as MessageSent emitted them
service.attest(transaction_hash, 0, fee=10_000, finality=1000, expiration_block=0)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from scripts.network.bridging.server import Asked, Counterpart, Reply

NONCE = slice(12, 44)
FINALITY_EXECUTED = slice(144, 148)
FEE_EXECUTED = slice(312, 344)
EXPIRATION = slice(344, 376)
SUCCESS = 200
NOT_FOUND = Reply(404, {"error": "Message hash not found"})


@dataclass
class Observed:
    """Observed message; attested fields are None before the attestation."""

    domain: int
    transaction: str
    emitted: bytes
    nonce: bytes
    attested: bytes | None = None
    signature: bytes = b""
    delay: str | None = None
    later: tuple[int, int] = (0, 0)


class AttestationService(Counterpart):
    """Messages by transaction, in the order in which they were emitted.

    `signatures` is the number of attesters that sign a message, by default all of them.
    """

    def __init__(self, attesters: Sequence[LocalAccount], signatures: int | None = None) -> None:
        super().__init__()
        self.signatures = signatures
        self.attesters = sorted(attesters, key=lambda each: int(each.address, 16))
        self.fees: list[dict[str, Any]] = [
            {"finalityThreshold": 1000, "minimumFee": 1},
            {"finalityThreshold": 2000, "minimumFee": 0},
        ]
        self.allowance: float = 1_000_000
        self.new_expiration = 0
        self._seen: list[Observed] = []

    def forget(self) -> None:
        """Forget all messages."""
        self._seen.clear()

    def observe(self, domain: int, transaction: str, emitted: Sequence[bytes]) -> None:
        """Record the messages of a transaction."""
        with self.lock:
            for message in emitted:
                place = len(self._seen)
                nonce = keccak(text=f"{domain} {transaction} {place}")
                self._seen.append(Observed(domain, transaction, message, nonce))

    def attest(
        self,
        transaction: str,
        place: int = 0,
        *,
        fee: int = 0,
        finality: int = 2000,
        expiration_block: int = 0,
    ) -> bytes:
        """Fill in the service's fields, sign, and return the message."""
        with self.lock:
            seen = self._of(transaction)[place]
            message = bytearray(seen.emitted)
            message[NONCE] = seen.nonce
            message[FINALITY_EXECUTED] = finality.to_bytes(4, "big")
            message[FEE_EXECUTED] = fee.to_bytes(32, "big")
            message[EXPIRATION] = expiration_block.to_bytes(32, "big")
            seen.attested, seen.later = bytes(message), (fee, finality)
            seen.signature = self.sign(seen.attested)
            return seen.attested

    def delay(self, transaction: str, reason: str, place: int = 0) -> None:
        """Set the reason why a fast transfer is not possible."""
        self._of(transaction)[place].delay = reason

    def sign(self, message: bytes) -> bytes:
        """Return the signatures of the required number of attesters, ordered by address."""
        digest, signers = keccak(message), self.attesters[: self.signatures]
        signed = (Account.unsafe_sign_hash(digest, each.key) for each in signers)
        return b"".join(bytes(each.signature) for each in signed)

    def handle(self, asked: Asked) -> Reply:
        """Respond like version 2 of the interface."""
        match asked.path.strip("/").split("/"):
            case ["v2", "messages", domain]:
                return self._messages(int(domain), asked)
            case ["v2", "burn", "USDC", "fees", _, _]:
                return Reply(SUCCESS, self.fees)
            case ["v2", "fastBurn", "USDC", "allowance"]:
                stamp = "2026-01-01T00:00:00Z"
                return Reply(SUCCESS, {"allowance": self.allowance, "lastUpdated": stamp})
            case ["v2", "publicKeys"]:
                return Reply(SUCCESS, {"publicKeys": [_key(each) for each in self.attesters]})
            case ["v2", "reattest", nonce]:
                return self._reattest(nonce)
            case _:
                return NOT_FOUND

    def _messages(self, domain: int, asked: Asked) -> Reply:
        transaction, nonce = asked.query.get("transactionHash"), asked.query.get("nonce")
        rows = [
            each
            for each in self._seen
            if each.domain == domain
            and (each.transaction == transaction or f"0x{each.nonce.hex()}" == nonce)
        ]
        return Reply(SUCCESS, {"messages": [_row(each) for each in rows]}) if rows else NOT_FOUND

    def _reattest(self, nonce: str) -> Reply:
        for each in self._seen:
            if f"0x{each.nonce.hex()}" == nonce and each.attested is not None:
                place = self._of(each.transaction).index(each)
                (fee, finality), block = each.later, self.new_expiration
                self.attest(
                    each.transaction, place, fee=fee, finality=finality, expiration_block=block
                )
                return Reply(SUCCESS, {"message": "Re-attestation requested", "nonce": nonce})
        return NOT_FOUND

    def _of(self, transaction: str) -> list[Observed]:
        return [each for each in self._seen if each.transaction == transaction]


def _row(seen: Observed) -> dict[str, Any]:
    complete = seen.attested is not None
    return {
        "message": f"0x{(seen.attested or b'').hex()}",
        "attestation": f"0x{seen.signature.hex()}" if complete else "PENDING",
        "eventNonce": f"0x{seen.nonce.hex()}",
        "cctpVersion": 2,
        "status": "complete" if complete else "pending_confirmations",
        "delayReason": seen.delay,
        "decodedMessage": None,
        "forwardState": None,
        "forwardTxHash": None,
    }


def _key(account: LocalAccount) -> dict[str, Any]:
    public = account._key_obj.public_key  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - eth-account has no other way
    return {"publicKey": f"0x04{public.to_bytes().hex()}", "cctpVersion": 2}
