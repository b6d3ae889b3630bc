"""Events of a treasury in receipts."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.chain.codec import account_in, event
from keepers.chain.responses import GET_RECEIPT
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.treasury import VenueMove

CONTRACT = "Treasury"
AMOUNT = 5
"""Index of the amount among a transfer's terms."""

TOPICS = 4
"""The event's own, and three indexed fields, of which the first is the id."""


def read_sent(receipt: Receipt, treasury: str) -> dict[str, int]:
    """Return the amounts that left, by transfer id, in units of the token here.

    Raises:
        BadAnswerError: An event has another form, as in the functions below.
    """
    known = event(CONTRACT, "TransferSent")
    logs = _logs(receipt, treasury, "TransferSent")
    return {log.topics[1]: known.decode(log)[1][AMOUNT] for log in logs}


def read_received(receipt: Receipt, treasury: str) -> dict[str, int]:
    """Return the amounts that arrived, by transfer id, in units of the token here."""
    logs = _logs(receipt, treasury, "TransferReceived")
    return {log.topics[1]: received_in(log) for log in logs}


def received_in(log: Log) -> int:
    """Return the amount of one event of an arrival."""
    return event(CONTRACT, "TransferReceived").decode(log)[0]


def read_invested(receipt: Receipt, treasury: str) -> dict[str, VenueMove]:
    """Return the moves into venues, by id."""
    return _moves(receipt, treasury, "Invested")


def read_divested(receipt: Receipt, treasury: str) -> dict[str, VenueMove]:
    """Return the moves out of venues, by id."""
    return _moves(receipt, treasury, "Divested")


def _moves(receipt: Receipt, treasury: str, name: str) -> dict[str, VenueMove]:
    known = event(CONTRACT, name)
    return {
        log.topics[1]: VenueMove(account_in(log.topics[2]), *known.decode(log))
        for log in _logs(receipt, treasury, name)
    }


def _logs(receipt: Receipt, treasury: str, name: str) -> Iterator[Log]:
    known = event(CONTRACT, name)
    for log in receipt.logs:
        if known.is_in(log, treasury):
            if len(log.topics) != TOPICS:
                raise BadAnswerError(GET_RECEIPT, "an event of another form")
            yield log
