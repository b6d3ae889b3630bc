"""The exchange through ccxt, against a server that checks its signatures; rows F4 to F8."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from eth_abi.abi import encode
from pydantic import SecretStr

from keepers.bridges.arrival import evidence_of
from keepers.bridges.exchange.bridge import SETTLE, ExchangeBridge
from keepers.bridges.exchange.client import ExchangeClient
from keepers.bridges.exchange.history import order_id
from keepers.bridges.exchange.lane import ExchangeLane
from keepers.model.bridge import (
    Accepted,
    Crossed,
    CrossingRequest,
    Departure,
    Initiation,
    Pending,
    Stuck,
    Wait,
)
from keepers.model.errors.transfers import NoDepartureError
from scripts.network.bridging import faults
from scripts.network.bridging.exchange import ExchangeService
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

DEPOSIT_ADDRESS = "0x" + "de" * 20
THERE = "0x" + "33" * 32
KEY = "transfer-1"
AMOUNT = 101_000_000
APPLY, HISTORY, HISREC = "withdraw/apply", "withdraw/history", "deposit/hisrec"
LANE = ExchangeLane(
    asset="USDT",
    source=SOURCE,
    destination=DESTINATION,
    source_route=ROUTES[0],
    destination_route=ROUTES[1],
    token=TOKENS[1],
    inbox=INBOX,
    source_network="ETH",
    destination_network="ARBITRUM",
    deposit_address=DEPOSIT_ADDRESS,
)
WANTED = CrossingRequest(asset="USDT", source=SOURCE, destination=DESTINATION, receive=100_000_000)
WITHDRAWAL_LOST = [faults.deaf_after, faults.failing_after]


@pytest.fixture
def service(clock: PaperClock) -> Generator[ExchangeService]:
    counterpart = ExchangeService("key", "secret")
    counterpart.now = int(clock.now().timestamp() * 1000)
    for network in ("ETH", "ARBITRUM"):
        counterpart.list_network("USDT", network)
    counterpart.addresses["USDT", "ETH"] = DEPOSIT_ADDRESS
    counterpart.list_address("USDT", "ARBITRUM", INBOX)
    with running(counterpart):
        yield counterpart


@pytest.fixture
async def client(service: ExchangeService) -> AsyncGenerator[ExchangeClient]:
    opened = ExchangeClient(SecretStr("key"), SecretStr("secret"), url=service.url, seconds=2)
    yield opened
    await opened.close()


@pytest.fixture
def bridge(
    client: ExchangeClient, clock: PaperClock, source: PaperChain, destination: PaperChain
) -> ExchangeBridge:
    destination.on(ROUTES[1], "isUsed(bytes32)", lambda _: encode(["bool"], [False]))
    return ExchangeBridge(client, clock, {SOURCE: source, DESTINATION: destination}, (LANE,))


@pytest.fixture
def effect(clock: PaperClock) -> PaperEffect:
    return PaperEffect(KEY, clock)


def leave(amount: int = AMOUNT, least: int = 100_000_000) -> Departure:
    return departure(terms(asset="USDT", route="EXCHANGE", amount=amount, least=least))


@pytest.fixture
def free(service: ExchangeService) -> dict[str, Any]:
    """An unlocked deposit."""
    row = service.deposit("USDT", "ETH", "101", HASH)
    service.unlock(row)
    return row


def waits(found: object, wait: Wait) -> bool:
    return isinstance(found, Pending) and found.wait is wait


async def test_quote__is_fee_and_step_on_top(
    bridge: ExchangeBridge, service: ExchangeService
) -> None:
    service.list_network("USDT", "ARBITRUM", withdrawFee="0.35", withdrawIntegerMultiple="0.01")
    quote = await bridge.quote(replace(WANTED, receive=100_001_234))
    assert (quote.send, quote.fee) == (100_360_000, 350_000)
    assert quote.receive >= 100_001_234
    assert (quote.whole, quote.fallback, quote.unavailable) == (True, True, "")


async def test_quote__minimum_maximum_and_day_s_limit(
    bridge: ExchangeBridge, service: ExchangeService
) -> None:
    assert (await bridge.quote(replace(WANTED, receive=1))).send == 10_000_000
    clipped = await bridge.quote(replace(WANTED, receive=2_000_000_000_000))
    assert (clipped.send, clipped.whole) == (1_000_000_000_000, False)
    service.quota["usedWdQuota"] = "7999950"
    assert (await bridge.quote(WANTED)).maximum == 50_000_000
    service.quota["usedWdQuota"] = "8000000"
    assert "limit" in (await bridge.quote(WANTED)).unavailable


async def test_quote__another_deposit_address_than_our_route_has_is_refused(
    bridge: ExchangeBridge, service: ExchangeService
) -> None:
    service.addresses["USDT", "ETH"] = INBOX
    assert "deposit address differs" in (await bridge.quote(WANTED)).unavailable


@pytest.mark.parametrize(
    ("network", "changes", "reason"),
    [
        ("ETH", {"depositEnable": False, "depositDesc": "upgrade"}, "deposits are suspended"),
        ("ARBITRUM", {"withdrawEnable": False}, "withdrawals are suspended"),
        ("ARBITRUM", {"busy": True}, "busy"),
    ],
)
async def test_f8__a_suspended_network_is_skipped(
    bridge: ExchangeBridge,
    service: ExchangeService,
    network: str,
    changes: dict[str, Any],
    reason: str,
) -> None:
    service.list_network("USDT", network, **changes)
    assert reason in (await bridge.quote(WANTED)).unavailable


async def test_f8__withdraw_enable_absent_is_enabled(
    bridge: ExchangeBridge, service: ExchangeService
) -> None:
    del service.networks["USDT"]["ARBITRUM"]["withdrawEnable"]
    assert (await bridge.quote(WANTED)).unavailable == ""


@pytest.mark.parametrize(
    ("refusal", "wait"),
    [
        ({"code": "RW00441", "msg": "not unlocked"}, Wait.LOCKED),
        ({"code": "031026", "msg": "suspended"}, Wait.SUSPENDED),
        ({"code": -1003, "msg": "too many"}, Wait.BUSY),
    ],
    ids=["RW00441", "031026", "-1003"],
)
@pytest.mark.usefixtures("free")
async def test_f8__refusals_are_waited_for(
    bridge: ExchangeBridge,
    service: ExchangeService,
    effect: PaperEffect,
    refusal: dict[str, Any],
    wait: Wait,
) -> None:
    service.refusal = refusal
    assert waits(await bridge.initiate(leave(), effect), wait)
    service.refusal = None
    effect.clock.pass_(minutes=16)
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))
    assert len(service.withdrawals) == 1


@pytest.mark.usefixtures("free")
async def test_refusal__of_the_key_is_stuck(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    service.refusal = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
    assert isinstance(await bridge.initiate(leave(), effect), Stuck)


@pytest.mark.usefixtures("free")
async def test_refusal__that_is_not_known_is_unsure(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    service.refusal = {"code": -1007, "msg": "Send status unknown; execution status unknown."}
    assert waits(await bridge.initiate(leave(), effect), Wait.UNSURE)


@pytest.mark.usefixtures("free")
async def test_f4__the_record_is_there_before_anything_leaves(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    def nothing_yet() -> None:
        assert service.count(APPLY) == 0

    effect.before = nothing_yet
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))
    assert effect.recorded == 1
    (made,) = service.withdrawals
    assert made["withdrawOrderId"] == order_id(KEY)
    assert (made["address"], made["amount"]) == (INBOX, "100")


@pytest.mark.usefixtures("free")
async def test_f4__what_cannot_be_recorded_does_not_leave(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    effect.problem = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await bridge.initiate(leave(), effect)
    assert service.withdrawals == []


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize("fault", WITHDRAWAL_LOST, ids=["time-out", "5xx"])
async def test_f4__a_failure_keeps_the_record_and_is_looked_up(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect, fault: Any
) -> None:
    """The exchange accepts, and its answer is lost."""
    service.when(APPLY, fault)
    assert waits(await bridge.initiate(leave(), effect), Wait.UNSURE)
    assert effect.recorded == 1
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))
    assert len(service.withdrawals) == 1


def test_f4__a_reverted_deposit_is_no_departure() -> None:
    left = leave()
    with pytest.raises(NoDepartureError):
        replace(left, receipt=receipt(succeeded=False))


async def test_f4__an_unseen_deposit_waits(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    assert waits(await bridge.initiate(leave(), effect), Wait.UNSEEN)
    assert (effect.recorded, service.withdrawals) == (0, [])


@pytest.mark.usefixtures("free")
async def test_unsure__a_history_that_lags_makes_no_second_withdrawal(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect, clock: PaperClock
) -> None:
    service.when(APPLY, faults.deaf_after)
    service.hidden = True
    service.free["USDT"] = Decimal(1000)
    for _ in range(3):
        found = await bridge.initiate(leave(), effect)
        assert waits(found, Wait.UNSURE)
        clock.pass_(minutes=4.5)
    service.hidden = False
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))
    assert len(service.withdrawals) == service.count(APPLY) == 1


@pytest.mark.usefixtures("free")
async def test_unsure__what_never_arrived_is_asked_for_again_after_a_while(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect, clock: PaperClock
) -> None:
    service.when(APPLY, faults.silent, times=1)
    assert waits(await bridge.initiate(leave(), effect), Wait.UNSURE)
    clock.pass_(seconds=SETTLE.total_seconds())
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))
    assert len(service.withdrawals) == 1


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize("days", [1, 8, 30])
async def test_5_3_history__is_searched_over_all_weeks_since_the_deposit(
    bridge: ExchangeBridge,
    service: ExchangeService,
    effect: PaperEffect,
    clock: PaperClock,
    days: int,
) -> None:
    """The exchange searches seven days; a keeper that was down longer must not request again."""
    service.when(APPLY, faults.deaf_after, times=1)
    service.free["USDT"] = Decimal(1000)
    await bridge.initiate(leave(), effect)
    clock.pass_(days=days)
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))
    assert len(service.withdrawals) == 1


@pytest.mark.usefixtures("free")
async def test_5_3_history__our_clock_is_behind_the_chain__asks_for_nothing(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect, clock: PaperClock
) -> None:
    """A history up to our time would lack a later withdrawal, so nothing is requested."""
    service.free["USDT"] = Decimal(1000)
    clock.pass_(hours=-3)
    assert waits(await bridge.initiate(leave(), effect), Wait.UNREADABLE)
    assert waits(await bridge.track(leave(), order_id(KEY)), Wait.UNREADABLE)
    assert (effect.recorded, service.count(APPLY)) == (0, 0)


@pytest.mark.parametrize(
    ("status", "wait"), [(0, Wait.CONFIRMING), (6, Wait.LOCKED), (4, Wait.PROCESSING)]
)
async def test_5_3_deposit__raw_status_6_is_credited_and_locked(
    bridge: ExchangeBridge,
    service: ExchangeService,
    effect: PaperEffect,
    status: int,
    wait: Wait,
) -> None:
    service.deposit("USDT", "ETH", "101", HASH, status=status)
    service.free["USDT"] = Decimal(1000)
    assert waits(await bridge.initiate(leave(), effect), wait)
    assert service.count(APPLY) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 7},
        {"status": 2},
        {"status": 8},
        {"status": 1, "amount": "100.999999"},
        {"status": 1, "network": "BSC"},
        {"status": 1, "address": INBOX},
    ],
    ids=["wrong", "rejected", "unanswered", "amount", "network", "address"],
)
async def test_5_3_deposit__that_is_not_what_we_sent_is_stuck(
    bridge: ExchangeBridge,
    service: ExchangeService,
    effect: PaperEffect,
    changes: dict[str, Any],
) -> None:
    service.deposit("USDT", "ETH", "101", HASH).update(changes)
    service.free["USDT"] = Decimal(1000)
    assert isinstance(await bridge.initiate(leave(), effect), Stuck)
    assert service.count(APPLY) == 0


@pytest.mark.usefixtures("free")
async def test_5_3_network__suspended_after_the_deposit_is_waited_for(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    service.list_network("USDT", "ARBITRUM", withdrawEnable=False)
    assert waits(await bridge.initiate(leave(), effect), Wait.SUSPENDED)
    service.list_network("USDT", "ARBITRUM")
    service.list_network("USDT", "ETH", depositEnable=False)
    assert await bridge.initiate(leave(), effect) == Accepted(order_id(KEY))


@pytest.mark.usefixtures("free")
async def test_5_3_quota__used_up_is_waited_for(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    service.quota["usedWdQuota"] = "7999900"
    assert waits(await bridge.initiate(leave(), effect), Wait.QUOTA)
    assert service.count(APPLY) == 0


@pytest.mark.usefixtures("free")
async def test_5_3_fee__that_has_risen_is_a_person_s_decision(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    service.list_network("USDT", "ARBITRUM", withdrawFee="1.5")
    found = await bridge.initiate(leave(), effect)
    assert isinstance(found, Stuck)
    assert "fee has risen" in found.reason
    assert service.count(APPLY) == 0


@pytest.fixture
async def accepted(
    bridge: ExchangeBridge,
    effect: PaperEffect,
    free: dict[str, Any],  # noqa: ARG001 - it must be there first
) -> Initiation:
    return await bridge.initiate(leave(), effect)


def settle(service: ExchangeService, **changes: Any) -> None:
    service.withdrawals[0] |= {"status": 6, "txId": THERE} | changes


@pytest.mark.usefixtures("accepted")
async def test_track__until_it_is_in_the_chain(
    bridge: ExchangeBridge, service: ExchangeService, destination: PaperChain
) -> None:
    order = order_id(KEY)
    for status in (0, 2, 4):
        service.withdrawals[0]["status"] = status
        assert waits(await bridge.track(leave(), order), Wait.PROCESSING)
    settle(service)
    assert waits(await bridge.track(leave(), order), Wait.CONFIRMING)
    destination.receipts[THERE] = receipt([payment(100_000_000)], hash_=THERE)
    found = await bridge.track(leave(), order)
    proof = encode(["bytes32", "uint256"], [evidence_of(THERE, 0), 100_000_000])
    assert isinstance(found, Crossed)
    assert found.proof == await bridge.complete(leave(), found) == proof


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize(
    "changes",
    [
        {"status": 1},
        {"status": 3, "info": "The address is not valid."},
        {"status": 5},
        {"transferType": 1, "txId": "Internal transfer 51376627901"},
        {"address": DEPOSIT_ADDRESS},
        {"network": "BSC"},
        {"amount": "99"},
    ],
    ids=["cancelled", "rejected", "failed", "internal", "address", "network", "amount"],
)
async def test_track__what_contradicts_is_stuck(
    bridge: ExchangeBridge, service: ExchangeService, changes: dict[str, Any]
) -> None:
    settle(service, **changes)
    assert isinstance(await bridge.track(leave(), order_id(KEY)), Stuck)


@pytest.mark.usefixtures("accepted")
async def test_track__two_withdrawals_of_one_id_are_stuck(
    bridge: ExchangeBridge, service: ExchangeService
) -> None:
    service.withdrawals.append(service.withdrawals[0] | {"id": "w2"})
    assert isinstance(await bridge.track(leave(), order_id(KEY)), Stuck)


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize(
    "fault",
    [faults.down(), faults.silent, faults.answering(200, {"rows": []}), faults.answering(429, {})],
    ids=["503", "silent", "not a list", "429"],
)
async def test_track__what_cannot_be_read_is_unknown(
    bridge: ExchangeBridge, service: ExchangeService, fault: Any
) -> None:
    service.when(HISTORY, fault)
    found = await bridge.track(leave(), order_id(KEY))
    assert isinstance(found, Pending)
    assert not found.is_known
    assert "signature=" not in found.text.replace("signature=***", "")


async def test_down__before_the_withdrawal_records_nothing(
    bridge: ExchangeBridge, service: ExchangeService, effect: PaperEffect
) -> None:
    service.when(HISREC, faults.down())
    found = await bridge.initiate(leave(), effect)
    assert isinstance(found, Pending)
    assert (found.is_known, effect.recorded) == (False, 0)


def test_order_id__is_the_same_for_ever_and_for_one_key() -> None:
    assert order_id(KEY) == order_id(KEY) != order_id("transfer-2")
    assert order_id(KEY).isalnum()
    assert len(order_id(KEY)) == 32
