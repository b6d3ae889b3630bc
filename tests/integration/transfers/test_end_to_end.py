"""Transfers between real treasuries over the keepers' bridges: each arrives once, exactly."""

from __future__ import annotations

import pytest

from keepers.model.bridge import Accepted, Crossed, Pending, Wait
from scripts.network.errors import TransactionFailedError
from tests.integration.transfers.carriers import Carrier, Order, Sent, open_carriers, send
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM, Treasuries
from tests.support.bridging import PaperClock, PaperEffect

SIX, EIGHTEEN = 10**6, 10**18
WANTED = 12_345
EXCHANGE_FEE = 1
ORDERS = {
    "CCTP": Order("CCTP", "USDC", ETHEREUM, ARBITRUM, WANTED * SIX),
    "CCTP back": Order("CCTP", "USDC", OPTIMISM, ETHEREUM, WANTED * SIX),
    "OFT 6 to 6": Order("OFT", "USDT", ETHEREUM, ARBITRUM, WANTED * SIX),
    "OFT 6 to 18": Order("OFT", "USDT", ARBITRUM, OPTIMISM, WANTED * EIGHTEEN),
    "OFT 18 to 6": Order("OFT", "USDT", OPTIMISM, ETHEREUM, WANTED * SIX),
    "EXCHANGE": Order("EXCHANGE", "USDC", ETHEREUM, OPTIMISM, WANTED * SIX),
    "EXCHANGE 18 to 6": Order("EXCHANGE", "USDT", OPTIMISM, ARBITRUM, WANTED * SIX),
    "CUSTODIAN": Order("CUSTODIAN", "USDC", ARBITRUM, OPTIMISM, WANTED * SIX),
    "CUSTODIAN 6 to 18": Order("CUSTODIAN", "USDT", ETHEREUM, OPTIMISM, WANTED * EIGHTEEN),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
async def test_transfer__end_to_end__brings_exactly_what_was_wanted_once(
    treasuries: Treasuries, order: Order
) -> None:
    before = treasuries.conservation()
    here, there = _idle(treasuries, order)
    async with open_carriers(treasuries) as carriers:
        carrier = carriers[order.route]
        sent = await send(treasuries, carrier, order)
        assert treasuries.conservation() == before
        proof = await _cross(treasuries, carrier, sent)
    assert treasuries.conservation() == before
    treasuries.send(order.destination, "receiveFromBridge", sent.transfer, proof)
    left, arrived = _idle(treasuries, order)
    assert here - left == sent.terms.amount
    assert arrived - there == sent.terms.min_received == order.wanted
    assert treasuries.conservation() == before
    assert treasuries.books(order.asset).in_flight == 0
    with pytest.raises(TransactionFailedError):
        treasuries.send(order.destination, "receiveFromBridge", sent.transfer, proof)
    with pytest.raises(TransactionFailedError):
        treasuries.send(order.source, "sendToBridge", sent.transfer, sent.options, value=EIGHTEEN)
    treasuries.bridges.deliver()
    assert _idle(treasuries, order) == (left, arrived)


ODD = 12_345_678_901_234_567_890_123
"""Amount with 18 decimals that a token with 6 decimals cannot represent."""


@pytest.mark.parametrize("route", ["OFT", "EXCHANGE", "CUSTODIAN"])
@pytest.mark.parametrize(
    ("source", "destination", "wanted"),
    [(ARBITRUM, OPTIMISM, ODD), (OPTIMISM, ETHEREUM, ODD // 10**12)],
    ids=["6 to 18", "18 to 6"],
)
async def test_transfer__odd_amount_and_other_decimals__brings_it_and_less_than_a_unit_more(
    treasuries: Treasuries, route: str, source: str, destination: str, wanted: int
) -> None:
    order, before = Order(route, "USDT", source, destination, wanted), treasuries.conservation()
    _, there = _idle(treasuries, order)
    async with open_carriers(treasuries) as carriers:
        sent = await send(treasuries, carriers[route], order)
        proof = await _cross(treasuries, carriers[route], sent)
    treasuries.send(destination, "receiveFromBridge", sent.transfer, proof)
    _, arrived = _idle(treasuries, order)
    coarse = 10 ** max(0, treasuries.decimals(destination, "USDT") - 6)
    assert 0 <= arrived - there - wanted <= coarse
    assert arrived - there >= sent.terms.min_received >= wanted
    assert treasuries.conservation() == before


async def test_cctp__fast_way__costs_the_fee_of_a_basis_point(treasuries: Treasuries) -> None:
    order = ORDERS["CCTP"]
    _, there = _idle(treasuries, order)
    async with open_carriers(treasuries, fast=True) as carriers:
        sent = await send(treasuries, carriers["CCTP"], order)
        proof = await _cross(treasuries, carriers["CCTP"], sent)
    treasuries.send(order.destination, "receiveFromBridge", sent.transfer, proof)
    _, arrived = _idle(treasuries, order)
    fee = -(-sent.terms.amount // 10_000)
    assert arrived - there == sent.terms.amount - fee >= order.wanted
    assert treasuries.books("USDC").fees == fee * 10**12


@pytest.mark.parametrize(
    ("name", "switch", "wait"),
    [
        ("CCTP", "attestations", Wait.CONFIRMING),
        ("OFT 6 to 18", "packets", Wait.PROCESSING),
        ("OFT 6 to 18", "composes", Wait.UNCOMPOSED),
        ("EXCHANGE", "deposits", Wait.UNSEEN),
        ("EXCHANGE", "unlocks", Wait.LOCKED),
        ("EXCHANGE", "withdrawals", Wait.PROCESSING),
        ("CUSTODIAN", "crossings", Wait.PROCESSING),
    ],
)
async def test_switch__held_back__waits_and_then_goes_on(
    treasuries: Treasuries, name: str, switch: str, wait: Wait
) -> None:
    order = ORDERS[name]
    async with open_carriers(treasuries) as carriers:
        carrier = carriers[order.route]
        sent = await send(treasuries, carrier, order)
        setattr(treasuries.bridges.switches, switch, True)
        treasuries.bridges.deliver()
        initiation = await carrier.initiate(sent.departure, _effect())
        treasuries.bridges.deliver()
        seen = initiation
        if isinstance(initiation, Accepted):
            seen = await carrier.track(sent.departure, initiation.remote_id)
        assert isinstance(seen, Pending)
        assert seen.wait is wait
        setattr(treasuries.bridges.switches, switch, False)
        await _cross(treasuries, carrier, sent)


async def test_bridges__served_in_the_background__deliver_by_themselves(
    treasuries: Treasuries,
) -> None:
    order = ORDERS["OFT 18 to 6"]
    async with open_carriers(treasuries) as carriers:
        sent = await send(treasuries, carriers["OFT"], order)
        route = treasuries.contract(order.destination, "USDT.OFT")
        arrival = route.events.Arrived.create_filter(from_block=0)
        with treasuries.bridges.serve(0.01) as serving:
            while not arrival.get_new_entries():
                assert not serving.done()
        assert isinstance(await carriers["OFT"].track(sent.departure, ""), Crossed)


def _idle(treasuries: Treasuries, order: Order) -> tuple[int, int]:
    return (
        treasuries.balance(order.source, order.asset),
        treasuries.balance(order.destination, order.asset),
    )


async def _cross(treasuries: Treasuries, carrier: Carrier, sent: Sent) -> bytes:
    """Run all steps of keeper and bridges up to the proof; return the proof."""
    treasuries.bridges.deliver()
    initiation = await carrier.initiate(sent.departure, _effect())
    assert isinstance(initiation, Accepted), initiation
    treasuries.bridges.deliver()
    crossed = await carrier.track(sent.departure, initiation.remote_id)
    assert isinstance(crossed, Crossed), crossed
    assert crossed.amount >= sent.terms.min_received
    return await carrier.complete(sent.departure, crossed)


def _effect() -> PaperEffect:
    return PaperEffect("transfer-1", PaperClock())
