"""Tests of quotes and calls for a venue that lists several venues: the best one is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from keepers.chain.addresses import Addresses
from keepers.chain.codec import function
from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.chain.vault.market import VaultMarket
from keepers.model.errors.chain import CallRevertedError
from keepers.model.order import OrderKind, Quote, QuoteRequest
from keepers.model.vault import HoldingKind, VaultPosition


def address(number: int) -> str:
    return to_checksum_address(f"0x{number:040x}")


VAULT, CONTROLLER, ORACLE, MULTICALL, QUOTER = (address(number) for number in range(0xA0, 0xA5))
USDT, WETH = address(0xB0), address(0xB1)
AUTO, FIRST, SECOND, DESK, OTHER_AUTO = (address(number) for number in range(0xC0, 0xC5))
DEADLINE = datetime(2030, 1, 2, tzinfo=UTC)
WORTH = 10

Answer = Callable[..., tuple[Any, ...] | None]


class Contracts:
    """Node with a few contracts, by function and address; any other call reverts."""

    shown_url = "http://node"

    def __init__(self, pools: Mapping[bytes, Callable[[int], int | None]]) -> None:
        self.pools = dict(pools)
        self.lists: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self.paths: dict[tuple[str, str, str], bytes] = {}
        self.deserted: set[str] = set()
        self.quoted = 0
        self.multicalls = 0
        self._known: dict[bytes, tuple[str, str, Answer]] = {}
        self._add("LiquidityVault", "asset", self._asset)
        self._add("PriceOracle", "convert", self._convert)
        self._add("AutoVenue", "venuesOf", self._venues_of)
        self._add("UniswapV3Venue", "pathOf", self._path_of)
        self._add("QuoterV2", "quoteExactInput", self._quote)

    async def ask(self, method: str, *params: Any) -> Any:
        if method == "eth_chainId":
            return "0x1"
        if method == "eth_getBlockByNumber":
            return {"number": "0x7", "hash": "0x" + "11" * 32, "timestamp": "0x64"}
        assert method == "eth_call"
        target, data = params[0]["to"], bytes.fromhex(params[0]["data"][2:])
        if target == MULTICALL:
            self.multicalls += 1
            aggregate = function("Multicall3", "aggregate3")
            (calls,) = decode(aggregate.inputs, data[4:])
            answers = [self._answer(to_checksum_address(each), given) for each, _, given in calls]
            return "0x" + encode(aggregate.outputs, (answers,)).hex()
        return "0x" + self._answer(target, data)[1].hex()

    def _add(self, contract: str, name: str, answer: Answer) -> None:
        self._known[function(contract, name).selector] = (contract, name, answer)

    def _answer(self, target: str, data: bytes) -> tuple[bool, bytes]:
        if target in self.deserted:
            return True, b""
        contract, name, answer = self._known[data[:4]]
        known = function(contract, name)
        values = answer(target, *decode(known.inputs, data[4:]))
        if values is None:
            return False, b""
        rest = [b"" if kind == "bytes" else _nothing(kind) for kind in known.outputs[len(values) :]]
        return True, encode(known.outputs, (*values, *rest))

    def _asset(self, _: str) -> tuple[Any, ...]:
        return (USDT,)

    def _convert(self, _: str, _source: str, _to: str, amount: int) -> tuple[Any, ...]:
        return (amount * WORTH,)

    def _venues_of(self, target: str, source: str, to: str) -> tuple[Any, ...] | None:
        if target not in {AUTO, OTHER_AUTO}:
            return None
        return (self.lists.get(at(target, source, to), ()),)

    def _path_of(self, target: str, source: str, to: str) -> tuple[Any, ...] | None:
        if target in {AUTO, OTHER_AUTO, DESK}:
            return None
        return (self.paths.get(at(target, source, to), b""),)

    def _quote(self, _: str, path: bytes, amount: int) -> tuple[Any, ...] | None:
        self.quoted += 1
        out = self.pools[path](amount)
        return None if out is None else (out,)


def at(venue: str, source: str, to: str) -> tuple[str, str, str]:
    return venue, to_checksum_address(source), to_checksum_address(to)


def _nothing(kind: str) -> Any:
    return [] if kind.endswith("[]") else 0


def flat(amount: int) -> int:
    """Deep pool with a poor price that does not depend on the amount."""
    return amount * 9


def thin(amount: int) -> int:
    """Thin pool with a good price: it pays more than `flat` below 1,000."""
    return amount * WORTH - amount * amount // 1_000


def dry(_: int) -> None:
    """Pool without liquidity."""


@pytest.fixture
def contracts() -> Contracts:
    """Two venues with a pool each, an OTC desk, and a venue that lists all three."""
    made = Contracts({b"flat": flat, b"thin": thin})
    for source, to in ((USDT, WETH), (WETH, USDT)):
        made.lists[AUTO, source, to] = (FIRST, DESK, SECOND)
        made.paths[FIRST, source, to] = b"flat"
        made.paths[SECOND, source, to] = b"thin"
    return made


def market_of(contracts: Contracts) -> VaultMarket:
    addresses = Addresses(
        vault=VAULT,
        controller=CONTROLLER,
        portfolios=(address(1), address(2)),
        oracle=ORACLE,
        multicall3=MULTICALL,
        quoter=QUOTER,
        tokens={},
    )
    return VaultMarket(Node(cast("Rpc", contracts), 1, MULTICALL, Reverts({})), addresses)


def position(venue: str = AUTO, asset: str = WETH) -> VaultPosition:
    return VaultPosition(
        tier=3,
        asset=asset,
        symbol="X",
        decimals=18,
        kind=HoldingKind.VENUE,
        venue=venue,
        target_bps=10_000,
        maximum_loss_bps=200,
        cap_bps=10_000,
        balance=1,
        value=1,
    )


def request(amount: int, kind: OrderKind = OrderKind.SALE, venue: str = AUTO) -> QuoteRequest:
    return QuoteRequest(kind, position(venue), amount)


async def data_of(
    market: VaultMarket, kind: OrderKind = OrderKind.SALE, venue: str = AUTO, amount: int = 5
) -> bytes:
    """Return the venue's terms in the controller's call."""
    call = await market.call(
        kind, position(venue), amount_in=amount, minimum_out=1, deadline=DEADLINE
    )
    name = "purchaseAsset" if kind is OrderKind.PURCHASE else "redeemAsset"
    made = function("AssetController", name)
    return decode(made.inputs, bytes.fromhex(call.calldata[10:]))[-1]


def terms(path: bytes) -> bytes:
    return encode(("uint256", "bytes"), (int(DEADLINE.timestamp()), path))


def named(venue: str, path: bytes) -> bytes:
    return encode(("address", "bytes"), (venue, terms(path)))


@pytest.mark.parametrize("kind", list(OrderKind))
@pytest.mark.parametrize(
    ("amount", "out", "choice"),
    [(900, thin(900), (SECOND, b"thin")), (1_100, flat(1_100), (FIRST, b"flat"))],
)
async def test_quotes__choice__takes_what_pays_most_and_the_call_names_it(
    contracts: Contracts, kind: OrderKind, amount: int, out: int, choice: tuple[str, bytes]
) -> None:
    market = market_of(contracts)
    found = await market.quotes([request(amount, kind)], 7)
    assert found == (Quote(amount, out, amount * WORTH),)
    assert await data_of(market, kind) == named(*choice)


async def test_quotes__equal__takes_the_first_listed(contracts: Contracts) -> None:
    market = market_of(contracts)
    await market.quotes([request(1_000)], 7)
    assert thin(1_000) == flat(1_000)
    assert await data_of(market) == named(FIRST, b"flat")


async def test_quotes__several_of_one_asset__are_of_one_venue(contracts: Contracts) -> None:
    """900 alone pays more in the thin pool; both amounts together pay more in the deep pool."""
    market = market_of(contracts)
    for amounts in ((900, 1_500), (1_500, 900)):
        found = await market.quotes([request(each) for each in amounts], 7)
        assert [each.out for each in found] == [flat(each) for each in amounts]
    assert await data_of(market) == named(FIRST, b"flat")


async def test_quotes__directions__are_chosen_apart(contracts: Contracts) -> None:
    market = market_of(contracts)
    requests = [request(1_500, OrderKind.PURCHASE), request(100, OrderKind.SALE)]
    found = await market.quotes(requests, 7)
    assert [each.out for each in found] == [flat(1_500), thin(100)]
    assert await data_of(market, OrderKind.PURCHASE) == named(FIRST, b"flat")
    assert await data_of(market, OrderKind.SALE) == named(SECOND, b"thin")


async def test_quotes__one_asset_at_two_venues__each_has_its_own_list(contracts: Contracts) -> None:
    contracts.lists[OTHER_AUTO, WETH, USDT] = (FIRST,)
    market = market_of(contracts)
    found = await market.quotes([request(100), request(100, venue=OTHER_AUTO)], 7)
    assert [each.out for each in found] == [thin(100), flat(100)]
    assert await data_of(market, venue=OTHER_AUTO) == named(FIRST, b"flat")
    assert await data_of(market) == named(SECOND, b"thin")


async def test_quotes__venue_that_cannot_be_quoted__is_left_out(contracts: Contracts) -> None:
    contracts.pools[b"thin"] = dry
    market = market_of(contracts)
    assert [each.out for each in await market.quotes([request(100)], 7)] == [flat(100)]
    assert await data_of(market) == named(FIRST, b"flat")


async def test_quotes__none_can_be_quoted__is_told_of_this_trade_alone(
    contracts: Contracts,
) -> None:
    contracts.pools |= {b"thin": dry}
    contracts.lists[OTHER_AUTO, WETH, USDT] = (SECOND,)
    requests = [request(100, venue=OTHER_AUTO), request(100)]
    broken, fine = await market_of(contracts).quotes(requests, 7)
    assert broken.problem is not None
    assert "QuoterV2" in broken.problem
    assert (fine.out, fine.problem) == (flat(100), None)


@pytest.mark.parametrize("listed", [(), (DESK,), (DESK, address(0xD0))])
async def test_quotes__no_path_among_the_listed__says_so(
    contracts: Contracts, listed: tuple[str, ...]
) -> None:
    contracts.lists[AUTO, WETH, USDT] = listed
    (found,) = await market_of(contracts).quotes([request(100)], 7)
    assert f"no venue has a path from {WETH} to {USDT}" in (found.problem or "")
    with pytest.raises(CallRevertedError, match="no venue has a path"):
        await data_of(market_of(contracts))


async def test_quotes__venue_of_its_own__is_asked_alone_and_named_by_nobody(
    contracts: Contracts,
) -> None:
    market = market_of(contracts)
    assert [each.out for each in await market.quotes([request(100, venue=FIRST)], 7)] == [900]
    assert contracts.quoted == 1
    assert await data_of(market, venue=FIRST) == terms(b"flat")


@pytest.mark.parametrize(("venue", "requests"), [(FIRST, 2), (AUTO, 3)])
async def test_quotes__pools__are_found_in_one_request_and_another_where_there_is_a_choice(
    contracts: Contracts, venue: str, requests: int
) -> None:
    market = market_of(contracts)
    await market.quotes([request(100, venue=venue), request(200, venue=venue)], 7)
    assert contracts.multicalls == requests
    await market.quotes([request(300, venue=venue)], 7)
    assert contracts.multicalls == requests + 1


async def test_quotes__no_contract_at_the_venue__is_left_out(contracts: Contracts) -> None:
    contracts.deserted.add(FIRST)
    found = await market_of(contracts).quotes([request(100, venue=FIRST), request(100)], 7)
    assert [each.problem is None for each in found] == [False, True]


async def test_quotes__over_the_counter__is_left_out(contracts: Contracts) -> None:
    """M1: an OTC desk has no paths, but the market asked it for them."""
    found = await market_of(contracts).quotes([request(100, venue=DESK), request(100)], 7)
    assert "offers no quotes" in (found[0].problem or "")
    assert (found[1].out, found[1].problem) == (thin(100), None)


async def test_call__never_quoted__quotes_its_own_amount(contracts: Contracts) -> None:
    assert await data_of(market_of(contracts), amount=900) == named(SECOND, b"thin")
    assert await data_of(market_of(contracts), amount=1_100) == named(FIRST, b"flat")


async def test_call__quoted_before__stays_with_the_choice(contracts: Contracts) -> None:
    """The amount may be less than planned; the minimum output is that of the planned venue."""
    market = market_of(contracts)
    await market.quotes([request(1_100)], 7)
    quoted = contracts.quoted
    assert await data_of(market, amount=10) == named(FIRST, b"flat")
    assert contracts.quoted == quoted


async def test_call__only_one_path__is_not_quoted(contracts: Contracts) -> None:
    contracts.lists[AUTO, WETH, USDT] = (DESK, SECOND)
    assert await data_of(market_of(contracts)) == named(SECOND, b"thin")
    assert await data_of(market_of(contracts), venue=FIRST) == terms(b"flat")
    assert contracts.quoted == 0
