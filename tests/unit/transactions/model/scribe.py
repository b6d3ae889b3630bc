"""Signer without elliptic curves, which would take most of the time of thousands of passes."""

from __future__ import annotations

from dataclasses import dataclass, field

from eth_utils.crypto import keccak

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import (
    BadSignatureError,
    SignerRefusedError,
    SignerUnreachableError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.checked import decode
from keepers.signing.payload import with_signature
from tests.unit.transactions.paper_chain import Paper

ADDRESS = "0x" + "c0" * 20


@dataclass
class Scribe:
    """The engine's `Signer` and `Validator`: real transactions with artificial signatures.

    A second request for the same transaction gives other bytes, as with random nonces.
    """

    address: str = ADDRESS
    is_silent: bool = False
    denies: bool = False
    written: dict[str, Unsigned] = field(default_factory=dict[str, Unsigned])
    read_before: dict[str, Paper] = field(default_factory=dict[str, Paper])

    def sign(self, transaction: Unsigned) -> Signed:
        if self.is_silent:
            raise SignerUnreachableError("scribe", "silent")
        if self.denies:
            raise SignerRefusedError("scribe", "not today")
        return self.write(transaction)

    def write(self, transaction: Unsigned) -> Signed:
        """Sign a transaction for any holder of the key."""
        raw = f"0x{with_signature(transaction, parity=0, r=len(self.written) + 1, s=1).hex()}"
        self.written[raw] = transaction
        return Signed(raw, self.read(raw).hash, self.address)

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        assert isinstance(signed, Signed)
        if self.written.get(signed.raw) != audited or sender != self.address:
            raise BadSignatureError("not what was audited")
        return signed

    def read(self, raw: str) -> Paper:
        """Decode bytes as a node does."""
        if raw not in self.read_before:
            data = bytes.fromhex(raw.removeprefix("0x"))
            found = Paper(raw, f"0x{keccak(data).hex()}", self.address, decode(data))
            self.read_before[raw] = found
        return self.read_before[raw]
