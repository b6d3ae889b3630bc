"""Tests of treasury events: only the treasury's own and those of the right form count."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from keepers.chain.codec import event_topic
from keepers.chain.contracts.treasury import TRANSFER, transfer_row
from keepers.chain.treasury.calls import (
    read_divested,
    read_invested,
    read_received,
    read_sent,
)
from keepers.model.chain import Log
from keepers.model.errors.chain import BadAnswerError
from keepers.model.treasury import VenueMove
from tests.support.bridging import terms
from tests.unit.chain.treasury.treasury_node import KEEPER, TREASURY, USDC, VENUE
from tests.unit.chain.vault.test_maintenance_events import padded, receipt

ONE, TWO, NAME = ("0x" + each * 32 for each in ("11", "22", "33"))
SENT = f"0x{encode(('address', TRANSFER), (KEEPER, transfer_row(terms()))).hex()}"
PAIR = f"0x{encode(('uint256', 'uint256'), (9, 8)).hex()}"


def event(name: str, key: str, data: str, address: str = TREASURY.lower()) -> Log:
    second, third = (NAME, NAME) if "Transfer" in name else (padded(VENUE), padded(KEEPER))
    return Log(address, (event_topic("Treasury", name), key, second, third), data)


def test_sent__tells_how_much_left_by_id() -> None:
    found = receipt(event("TransferSent", TWO, SENT), event("TransferSent", ONE, SENT))
    assert read_sent(found, TREASURY) == {TWO: terms().amount, ONE: terms().amount}


def test_received__tells_how_much_by_id() -> None:
    data = f"0x{encode(('uint256',), (9,)).hex()}"
    assert read_received(receipt(event("TransferReceived", ONE, data)), TREASURY) == {ONE: 9}


def test_invested_and_divested__tell_where_and_how_much() -> None:
    found = receipt(event("Invested", ONE, PAIR), event("Divested", TWO, PAIR))
    assert read_invested(found, TREASURY) == {ONE: VenueMove(VENUE, 9, 8)}
    assert read_divested(found, TREASURY) == {TWO: VenueMove(VENUE, 9, 8)}


def test_events__of_somebody_else__do_not_count() -> None:
    found = receipt(event("TransferSent", ONE, SENT, USDC), event("Invested", ONE, PAIR, USDC))
    assert read_sent(found, TREASURY) == {}
    assert read_invested(found, TREASURY) == {}
    assert read_received(receipt(Log(TREASURY, (), "0x")), TREASURY) == {}


@pytest.mark.parametrize("data", ["0x", "0x01", "zz"])
def test_event__of_another_form__is_the_nodes_fault(data: str) -> None:
    with pytest.raises(BadAnswerError):
        read_received(receipt(event("TransferReceived", ONE, data)), TREASURY)


def test_event__without_its_topics__is_the_nodes_fault() -> None:
    short = Log(TREASURY, (event_topic("Treasury", "TransferSent"), ONE), "0x")
    with pytest.raises(BadAnswerError):
        read_sent(receipt(short), TREASURY)
