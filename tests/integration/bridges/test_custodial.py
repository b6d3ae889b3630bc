"""A custodian over HTTP: one crossing for a key, even if answers are lost."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from keepers.bridges.arrival import evidence_of
from keepers.bridges.custodial.bridge import CustodialBridge, CustodialLane
from keepers.bridges.custodial.service import Custodian
from keepers.bridges.http import JsonService
from keepers.model.bridge import (
    Accepted,
    Crossed,
    CrossingRequest,
    Departure,
    Pending,
    Stuck,
    Wait,
)
from keepers.model.errors.transfers import BridgeUnreachableError
from scripts.network.bridging import faults
from scripts.network.bridging.custodian import CustodianService
from scripts.network.bridging.server import running
from tests.support.bridging import (
    DESTINATION,
    HASH,
    INBOX,
    ROUTES,
    SOURCE,
    TOKENS,
    PaperChain,
    PaperClock,
    PaperEffect,
    departure,
    payment,
    receipt,
    terms,
)

LANE = CustodialLane(
    asset="USDC",
    source=SOURCE,
    destination=DESTINATION,
    source_route=ROUTES[0],
    destination_route=ROUTES[1],
    token=TOKENS[1],
    inbox=INBOX,
)
THERE = "0x" + "33" * 32
KEY = "transfer-1"
AMOUNT = 100_000_000


@pytest.fixture
def service() -> Generator[CustodianService]:
    counterpart = CustodianService()
    with running(counterpart):
        yield counterpart


@pytest.fixture
def bridge(
    service: CustodianService, source: PaperChain, destination: PaperChain
) -> CustodialBridge:
    used(destination)
    custodian = Custodian(JsonService(name="custodian", url=service.url, seconds=2))
    return CustodialBridge(custodian, {SOURCE: source, DESTINATION: destination}, (LANE,))


def used(chain: PaperChain, *evidence: bytes) -> None:
    """Set the evidence that our route has booked."""
    chain.on(ROUTES[1], "isUsed(bytes32)", lambda data: encode(["bool"], [data in evidence]))


def leave(least: int = AMOUNT) -> Departure:
    return departure(terms(route="CUSTODIAN", least=least))


@pytest.fixture
def effect(clock: PaperClock) -> PaperEffect:
    return PaperEffect(KEY, clock)


async def test_initiate__is_recorded_before_it_is_asked_for(
    bridge: CustodialBridge, service: CustodianService, effect: PaperEffect
) -> None:
    effect.before = lambda: assert_nothing(service)
    assert await bridge.initiate(leave(), effect) == Accepted(KEY)
    assert service.crossings[KEY]["terms"]["to"] == INBOX
    assert service.crossings[KEY]["terms"]["deposit"] == HASH


def assert_nothing(service: CustodianService) -> None:
    assert service.asked == []


@pytest.mark.parametrize(
    "fault", [faults.deaf_after, faults.failing_after], ids=["time-out", "5xx"]
)
async def test_initiate__an_answer_lost_after_accepting_makes_no_second_crossing(
    bridge: CustodialBridge, service: CustodianService, effect: PaperEffect, fault: Any
) -> None:
    # The HTTP library repeats a harmless request once by itself.
    service.when("/v1/crossings", fault, times=2)
    found = await bridge.initiate(leave(), effect)
    assert isinstance(found, Pending)
    assert found.wait is Wait.UNSURE
    service.heal()
    assert await bridge.initiate(leave(), effect) == Accepted(KEY)
    assert len(service.crossings) == 1


async def test_initiate__again_and_again_is_one(
    bridge: CustodialBridge, service: CustodianService, effect: PaperEffect
) -> None:
    for _ in range(3):
        assert await bridge.initiate(leave(), effect) == Accepted(KEY)
    assert len(service.crossings) == 1


async def test_initiate__other_terms_under_one_key_are_stuck(
    bridge: CustodialBridge, effect: PaperEffect
) -> None:
    await bridge.initiate(leave(), effect)
    found = await bridge.initiate(leave(least=1), effect)
    assert isinstance(found, Stuck)
    assert "different terms" in found.reason


async def test_initiate__refused_is_stuck(
    bridge: CustodialBridge, service: CustodianService, effect: PaperEffect
) -> None:
    service.when("/v1/crossings", faults.answering(422, {"reason": "not our customer"}))
    found = await bridge.initiate(leave(), effect)
    assert isinstance(found, Stuck)
    assert "not our customer" in found.reason


async def test_initiate__down_is_unsure(
    bridge: CustodialBridge, service: CustodianService, effect: PaperEffect
) -> None:
    service.when("/v1/crossings", faults.down())
    found = await bridge.initiate(leave(), effect)
    assert isinstance(found, Pending)
    assert found.wait is Wait.UNSURE


@pytest.fixture
async def accepted(bridge: CustodialBridge, effect: PaperEffect) -> Departure:
    left = leave()
    await bridge.initiate(left, effect)
    return left


async def test_track__accepted_and_crossing_are_pending(
    bridge: CustodialBridge, service: CustodianService, accepted: Departure
) -> None:
    for state in ("accepted", "crossing"):
        service.move(KEY, state)
        found = await bridge.track(accepted, KEY)
        assert isinstance(found, Pending)
        assert found.wait is Wait.PROCESSING


@pytest.mark.parametrize("state", ["held", "failed"])
async def test_track__held_and_failed_are_stuck(
    bridge: CustodialBridge, service: CustodianService, accepted: Departure, state: str
) -> None:
    service.move(KEY, state, reason="compliance")
    found = await bridge.track(accepted, KEY)
    assert isinstance(found, Stuck)
    assert "compliance" in found.reason


def pay(service: CustodianService, chain: PaperChain, *amounts: int, said: int = AMOUNT) -> None:
    """Pay as the custodian with one transaction, and report the amount."""
    chain.receipts[THERE] = receipt([payment(each) for each in amounts], hash_=THERE)
    service.move(KEY, "crossed", transaction=THERE, amount=str(said))


async def test_track__crossed_is_what_the_chain_shows(
    bridge: CustodialBridge,
    service: CustodianService,
    destination: PaperChain,
    accepted: Departure,
) -> None:
    pay(service, destination, 5, AMOUNT)
    found = await bridge.track(accepted, KEY)
    assert isinstance(found, Crossed)
    assert decode(["bytes32", "uint256"], found.proof) == (evidence_of(THERE, 1), AMOUNT)
    assert await bridge.complete(accepted, found) == found.proof


async def test_track__evidence_that_was_booked_is_not_given_again(
    bridge: CustodialBridge,
    service: CustodianService,
    destination: PaperChain,
    accepted: Departure,
) -> None:
    """Two equal payments in one transaction are two arrivals."""
    pay(service, destination, AMOUNT, AMOUNT)
    used(destination, evidence_of(THERE, 0))
    found = await bridge.track(accepted, KEY)
    assert isinstance(found, Crossed)
    assert decode(["bytes32", "uint256"], found.proof)[0] == evidence_of(THERE, 1)


async def test_track__a_transaction_that_is_not_there_yet_is_pending(
    bridge: CustodialBridge, service: CustodianService, accepted: Departure
) -> None:
    service.move(KEY, "crossed", transaction=THERE, amount=str(AMOUNT))
    found = await bridge.track(accepted, KEY)
    assert isinstance(found, Pending)
    assert found.wait is Wait.CONFIRMING


@pytest.mark.parametrize("paid", [(), (AMOUNT - 1,)], ids=["nothing", "less than said"])
async def test_track__a_lie_about_the_payment_is_stuck(
    bridge: CustodialBridge,
    service: CustodianService,
    destination: PaperChain,
    accepted: Departure,
    paid: tuple[int, ...],
) -> None:
    pay(service, destination, *paid)
    assert isinstance(await bridge.track(accepted, KEY), Stuck)


async def test_track__short_and_reverted_are_stuck(
    bridge: CustodialBridge,
    service: CustodianService,
    destination: PaperChain,
    accepted: Departure,
) -> None:
    pay(service, destination, AMOUNT - 1, said=AMOUNT - 1)
    assert isinstance(await bridge.track(accepted, KEY), Stuck)
    destination.receipts[THERE] = receipt(hash_=THERE, succeeded=False)
    assert isinstance(await bridge.track(accepted, KEY), Stuck)


@pytest.mark.parametrize(
    "fault",
    [
        faults.down(),
        faults.silent,
        faults.answering(200, {"id": "1", "state": "lost"}),
        faults.answering(200, {"id": "1", "state": "crossed", "amount": -1}),
        faults.answering(429, {}),
    ],
    ids=["503", "silent", "other state", "negative", "429"],
)
async def test_track__what_cannot_be_read_is_unknown(
    bridge: CustodialBridge, service: CustodianService, accepted: Departure, fault: Any
) -> None:
    service.when("/v1/crossings", fault)
    found = await bridge.track(accepted, KEY)
    assert isinstance(found, Pending)
    assert not found.is_known


async def test_track__forgotten_by_the_custodian_is_stuck(
    bridge: CustodialBridge, service: CustodianService, accepted: Departure
) -> None:
    service.crossings.clear()
    assert isinstance(await bridge.track(accepted, KEY), Stuck)


async def test_quote__is_grossed_up_and_clipped(
    bridge: CustodialBridge, service: CustodianService
) -> None:
    service.lane |= {"fixed": "1000000", "bps": "2.5", "maximum": "200000000"}
    wanted = CrossingRequest(asset="USDC", source=SOURCE, destination=DESTINATION, receive=AMOUNT)
    quote = await bridge.quote(wanted)
    assert (quote.send - quote.fee, quote.receive) == (AMOUNT, AMOUNT)
    clipped = await bridge.quote(replace(wanted, receive=500_000_000))
    assert (clipped.send, clipped.whole) == (200_000_000, False)
    service.lane |= {"open": False, "reason": "closed for the weekend"}
    assert (await bridge.quote(wanted)).unavailable == "closed for the weekend"


def test_service__elsewhere_needs_tls() -> None:
    with pytest.raises(BridgeUnreachableError, match="https"):
        JsonService(name="custodian", url="http://custodian.example/key")


def test_service__never_shows_its_path() -> None:
    service = JsonService(name="custodian", url="https://custodian.example/secret?key=1")
    assert "secret" not in service.shown
    assert "secret" not in repr(service)
