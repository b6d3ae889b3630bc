"""OFT: the destination chain first, the scan service second; rows F7 and F10."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from eth_abi.abi import encode

from keepers.bridges.http import JsonService
from keepers.bridges.oft.bridge import OftBridge
from keepers.bridges.oft.lane import OftLane
from keepers.bridges.oft.scan import Scan
from keepers.chain.codec import account_topic, number_topic
from keepers.model.bridge import (
    Accepted,
    Crossed,
    CrossingRequest,
    Departure,
    Pending,
    Stuck,
    Wait,
)
from keepers.model.chain import Log
from keepers.model.errors.chain import ChainUnreachableError
from keepers.model.errors.transfers import ArrivedShortError, NoDepartureError
from scripts.network.bridging import faults
from scripts.network.bridging.scan import ScanService
from scripts.network.bridging.server import running
from tests.support.bridging import (
    DESTINATION,
    HASH,
    QUOTE,
    ROUTES,
    SOURCE,
    PaperChain,
    PaperClock,
    PaperEffect,
    departure,
    event,
    quoting,
    terms,
)

OFTS = ("0x" + "0a" * 20, "0x" + "0b" * 20)
GUID = "0x" + "6d" * 32
AMOUNT = 5_000_000_000
LANE = OftLane(
    asset="USDT",
    source=SOURCE,
    destination=DESTINATION,
    source_route=ROUTES[0],
    destination_route=ROUTES[1],
    source_oft=OFTS[0],
    destination_oft=OFTS[1],
)
WANTED = CrossingRequest(asset="USDT", source=SOURCE, destination=DESTINATION, receive=AMOUNT)
TERMS = terms(asset="USDT", route="OFT", amount=AMOUNT)


@pytest.fixture
def service() -> Generator[ScanService]:
    counterpart = ScanService()
    with running(counterpart):
        yield counterpart


def bridge_of(
    service: ScanService, source: PaperChain, destination: PaperChain, **lane: Any
) -> OftBridge:
    scan = Scan(JsonService(name="scan", url=service.url, seconds=2))
    chains = {SOURCE: source, DESTINATION: destination}
    return OftBridge(scan, chains, (replace(LANE, **lane),))


@pytest.fixture
def bridge(service: ScanService, source: PaperChain, destination: PaperChain) -> OftBridge:
    waiting(destination, 0)
    return bridge_of(service, source, destination)


def waiting(chain: PaperChain, amount: int, since: int = SOURCE) -> None:
    """Set the amount that our route there has for the transfer."""

    def answer(data: bytes) -> bytes:
        asked_of = int.from_bytes(data[32:64], "big")
        return encode(["uint256"], [amount if asked_of == since else 0])

    chain.on(ROUTES[1], "arrivalOf(bytes32,uint256)", answer)


def logs_of(left: Departure, *, guid: str = GUID, amount: int = AMOUNT) -> tuple[Log, Log]:
    """Return the events of the receipt: the token's, and then our route's."""
    sent = event(
        "OFTSent(bytes32,uint32,address,uint256,uint256)",
        OFTS[0],
        (guid, account_topic(ROUTES[0])),
        encode(["uint32", "uint256", "uint256"], [30110, amount, amount]),
    )
    words = [left.terms.amount, left.terms.min_received, bytes.fromhex(GUID[2:])]
    dispatched = event(
        "Dispatched(bytes32,uint256,uint256,uint256,bytes32)",
        ROUTES[0],
        (left.transfer_id, number_topic(DESTINATION)),
        encode(["uint256", "uint256", "bytes32"], words),
    )
    return sent, dispatched


def leave() -> Departure:
    left = departure(TERMS)
    return replace(left, receipt=replace(left.receipt, logs=logs_of(left)))


async def test_guid__other_decimals_there__compares_the_least_amount_in_units_of_here(
    service: ScanService, source: PaperChain, destination: PaperChain
) -> None:
    waiting(destination, 0)
    bridge = bridge_of(service, source, destination, source_decimals=18)
    there = terms(asset="USDT", route="OFT", amount=AMOUNT * 10**12, least=AMOUNT)
    left = departure(there)
    here = replace(left, terms=replace(there, min_received=AMOUNT * 10**12))
    logs = logs_of(here, amount=there.amount)
    dispatched = replace(logs[1], topics=(logs[1].topics[0], left.transfer_id, *logs[1].topics[2:]))
    left = replace(left, receipt=replace(left.receipt, logs=(logs[0], dispatched)))
    assert await bridge.initiate(left, PaperEffect("key", PaperClock())) == Accepted(GUID)


def received(amount: int = AMOUNT) -> Log:
    return event(
        "OFTReceived(bytes32,uint32,address,uint256)",
        OFTS[1],
        (GUID, account_topic(ROUTES[1])),
        encode(["uint32", "uint256"], [30101, amount]),
    )


def arrived(left: Departure, amount: int = AMOUNT) -> Log:
    topics = (left.transfer_id, number_topic(SOURCE), GUID)
    data = encode(["uint256"], [amount])
    return event("Arrived(bytes32,uint256,bytes32,uint256)", ROUTES[1], topics, data)


async def test_initiate__finds_the_guid_in_the_receipt(bridge: OftBridge) -> None:
    assert await bridge.initiate(leave(), PaperEffect("k", PaperClock())) == Accepted(GUID)


@pytest.mark.parametrize("part", ["no route", "no token", "other guid", "other amount"])
async def test_initiate__without_both_events_is_no_departure(bridge: OftBridge, part: str) -> None:
    left = departure(TERMS)
    sent, dispatched = logs_of(left)
    logs = {
        "no route": (sent,),
        "no token": (dispatched,),
        "other guid": (logs_of(left, guid="0x" + "aa" * 32)[0], dispatched),
        "other amount": (logs_of(left, amount=1)[0], dispatched),
    }[part]
    broken = replace(left, receipt=replace(left.receipt, logs=logs))
    with pytest.raises(NoDepartureError):
        await bridge.initiate(broken, PaperEffect("k", PaperClock()))


async def test_chain_first__booked_and_waiting_is_crossed_whatever_the_scan_says(
    bridge: OftBridge, destination: PaperChain, service: ScanService
) -> None:
    waiting(destination, AMOUNT)
    service.tell(GUID, "FAILED", destination="FAILED")
    found = await bridge.track(leave(), GUID)
    assert found == Crossed(amount=AMOUNT, proof=b"", facts={"guid": GUID})
    assert service.asked == []


async def test_chain_first__from_another_chain_does_not_count(
    bridge: OftBridge, destination: PaperChain
) -> None:
    waiting(destination, AMOUNT, since=8453)
    assert isinstance(await bridge.track(leave(), GUID), Pending)


async def test_chain_first__collected_before_is_crossed(
    bridge: OftBridge, destination: PaperChain
) -> None:
    left = leave()
    destination.events = [received(), arrived(left)]
    assert isinstance(await bridge.track(left, GUID), Crossed)


async def test_chain_first__tokens_without_their_message_wait_for_it(
    bridge: OftBridge, destination: PaperChain, service: ScanService
) -> None:
    destination.events = [received()]
    service.tell(GUID, "DELIVERED", destination="SUCCEEDED")
    found = await bridge.track(leave(), GUID)
    assert found == Pending(Wait.UNCOMPOSED, f"{AMOUNT} units are at our route")
    service.when("/v1/messages", faults.down())
    assert await bridge.track(leave(), GUID) == found


async def test_chain_first__less_than_the_terms_is_stuck(
    bridge: OftBridge, destination: PaperChain
) -> None:
    waiting(destination, AMOUNT - 1)
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Stuck)
    with pytest.raises(ArrivedShortError):
        await bridge.complete(leave(), Crossed(amount=AMOUNT - 1, proof=b""))


async def test_chain_first__unreadable_says_so(bridge: OftBridge, destination: PaperChain) -> None:
    destination.problem = ChainUnreachableError("node", "down")
    with pytest.raises(ChainUnreachableError):
        await bridge.track(leave(), GUID)


@pytest.mark.parametrize(
    ("status", "destination_status"),
    [("DELIVERED", "WAITING"), ("CONFIRMING", "SUCCEEDED")],
    ids=["top-level DELIVERED", "destination SUCCEEDED"],
)
async def test_f10__delivered_is_complete_as_soon_as_the_chain_shows_it(
    bridge: OftBridge,
    service: ScanService,
    destination: PaperChain,
    status: str,
    destination_status: str,
) -> None:
    service.tell(GUID, status, destination=destination_status)
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Pending)
    assert found.wait is Wait.CONFIRMING
    waiting(destination, AMOUNT)
    assert isinstance(await bridge.track(leave(), GUID), Crossed)


@pytest.mark.parametrize("status", ["FAILED", "BLOCKED", "PAYLOAD_STORED"])
async def test_f10__failed_is_fatal(bridge: OftBridge, service: ScanService, status: str) -> None:
    service.tell(GUID, status)
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Stuck)
    assert status in found.reason
    service.tell(GUID, "INFLIGHT", destination="FAILED")
    assert isinstance(await bridge.track(leave(), GUID), Stuck)


@pytest.mark.parametrize(
    "fault",
    [faults.down(), faults.silent, faults.answering(200, b"?"), faults.answering(200, {})],
    ids=["503", "silent", "page", "no data"],
)
async def test_f10__http_error_is_pending(
    bridge: OftBridge, service: ScanService, fault: Any
) -> None:
    service.when("/v1/messages", fault)
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Pending)
    assert not found.is_known


@pytest.mark.parametrize("status", [400, 404])
async def test_5_2_new_messages_give_an_error_or_an_empty_list(
    bridge: OftBridge, service: ScanService, status: int
) -> None:
    assert isinstance(await bridge.track(leave(), GUID), Pending)
    service.when("/v1/messages", faults.answering(status, {"message": "?"}))
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Pending)
    assert found.wait is Wait.UNSEEN


@pytest.mark.parametrize("status", ["INFLIGHT", "CONFIRMING"])
async def test_5_2_under_way(bridge: OftBridge, service: ScanService, status: str) -> None:
    service.tell(GUID, status)
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Pending)
    assert found.wait is Wait.PROCESSING


async def test_5_2_a_message_of_another_guid_does_not_count(
    bridge: OftBridge, service: ScanService
) -> None:
    service.tell(GUID, "FAILED")
    service.messages[GUID]["guid"] = "0x" + "aa" * 32
    found = await bridge.track(leave(), GUID)
    assert isinstance(found, Pending)
    assert found.wait is Wait.UNSEEN


async def test_track__under_another_name_is_stuck(bridge: OftBridge) -> None:
    assert isinstance(await bridge.track(leave(), "0x" + "aa" * 32), Stuck)


@pytest.mark.parametrize(
    ("capacity", "fee_bps", "expected"),
    [
        (5, 0, (5_000_000, 4_975_000)),
        (100, 0, (20_000_000, 19_900_000)),
        (0, 0, None),
        (3, 0, None),
        (100, 100, None),
    ],
    ids=["capacity 5", "capacity 100", "capacity 0", "capacity 3 is 15 %", "fee 1 %"],
)
async def test_f7__request_20(
    service: ScanService,
    source: PaperChain,
    capacity: int,
    fee_bps: int,
    expected: tuple[int, int] | None,
) -> None:
    """The pool may lose half a percent in transit, and the bound allows for it."""
    fee = quoting(lambda amount: -(-amount * fee_bps // 10_000), most=capacity * 10**6)
    source.on(ROUTES[0], QUOTE, fee)
    bridge = bridge_of(service, source, source, tolerance_bps=Fraction(50))
    quote = await bridge.quote(replace(WANTED, receive=20_000_000))
    assert bool(quote.unavailable) is (expected is None)
    if expected is not None:
        assert (quote.send, quote.receive) == expected
        assert quote.whole is (capacity == 100)


async def test_quote__usdt0_is_one_to_one(bridge: OftBridge, source: PaperChain) -> None:
    source.on(ROUTES[0], QUOTE, quoting(lambda _: 0, native=123))
    quote = await bridge.quote(WANTED)
    assert (quote.send, quote.receive, quote.native_fee) == (AMOUNT, AMOUNT, 123)


@pytest.mark.parametrize("fee_bps", [1, 6, 37])
async def test_quote__a_fee_is_grossed_up_with_the_contract_s_own_answers(
    bridge: OftBridge, source: PaperChain, fee_bps: int
) -> None:
    source.on(ROUTES[0], QUOTE, quoting(lambda amount: -(-amount * fee_bps // 10_000)))
    quote = await bridge.quote(WANTED)
    assert quote.receive == AMOUNT
    assert quote.whole


async def test_quote__dust_stays_at_home(
    service: ScanService, source: PaperChain, destination: PaperChain
) -> None:
    """18 decimals on both chains, 6 in transit."""
    source.on(ROUTES[0], QUOTE, quoting(lambda _: 0, most=10**30))
    bridge = bridge_of(service, source, destination, source_decimals=18, destination_decimals=18)
    quote = await bridge.quote(replace(WANTED, receive=1_234_567_890_123_456_789))
    assert quote.send == 1_234_568_000_000_000_000
    assert quote.receive >= 1_234_567_890_123_456_789


def test_explain__says_what_to_do(bridge: OftBridge) -> None:
    text = bridge.explain(Stuck("LayerZero reports FAILED", "Retry it."))
    assert "Nothing is sent again" in text
    assert HASH not in text
