"""Messages of CCTP V2: layout, attestation, and comparison with the burn on the source.

A message is a header of 148 bytes, a body of 228 bytes and hook data. On the source chain, four
fields are zero, which the attestation service fills in; equal burns emit equal messages.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from itertools import pairwise

from eth_utils.crypto import keccak

from keepers.bridges.cctp.lane import CctpLane
from keepers.chain.codec import WORD, account_word, event, to_bytes
from keepers.model.bridge import Departure
from keepers.model.chain import Log
from keepers.model.errors.chain import BadAnswerError
from keepers.model.errors.signing import BadSignatureError
from keepers.model.errors.transfers import ForgedMessageError, NoDepartureError
from keepers.signing.curve import recover

VERSION = 1
NUMBER = 4
LEAST_FINALITY = 500
"""Lowest finality threshold that the token messenger accepts."""

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
"""Fields that the attestation service fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnMessage:
    """Message of a burn; amounts and block numbers are integers."""

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
        """Return the message's bytes."""
        parts: list[bytes] = []
        for name, size in LAYOUT:
            value: int | bytes = getattr(self, name)
            parts.append(value if isinstance(value, bytes) else value.to_bytes(size, "big"))
        return b"".join(parts) + self.hook_data

    @property
    def received(self) -> int:
        """Amount that is minted to its recipient."""
        return self.amount - self.fee_executed


WORDS = frozenset(each.name for each in fields(BurnMessage) if each.type == "bytes")


def decode_message(data: bytes) -> BurnMessage:
    """Decode a message.

    Raises:
        ForgedMessageError: The message is too short, or of another version.
    """
    if len(data) < SHORTEST:
        raise ForgedMessageError("length", f"is {len(data)} bytes, less than {SHORTEST}")
    values: dict[str, int | bytes] = {"hook_data": data[SHORTEST:]}
    start = 0
    for name, size in LAYOUT:
        part = data[start : start + size]
        values[name] = part if name in WORDS else int.from_bytes(part, "big")
        start += size
    message = BurnMessage(**values)  # pyright: ignore[reportArgumentType] - LAYOUT and WORDS
    if (message.version, message.body_version) != (VERSION, VERSION):
        raise ForgedMessageError("version", "is not that of CCTP V2")
    return message


def require_same(sent: BurnMessage, attested: BurnMessage) -> None:
    """Compare an attested message with the sent one, and check the filled fields.

    Raises:
        ForgedMessageError: The messages differ, or a filled field is invalid.
    """
    plain = replace(attested, **{name: getattr(sent, name) for name in FILLED})
    for each in fields(BurnMessage):
        if getattr(plain, each.name) != getattr(sent, each.name):
            raise ForgedMessageError(each.name, "differs from the sent message")
    if not any(attested.nonce):
        raise ForgedMessageError("nonce", "is zero")
    if attested.fee_executed > attested.max_fee:
        raise ForgedMessageError("fee_executed", "is above the maximum offered")
    if attested.finality_executed < max(sent.finality, LEAST_FINALITY):
        raise ForgedMessageError("finality_executed", "is below the requested level")


SIGNATURE = 65
FIRST_V = 27
PART = "attestation"


def signers_of(message: bytes, attestation: bytes) -> tuple[str, ...]:
    """Return the signers of an attestation, in order.

    Raises:
        ForgedMessageError: The attestation is not in the form that the chain accepts.
    """
    if not attestation or len(attestation) % SIGNATURE:
        raise ForgedMessageError(
            PART, f"has {len(attestation)} bytes, which is not a whole number of signatures"
        )
    digest = keccak(message)
    starts = range(0, len(attestation), SIGNATURE)
    signers = tuple(_signer(digest, attestation[each : each + SIGNATURE]) for each in starts)
    numbers = [int(each, 16) for each in signers]
    if any(one >= two for one, two in pairwise(numbers)):
        raise ForgedMessageError(PART, "has duplicate or unordered signers")
    return signers


def require_attested(message: bytes, attestation: bytes, attesters: AbstractSet[str]) -> None:
    """Check the signers of an attestation.

    Raises:
        ForgedMessageError: The form is not accepted by the chain, or another account signed.
    """
    unknown = set(signers_of(message, attestation)) - attesters
    if unknown:
        raise ForgedMessageError(PART, f"is signed by {min(unknown)}, which is not an attester")


def _signer(digest: bytes, signature: bytes) -> str:
    r, s = (int.from_bytes(signature[each : each + 32], "big") for each in (0, 32))
    try:
        return recover(digest, parity=signature[64] - FIRST_V, r=r, s=s)
    except BadSignatureError as error:
        raise ForgedMessageError(
            PART, f"has a signature that no chain accepts: {error.problem}"
        ) from None


MESSAGE_SENT = event("IMessageTransmitterV2", "MessageSent")


@dataclass(frozen=True, slots=True)
class Burn:
    """A burn's message, and its index among the messages of its transaction."""

    message: BurnMessage
    index: int


def find_burn(departure: Departure, lane: CctpLane) -> Burn:
    """Return the only message with a transfer's id, from our route to our route.

    Raises:
        NoDepartureError: There is no such message, or it does not match the transfer's terms.
    """
    found = [
        Burn(message, index)
        for index, message in enumerate(_messages(departure, lane))
        if message is not None and message.hook_data == to_bytes(departure.transfer_id)
    ]
    if len(found) != 1:
        raise NoDepartureError(departure.transfer_id, f"found {len(found)} messages of its burn")
    problem = _difference(found[0].message, departure, lane)
    if problem:
        raise NoDepartureError(departure.transfer_id, f"the burn has a different {problem}")
    return found[0]


def _messages(departure: Departure, lane: CctpLane) -> list[BurnMessage | None]:
    """Return all messages of the transmitter, in order, with None for those that are not burns."""
    logs = departure.receipt.logs
    return [_burn_message(log) for log in logs if MESSAGE_SENT.is_in(log, lane.transmitter)]


def _burn_message(log: Log) -> BurnMessage | None:
    try:
        (message,) = MESSAGE_SENT.decode(log)
        return decode_message(message)
    except (BadAnswerError, ForgedMessageError):
        return None


def _difference(message: BurnMessage, departure: Departure, lane: CctpLane) -> str:
    far, near = account_word(lane.destination_route), account_word(lane.source_route)
    facts = {
        "source domain": (message.source_domain, lane.source_domain),
        "destination domain": (message.destination_domain, lane.destination_domain),
        "recipient": (message.mint_recipient, far),
        "caller": (message.destination_caller, far),
        "sender": (message.message_sender, near),
        "amount": (message.amount, departure.terms.amount),
    }
    return next((name for name, (is_, wanted) in facts.items() if is_ != wanted), "")
