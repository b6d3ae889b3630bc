"""The message of a transfer in the receipt of its burn."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from keepers.bridges.bytes32 import account_word, same, to_bytes, topic
from keepers.bridges.cctp.lane import CctpLane
from keepers.bridges.cctp.message import BurnMessage, decode_message
from keepers.model.bridges.values import Departure
from keepers.model.errors.bridges import ForgedMessageError, NoDepartureError

MESSAGE_SENT = topic("MessageSent(bytes)")


@dataclass(frozen=True, slots=True)
class Burn:
    """What left, and the how-manieth message of its transaction it is."""

    message: BurnMessage
    place: int


def find_burn(departure: Departure, lane: CctpLane) -> Burn:
    """The one message that carries a transfer's id, from our route to our route.

    Raises:
        NoDepartureError: There is none, or it is not of the transfer's terms.
    """
    found = [
        Burn(message, place)
        for place, message in enumerate(_messages(departure, lane))
        if message is not None and message.hook_data == to_bytes(departure.transfer_id)
    ]
    if len(found) != 1:
        raise NoDepartureError(departure.transfer_id, f"{len(found)} messages of its burn")
    problem = _difference(found[0].message, departure, lane)
    if problem:
        raise NoDepartureError(departure.transfer_id, f"the burn has another {problem}")
    return found[0]


def _messages(departure: Departure, lane: CctpLane) -> list[BurnMessage | None]:
    """All messages of the transmitter, in order, with None for those that are no burns."""
    logs = departure.receipt.logs
    sent = [
        log
        for log in logs
        if same(log.address, lane.transmitter) and log.topics[:1] == (MESSAGE_SENT,)
    ]
    return [_message(to_bytes(log.data)) for log in sent]


def _message(data: bytes) -> BurnMessage | None:
    try:
        (message,) = decode(["bytes"], data)
        return decode_message(message)
    except (DecodingError, ForgedMessageError):
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
