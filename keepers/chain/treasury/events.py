"""What the events of a treasury in a receipt say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.conversions import to_bytes

from keepers.chain.codec import event_topic
from keepers.chain.contracts.treasury import TRANSFER
from keepers.chain.responses import GET_RECEIPT
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.treasury import VenueMove

CONTRACT = "Treasury"
AMOUNT = 5
"""The place of the amount among a transfer's terms."""

TOPICS = 4
"""The event's own, and three indexed fields, of which the first is the id."""


def read_sent(receipt: Receipt, treasury: str) -> dict[str, int]:
    """What left for each transfer, by id, in units of the token here.

    Raises:
        BadAnswerError: An event has another form, as in the functions below.
    """
    logs = _logs(receipt, treasury, "TransferSent")
    return {log.topics[1]: _decoded(log, "address", TRANSFER)[1][AMOUNT] for log in logs}


def read_received(receipt: Receipt, treasury: str) -> dict[str, int]:
    """What arrived for each transfer, by id, in units of the token here."""
    logs = _logs(receipt, treasury, "TransferReceived")
    return {log.topics[1]: received_in(log) for log in logs}


def received_in(log: Log) -> int:
    """What arrived, as one event tells it."""
    return _decoded(log, "uint256")[0]


def read_invested(receipt: Receipt, treasury: str) -> dict[str, VenueMove]:
    """What went into venues, by id."""
    return _moves(receipt, treasury, "Invested")


def read_divested(receipt: Receipt, treasury: str) -> dict[str, VenueMove]:
    """What came back from venues, by id."""
    return _moves(receipt, treasury, "Divested")


def _moves(receipt: Receipt, treasury: str, name: str) -> dict[str, VenueMove]:
    return {
        log.topics[1]: VenueMove(_account(log.topics[2]), *_decoded(log, "uint256", "uint256"))
        for log in _logs(receipt, treasury, name)
    }


def _logs(receipt: Receipt, treasury: str, name: str) -> Iterator[Log]:
    topic = event_topic(CONTRACT, name)
    for log in receipt.logs:
        if log.address.lower() == treasury.lower() and log.topics[:1] == (topic,):
            if len(log.topics) != TOPICS:
                raise BadAnswerError(GET_RECEIPT, "an event of another form")
            yield log


def _decoded(log: Log, *kinds: str) -> tuple[Any, ...]:
    try:
        return decode(kinds, to_bytes(hexstr=log.data))
    except (DecodingError, ValueError) as error:
        raise BadAnswerError(GET_RECEIPT, "an event of another form") from error


def _account(topic: str) -> str:
    return to_checksum_address(f"0x{topic[-40:]}")
