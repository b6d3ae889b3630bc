"""CCTP against an attestation service that really signs; rows of `crosschain.md`, 5.1."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_account import Account
from eth_utils.crypto import keccak

from keepers.bridges.cctp.bridge import CctpBridge
from keepers.bridges.cctp.iris import PER_SECOND, Iris
from keepers.bridges.cctp.lane import CctpLane
from keepers.bridges.http import JsonService
from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Pending,
    Stuck,
    Wait,
)
from keepers.model.errors.transfers import (
    ArrivedShortError,
    BridgeUnreachableError,
    ForgedMessageError,
    NoDepartureError,
    RouteUnavailableError,
)
from scripts.network.bridging import faults
from scripts.network.bridging.attestation import AttestationService
from scripts.network.bridging.server import running
from tests.support.bridging import (
    DESTINATION,
    HASH,
    QUOTE,
    ROUTES,
    SOURCE,
    TRANSMITTER,
    PaperChain,
    PaperClock,
    PaperEffect,
    circle,
    departure,
    event,
    quoting,
    receipt,
    terms,
)
from tests.support.burning import Burning, burn_of, message_of, sent

LANE = CctpLane(
    asset="USDC",
    source=SOURCE,
    destination=DESTINATION,
    source_route=ROUTES[0],
    destination_route=ROUTES[1],
    source_domain=0,
    destination_domain=3,
    transmitter=TRANSMITTER,
    fast=True,
)
KEYS = [Account.from_key(keccak(text=f"attester {each}")) for each in range(2)]
STRANGER = Account.from_key(keccak(text="stranger"))
WANTED = CrossingRequest(
    asset="USDC", source=SOURCE, destination=DESTINATION, receive=5_000_000_000
)


@pytest.fixture
def service() -> Generator[AttestationService]:
    counterpart = AttestationService(KEYS)
    with running(counterpart):
        yield counterpart


@pytest.fixture
def iris(service: AttestationService, clock: PaperClock) -> Iris:
    return Iris(JsonService(name="Iris", url=service.url, seconds=2), clock)


def bridge_of(iris: Iris, source: PaperChain, destination: PaperChain, **lane: Any) -> CctpBridge:
    circle(source, ROUTES[0])
    circle(destination, ROUTES[1])
    return CctpBridge(iris, {SOURCE: source, DESTINATION: destination}, (replace(LANE, **lane),))


@pytest.fixture
def bridge(iris: Iris, source: PaperChain, destination: PaperChain) -> CctpBridge:
    source.on(ROUTES[0], QUOTE, quoting(lambda _: 0))
    return bridge_of(iris, source, destination)


def leave(service: AttestationService, **changes: Any) -> Departure:
    """Return the departure of a burn that the service has seen."""
    least = changes.pop("least", None)
    of = terms(least=least)
    message = message_of(burn_of(of, **changes))
    service.observe(0, HASH, [message])
    return departure(of, [sent(message)])


FAST = {"max_fee": 50_000, "threshold": 1000, "least": 99_950_000}


async def test_5_1_messages__404_is_normal_until_the_burn_is_seen(bridge: CctpBridge) -> None:
    of = terms()
    left = departure(of, [sent(message_of(burn_of(of)))])
    assert await bridge.track(left, "") == Pending(
        Wait.UNSEEN, "the attestation service has not seen the burn"
    )


@pytest.mark.parametrize("message", ["0x", "", None])
@pytest.mark.parametrize("attestation", ["PENDING", None])
async def test_5_1_messages__pending_in_all_its_forms(
    bridge: CctpBridge, service: AttestationService, message: str | None, attestation: str | None
) -> None:
    left = leave(service)

    def pending(body: Any) -> Any:
        fields = {"message": message, "attestation": attestation}
        return {"messages": [{**each, **fields} for each in body["messages"]]}

    service.when("/v2/messages", faults.lying(pending))
    found = await bridge.track(left, "")
    assert isinstance(found, Pending)
    assert found.wait is Wait.CONFIRMING


async def test_5_1_messages__complete_without_bytes_is_not_complete(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service)
    service.when("/v2/messages", faults.lying(lambda body: _with(body, status="complete")))
    assert isinstance(await bridge.track(left, ""), Pending)


def _with(body: Any, **fields: Any) -> Any:
    return {"messages": [{**each, **fields} for each in body["messages"]]}


@pytest.mark.parametrize(
    ("reason", "wait"),
    [
        ("insufficient_fee", Wait.FEE_TOO_LOW),
        ("amount_above_max", Wait.TOO_LARGE),
        ("insufficient_allowance_available", Wait.NO_ALLOWANCE),
        ("something_new", Wait.PROCESSING),
    ],
)
async def test_5_1_delay_reason(
    bridge: CctpBridge, service: AttestationService, reason: str, wait: Wait
) -> None:
    left = leave(service, **FAST)
    service.delay(HASH, reason)
    found = await bridge.track(left, "")
    assert isinstance(found, Pending)
    assert found.wait is wait
    assert reason in bridge.explain(found)


async def test_5_1_standard__crosses_whole(bridge: CctpBridge, service: AttestationService) -> None:
    left = leave(service)
    message = service.attest(HASH)
    found = await bridge.track(left, "")
    assert isinstance(found, Crossed)
    assert found.amount == 100_000_000
    assert decode(["bytes", "bytes"], found.proof) == (message, service.sign(message))
    assert await bridge.complete(left, found) == found.proof


async def test_5_1_fast__the_fee_that_was_taken_is_told(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service, **FAST)
    service.attest(HASH, fee=10_000, finality=1000, expiration_block=43_200)
    found = await bridge.track(left, "")
    assert isinstance(found, Crossed)
    assert found.amount == 99_990_000


async def test_5_1_fast__requested_and_served_as_standard(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service, **FAST)
    service.attest(HASH, fee=0, finality=2000)
    found = await bridge.track(left, "")
    assert isinstance(found, Crossed)
    assert found.amount == 100_000_000


@pytest.mark.parametrize(
    ("filled", "part"),
    [
        ({"fee": 50_001, "finality": 1000}, "fee_executed"),
        ({"fee": 0, "finality": 499}, "finality_executed"),
    ],
)
async def test_5_1_fast__what_the_chain_would_refuse_is_stuck(
    bridge: CctpBridge, service: AttestationService, filled: dict[str, int], part: str
) -> None:
    left = leave(service, **FAST)
    service.attest(HASH, **filled)
    found = await bridge.track(left, "")
    assert isinstance(found, Stuck)
    assert part in found.reason


async def test_5_1_expiry__asks_for_another_attestation_and_goes_on_with_it(
    bridge: CctpBridge, service: AttestationService, destination: PaperChain
) -> None:
    left = leave(service, **FAST)
    service.attest(HASH, fee=10_000, finality=1000, expiration_block=1_000)
    service.new_expiration = 50_000
    found = await bridge.track(left, "")
    assert found == Pending(Wait.EXPIRED, "the attestation expired at block 1000")
    assert service.count("/v2/reattest/", "POST") == 1
    again = await bridge.track(left, "")
    assert isinstance(again, Crossed)
    assert again.facts["expires_at_block"] == "50000"
    destination.block = 50_000
    assert isinstance(await bridge.track(left, ""), Pending)


async def test_5_1_expiry__a_block_before_its_end_is_in_time(
    bridge: CctpBridge, service: AttestationService, destination: PaperChain
) -> None:
    left = leave(service, **FAST)
    service.attest(HASH, fee=10_000, finality=1000, expiration_block=1_000)
    destination.block = 999
    assert isinstance(await bridge.track(left, ""), Crossed)
    assert service.count("/v2/reattest/") == 0


async def test_5_1_reattest__a_refusal_leaves_it_pending(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service, **FAST)
    service.attest(HASH, fee=10_000, finality=1000, expiration_block=1_000)
    service.when("/v2/reattest", faults.answering(400, {"error": "too early"}))
    found = await bridge.track(left, "")
    assert isinstance(found, Pending)
    assert not found.is_known


async def test_5_1_rate__429_closes_for_five_minutes_without_a_request(
    bridge: CctpBridge, service: AttestationService, clock: PaperClock
) -> None:
    left = leave(service)
    service.attest(HASH)
    service.when("/v2/messages", faults.answering(429, {"error": "slow down"}), times=1)
    found = await bridge.track(left, "")
    assert isinstance(found, Pending)
    assert found.wait is Wait.UNREADABLE
    clock.pass_(seconds=299)
    assert isinstance(await bridge.track(left, ""), Pending)
    assert service.count("/v2/") == 1
    clock.pass_(seconds=1)
    assert isinstance(await bridge.track(left, ""), Crossed)


async def test_5_1_rate__never_above_the_limit_in_any_second(
    iris: Iris, service: AttestationService, clock: PaperClock
) -> None:
    for _ in range(PER_SECOND + 1):
        await iris.allowance()
    assert service.count("/v2/") == PER_SECOND + 1
    assert sum(clock.slept) == pytest.approx(1)  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize(
    "fault",
    [
        faults.down(503),
        faults.down(500),
        faults.silent,
        faults.answering(200, b"<html>"),
        faults.answering(200, {"messages": "none"}),
        faults.answering(200, {"messages": [{"status": 5}]}),
        faults.answering(403, {"error": "no"}),
        faults.answering(200, b"[" * 100_000),
    ],
    ids=["503", "500", "silent", "page", "not a list", "no status", "403", "deep"],
)
async def test_5_1_down__is_pending_and_unknown(
    bridge: CctpBridge, service: AttestationService, fault: Any
) -> None:
    left = leave(service)
    service.attest(HASH)
    service.when("/v2/messages", fault)
    found = await bridge.track(left, "")
    assert isinstance(found, Pending)
    assert not found.is_known
    service.heal()
    assert isinstance(await bridge.track(left, ""), Crossed)


async def test_5_1_late__an_answer_in_no_time_is_unknown(
    service: AttestationService, clock: PaperClock, source: PaperChain, destination: PaperChain
) -> None:
    impatient = Iris(JsonService(name="Iris", url=service.url, seconds=0.2), clock)
    left = leave(service)
    gate = threading.Event()
    service.when("/v2/messages", faults.slow(gate))
    found = await bridge_of(impatient, source, destination).track(left, "")
    gate.set()
    assert isinstance(found, Pending)
    assert "no answer in time" in found.text


async def test_5_1_late__who_asks_next_does_not_wait_again(
    service: AttestationService, clock: PaperClock, source: PaperChain, destination: PaperChain
) -> None:
    """The service is unavailable for all lanes, so it gets only one request in that time."""
    impatient = Iris(JsonService(name="Iris", url=service.url, seconds=1), clock)
    bridge, left = bridge_of(impatient, source, destination), leave(service)
    gate = threading.Event()
    service.when("/v2/messages", faults.slow(gate))
    first, second = [await bridge.track(left, "") for _ in range(2)]
    gate.set()
    assert isinstance(first, Pending)
    assert isinstance(second, Pending)
    assert "no response in time to the last request; retried in" in second.text
    assert len(service.asked) == 1


async def test_5_1_identical_burns__each_finds_its_own_message(
    bridge: CctpBridge, service: AttestationService
) -> None:
    """Two burns of one transaction; messages are ordered by their log index."""
    one, two = terms(), replace(terms(), nonce=8)
    messages = [message_of(burn_of(each)) for each in (one, two)]
    service.observe(0, HASH, messages)
    attested = [service.attest(HASH, place) for place in range(2)]
    logs = [sent(each) for each in messages]
    for of, mine in zip((one, two), attested, strict=True):
        found = await bridge.track(departure(of, logs), "")
        assert isinstance(found, Crossed)
        assert decode(["bytes", "bytes"], found.proof)[0] == mine


async def test_5_1_contradiction__another_message_in_its_place_is_stuck(
    bridge: CctpBridge, service: AttestationService
) -> None:
    of = terms()
    message = message_of(burn_of(of))
    service.observe(0, HASH, [message_of(burn_of(of, amount=1_000_000_000))])
    service.attest(HASH)
    found = await bridge.track(departure(of, [sent(message)]), "")
    assert isinstance(found, Stuck)
    assert "amount" in found.reason


async def test_5_1_forged__signed_by_a_stranger_is_stuck(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service)
    honest = service.attesters
    service.attesters = [STRANGER]
    service.attest(HASH)
    service.attesters = honest
    found = await bridge.track(left, "")
    assert isinstance(found, Stuck)
    assert STRANGER.address in found.reason


async def test_5_1_keys__a_new_attester_is_learnt(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service)
    service.attest(HASH)
    assert isinstance(await bridge.track(left, ""), Crossed)
    service.attesters = [STRANGER]
    service.attest(HASH)
    assert isinstance(await bridge.track(left, ""), Crossed)
    assert service.count("/v2/publicKeys") == 2


@pytest.mark.parametrize(
    "burn",
    [
        {"recipient": "0x" + "99" * 20},
        {"caller": "0x" + "00" * 20},
        {"amount": 99},
        {"sender": "0x" + "99" * 20},
        {"destination_domain": 6},
        {"hook": b"other"},
    ],
    ids=lambda each: next(iter(each)),
)
async def test_departure__that_is_not_ours_is_refused(
    bridge: CctpBridge, burn: dict[str, Any]
) -> None:
    of = terms()
    left = departure(of, [sent(message_of(burn_of(of, **burn)))])
    with pytest.raises(NoDepartureError):
        await bridge.initiate(left, PaperEffect("k", PaperClock()))


async def test_departure__of_another_contract_is_refused(bridge: CctpBridge) -> None:
    of = terms()
    left = departure(of, [sent(message_of(burn_of(of)), "0x" + "00" * 20)])
    with pytest.raises(NoDepartureError, match="0 messages"):
        await bridge.track(left, "")


async def test_departure__messages_of_others_beside_it_count_as_places(
    bridge: CctpBridge, service: AttestationService
) -> None:
    of = terms()
    other, mine = message_of(Burning(hook=b"")), message_of(burn_of(of))
    service.observe(0, HASH, [other, mine])
    service.attest(HASH, 1)
    odd = event("Other(bytes)", TRANSMITTER, (), encode(["bytes"], [mine]))
    found = await bridge.track(departure(of, [odd, sent(other), sent(mine)]), "")
    assert isinstance(found, Crossed)


def test_departure__of_a_reverted_transaction_is_none() -> None:
    left = departure(terms())
    with pytest.raises(NoDepartureError, match="reverted"):
        replace(left, receipt=receipt(succeeded=False))


async def test_initiate__asks_nobody(
    bridge: CctpBridge, service: AttestationService, clock: PaperClock
) -> None:
    effect = PaperEffect("key", clock)
    assert await bridge.initiate(leave(service), effect) == Accepted(HASH)
    assert (service.asked, effect.recorded) == ([], 0)


async def test_complete__refuses_less_than_the_terms(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service, **(FAST | {"least": 99_995_000}))
    service.attest(HASH, fee=10_000, finality=1000)
    found = await bridge.track(left, "")
    assert isinstance(found, Crossed)
    with pytest.raises(ArrivedShortError):
        await bridge.complete(left, found)


async def test_complete__refuses_a_proof_that_was_changed(
    bridge: CctpBridge, service: AttestationService
) -> None:
    left = leave(service)
    service.attest(HASH)
    found = await bridge.track(left, "")
    assert isinstance(found, Crossed)
    message, attestation = decode(["bytes", "bytes"], found.proof)
    forged = encode(["bytes", "bytes"], [message[:-1] + b"x", attestation])
    with pytest.raises(ForgedMessageError):
        await bridge.complete(left, replace(found, proof=forged))


@pytest.mark.parametrize("proof", [b"", b"\xff" * 64], ids=["empty", "words"])
async def test_complete__refuses_a_proof_that_is_none(
    bridge: CctpBridge, service: AttestationService, proof: bytes
) -> None:
    left = leave(service)
    with pytest.raises(ForgedMessageError, match="proof is not a message"):
        await bridge.complete(left, Crossed(amount=1, proof=proof))


async def test_complete__after_a_restart_and_no_answer__says_nothing_of_the_transfer(
    bridge: CctpBridge,
    service: AttestationService,
    iris: Iris,
    source: PaperChain,
    destination: PaperChain,
) -> None:
    """The attesters' keys are requested again after a restart."""
    left = leave(service)
    service.attest(HASH)
    found = await bridge.track(left, "")
    assert isinstance(found, Crossed)
    restarted = bridge_of(iris, source, destination)
    service.when("", faults.down())
    with pytest.raises(BridgeUnreachableError):
        await restarted.complete(left, found)
    service.heal()
    assert await restarted.complete(left, found) == found.proof


def options_of(quote: BridgeQuote) -> tuple[int, int]:
    return decode(["uint32", "uint256"], quote.options)


async def test_5_1_fees__standard_is_free_and_whole(
    iris: Iris, source: PaperChain, destination: PaperChain
) -> None:
    source.on(ROUTES[0], QUOTE, quoting(lambda _: 0))
    quote = await bridge_of(iris, source, destination, fast=False).quote(WANTED)
    assert (quote.send, quote.receive, quote.fee) == (5_000_000_000, 5_000_000_000, 0)
    assert options_of(quote) == (2000, 0)
    assert quote.seconds == 19 * 60


@pytest.mark.parametrize("bps", [1, 1.3, 13, 0.5])
async def test_5_1_fees__fractional_basis_points_are_grossed_up_exactly(
    bridge: CctpBridge, service: AttestationService, bps: float
) -> None:
    service.fees[0]["minimumFee"] = bps
    quote = await bridge.quote(WANTED)
    offered = Fraction(str(bps)) * (1 + LANE.fee_margin)
    assert quote.send - quote.fee == quote.receive == WANTED.receive
    assert quote.fee == -(-quote.send * offered // 10_000)
    threshold, max_fee = options_of(quote)
    assert (threshold, max_fee) == (1000, quote.fee)


async def test_5_1_fees__too_dear_for_our_route_goes_standard(
    bridge: CctpBridge, service: AttestationService
) -> None:
    service.fees[0]["minimumFee"] = 14
    assert options_of(await bridge.quote(WANTED)) == (2000, 0)


async def test_5_1_allowance__used_up_goes_standard(
    bridge: CctpBridge, service: AttestationService
) -> None:
    service.allowance = 4_999.99
    assert options_of(await bridge.quote(WANTED)) == (2000, 0)
    service.allowance = 6_000.5
    assert options_of(await bridge.quote(WANTED))[0] == 1000


async def test_5_1_minimum_fee_on_chain__is_paid_and_grossed_up(
    iris: Iris, source: PaperChain, destination: PaperChain
) -> None:
    """minFee 1000 is a basis point: 10,000 of 100,000,000."""
    source.on(ROUTES[0], QUOTE, quoting(lambda amount: amount * 1000 // 10_000_000))
    quote = await bridge_of(iris, source, destination, fast=False).quote(WANTED)
    assert quote.fee == options_of(quote)[1] >= quote.send * 1000 // 10_000_000
    assert quote.receive == WANTED.receive == quote.send - quote.fee


async def test_5_1_limit__of_one_burn_clips_and_says_so(bridge: CctpBridge) -> None:
    wanted = replace(WANTED, receive=11_000_000 * 10**6)
    quote = await bridge.quote(wanted)
    assert quote.send == quote.maximum == 10_000_000 * 10**6
    assert quote.receive == quote.send - quote.fee < wanted.receive
    assert not quote.whole


async def test_quote__of_a_lane_that_is_not_there(bridge: CctpBridge) -> None:
    with pytest.raises(RouteUnavailableError, match="EVM-1 to EVM-8453"):
        await bridge.quote(replace(WANTED, destination=8453))


async def test_quote__with_the_service_down_is_no_quote(
    bridge: CctpBridge, service: AttestationService
) -> None:
    service.when("/v2/burn", faults.down())
    with pytest.raises(BridgeUnreachableError, match="503"):
        await bridge.quote(WANTED)
