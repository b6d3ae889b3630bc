"""Bridges of the local network: the conditions they wait for, and the requests they refuse."""

from __future__ import annotations

import pytest

from keepers.model.bridge import Accepted, Crossed, Pending, Stuck, Wait
from scripts.network.accounts import WHALE
from tests.integration.transfers.carriers import Order, open_carriers, send
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM, Treasuries
from tests.support.bridging import PaperClock, PaperEffect

USDC = 10**6
MANY = 5
CCTP = Order("CCTP", "USDC", ETHEREUM, ARBITRUM, 1_000 * USDC)
OFT = Order("OFT", "USDT", ARBITRUM, ETHEREUM, 1_000 * USDC)
EXCHANGE = Order("EXCHANGE", "USDC", ETHEREUM, ARBITRUM, 1_000 * USDC)
CUSTODIAN = Order("CUSTODIAN", "USDC", ETHEREUM, ARBITRUM, 1_000 * USDC)


def effect(key: str = "transfer-1") -> PaperEffect:
    return PaperEffect(key, PaperClock())


async def test_attester__burn_not_final__waits_for_its_blocks(treasuries: Treasuries) -> None:
    treasuries.bridges.switches.burn_blocks = MANY
    async with open_carriers(treasuries) as carriers:
        sent = await send(treasuries, carriers["CCTP"], CCTP)
        treasuries.bridges.deliver()
        seen = await carriers["CCTP"].track(sent.departure, "")
        assert isinstance(seen, Pending)
        treasuries.chains[ETHEREUM].mine(MANY - 1)
        treasuries.bridges.deliver()
        assert isinstance(await carriers["CCTP"].track(sent.departure, ""), Crossed)


async def test_attester__expired_message__is_attested_anew(treasuries: Treasuries) -> None:
    treasuries.bridges.switches.expiry_blocks = 1
    async with open_carriers(treasuries, fast=True) as carriers:
        sent = await send(treasuries, carriers["CCTP"], CCTP)
        treasuries.bridges.deliver()
        treasuries.chains[ARBITRUM].mine(MANY)
        seen = await carriers["CCTP"].track(sent.departure, "")
        assert isinstance(seen, Pending)
        assert seen.wait is Wait.EXPIRED
        crossed = await carriers["CCTP"].track(sent.departure, "")
        assert isinstance(crossed, Crossed)
    treasuries.send(ARBITRUM, "receiveFromBridge", sent.transfer, crossed.proof)


async def test_relayer__delivery_reverts__scan_says_failed(treasuries: Treasuries) -> None:
    here, there = (treasuries.chains[each].addresses.layer_zero for each in (ARBITRUM, ETHEREUM))
    oft = treasuries.chains[ETHEREUM].contract("LockingOft", there.oft).functions
    async with open_carriers(treasuries) as carriers:
        sent = await send(treasuries, carriers["OFT"], OFT)
        treasuries.chains[ETHEREUM].send(oft.setPeer(here.eid, b"\1" * 32), sender=WHALE)
        treasuries.bridges.deliver()
        seen = await carriers["OFT"].track(sent.departure, "")
        assert isinstance(seen, Stuck)
        assert "FAILED" in seen.reason


async def test_exchange__deposit_without_its_confirmations__stays_locked(
    treasuries: Treasuries,
) -> None:
    treasuries.bridges.switches.unlock_blocks = MANY
    async with open_carriers(treasuries) as carriers:
        sent = await send(treasuries, carriers["EXCHANGE"], EXCHANGE)
        treasuries.bridges.deliver()
        locked = await carriers["EXCHANGE"].initiate(sent.departure, effect())
        assert isinstance(locked, Pending)
        assert locked.wait is Wait.LOCKED
        treasuries.chains[ETHEREUM].mine(MANY - 1)
        treasuries.bridges.deliver()
        assert isinstance(await carriers["EXCHANGE"].initiate(sent.departure, effect()), Accepted)


async def test_custodian__two_crossings_of_one_deposit__pays_one(treasuries: Treasuries) -> None:
    async with open_carriers(treasuries) as carriers:
        custodian = carriers["CUSTODIAN"]
        sent = await send(treasuries, custodian, CUSTODIAN)
        for key in ("transfer-1", "transfer-2"):
            assert isinstance(await custodian.initiate(sent.departure, effect(key)), Accepted)
        treasuries.bridges.deliver()
        first, second = [await custodian.track(sent.departure, f"transfer-{n}") for n in (1, 2)]
    assert isinstance(first, Crossed)
    assert isinstance(second, Pending)


async def test_feed__chain_reorganised__burn_is_seen_once_and_attested_where_it_is(
    treasuries: Treasuries,
) -> None:
    bridges, chain = treasuries.bridges, treasuries.chains[ETHEREUM]
    bridges.switches.burn_blocks = 2
    async with open_carriers(treasuries) as carriers:
        before = chain.snapshot()
        sent = await send(treasuries, carriers["CCTP"], CCTP)
        assert bridges.deliver() == 0
        chain.revert(before)
        chain.mine(MANY)
        assert bridges.deliver() == 0
        again = await send(treasuries, carriers["CCTP"], CCTP)
        assert again.terms == sent.terms
        chain.mine()
        bridges.deliver()
        assert isinstance(await carriers["CCTP"].track(again.departure, ""), Crossed)


async def test_reset__after_chains_were_wound_back__nothing_is_left(
    treasuries: Treasuries,
) -> None:
    bridges = treasuries.bridges
    async with open_carriers(treasuries) as carriers:
        bridges.switches.packets = True
        await send(treasuries, carriers["OFT"], OFT)
        assert bridges.step() == 0
        bridges.reset()
        assert bridges.deliver() == 0
        assert not bridges.switches.packets
        assert bridges.scan.messages == {}


def test_serve__step_that_fails__is_raised(
    treasuries: Treasuries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> float:
        raise LookupError("no clock")

    monkeypatch.setattr(treasuries.bridges, "now", broken)
    with pytest.raises(LookupError, match="no clock"), treasuries.bridges.serve(0.001) as serving:
        assert isinstance(serving.exception(10), LookupError)


def test_funds__more_and_less__are_what_the_treasury_holds(treasuries: Treasuries) -> None:
    for amount in (2_000_000 * USDC, 5 * USDC, 0):
        treasuries.funds(OPTIMISM, "USDC", amount)
        assert treasuries.balance(OPTIMISM, "USDC") == amount


@pytest.mark.parametrize("asset", ["USDC", "USDT"])
def test_conservation__invested_and_divested__stays(treasuries: Treasuries, asset: str) -> None:
    before, unit = treasuries.conservation(), 10 ** treasuries.decimals(OPTIMISM, asset)
    (venue,) = treasuries.record(OPTIMISM)["venues"][asset]
    treasuries.send(OPTIMISM, "invest", b"\1" * 32, venue, 1_000 * unit, 1)
    assert treasuries.conservation() == before
    assert treasuries.invested(OPTIMISM, asset) >= 1_000 * unit - 2
    treasuries.send(OPTIMISM, "divest", b"\1" * 32, venue, 400 * unit, 2**255)
    assert treasuries.conservation() == before
    assert treasuries.books(asset).invested == 600 * 10**18
