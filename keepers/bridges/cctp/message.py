"""Messages of CCTP V2, byte for byte, and whether an attested one is the one that we sent.

A header of 148 bytes and a body of 228, then hook data. On the source chain four fields are zero,
which the attestation service fills; two equal burns emit equal messages there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from keepers.bridges.bytes32 import WORD
from keepers.model.errors.bridges import ForgedMessageError

VERSION = 1
NUMBER = 4
FAST = 1000
STANDARD = 2000
LEAST_FINALITY = 500
"""Below it the token messenger refuses."""

HEADER = (
    *(("version", NUMBER), ("source_domain", NUMBER), ("destination_domain", NUMBER)),
    *(("nonce", WORD), ("sender", WORD), ("recipient", WORD), ("destination_caller", WORD)),
    *(("finality", NUMBER), ("finality_executed", NUMBER)),
)
BODY = (
    *(("body_version", NUMBER), ("burn_token", WORD), ("mint_recipient", WORD)),
    *(("amount", WORD), ("message_sender", WORD), ("max_fee", WORD)),
    *(("fee_executed", WORD), ("expiration_block", WORD)),
)
LAYOUT = HEADER + BODY
HEADER_BYTES = sum(size for _, size in HEADER)
SHORTEST = sum(size for _, size in LAYOUT)
FILLED = ("nonce", "finality_executed", "fee_executed", "expiration_block")
"""What the attestation service writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnMessage:
    """A message of a burn; words that are amounts or block numbers are numbers."""

    version: int
    source_domain: int
    destination_domain: int
    nonce: bytes
    sender: bytes
    recipient: bytes
    destination_caller: bytes
    finality: int
    finality_executed: int
    body_version: int
    burn_token: bytes
    mint_recipient: bytes
    amount: int
    message_sender: bytes
    max_fee: int
    fee_executed: int
    expiration_block: int
    hook_data: bytes

    def encoded(self) -> bytes:
        """Its bytes."""
        parts: list[bytes] = []
        for name, size in LAYOUT:
            value: int | bytes = getattr(self, name)
            parts.append(value if isinstance(value, bytes) else value.to_bytes(size, "big"))
        return b"".join(parts) + self.hook_data

    @property
    def received(self) -> int:
        """What is minted to its recipient."""
        return self.amount - self.fee_executed


WORDS = frozenset(each.name for each in fields(BurnMessage) if each.type == "bytes")


def decode_message(data: bytes) -> BurnMessage:
    """Read a message.

    Raises:
        ForgedMessageError: It is too short, or of another version.
    """
    if len(data) < SHORTEST:
        raise ForgedMessageError("length", f"is {len(data)} bytes, less than {SHORTEST}")
    values: dict[str, int | bytes] = {"hook_data": data[SHORTEST:]}
    place = 0
    for name, size in LAYOUT:
        part = data[place : place + size]
        values[name] = part if name in WORDS else int.from_bytes(part, "big")
        place += size
    message = BurnMessage(**values)  # pyright: ignore[reportArgumentType] - by LAYOUT and WORDS
    if (message.version, message.body_version) != (VERSION, VERSION):
        raise ForgedMessageError("version", "is not that of CCTP V2")
    return message


def require_same(sent: BurnMessage, attested: BurnMessage) -> None:
    """Compare what was attested with what was sent, and what was filled in with what may be.

    Raises:
        ForgedMessageError: They differ, or a filled field is impossible.
    """
    plain = replace(attested, **{name: getattr(sent, name) for name in FILLED})
    for each in fields(BurnMessage):
        if getattr(plain, each.name) != getattr(sent, each.name):
            raise ForgedMessageError(each.name, "differs from the departure's")
    if not any(attested.nonce):
        raise ForgedMessageError("nonce", "is zero")
    if attested.fee_executed > attested.max_fee:
        raise ForgedMessageError("fee_executed", "is above the most that was offered")
    if attested.finality_executed < max(sent.finality, LEAST_FINALITY):
        raise ForgedMessageError("finality_executed", "is below what was asked for")
