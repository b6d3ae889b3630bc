"""Tests of feed histories: phases, missing rounds, and new, busy and silent feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from keepers.chain.addresses import Addresses, Token
from keepers.chain.batch import ReadBatch
from keepers.chain.codec import function
from keepers.chain.contracts.market import AggregatorV3
from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.vault.feeds import STRIDES, CoinPrice, FeedReader, Walk, walk_back
from keepers.model.chain import Head
from keepers.model.risk import RiskEnvironment
from keepers.model.vault import HoldingKind
from tests.unit.runs.risk.plans import NOW, position, snapshot_of

HEAD = Head(7, "0x" + "11" * 32, NOW, 0)
HOUR = timedelta(hours=1)
SINCE = NOW - HOUR
PHASE = 1 << 64


KNOWN = {
    each.selector: each
    for each in (
        *(
            function("AggregatorV3", name)
            for name in (
                *("latestRoundData", "getRoundData", "decimals"),
                *("phaseAggregators", "latestRound"),
            )
        ),
        *(function("PriceOracle", name) for name in ("feedOf", "price")),
    )
}


def address(number: int) -> str:
    return to_checksum_address(f"0x{number:040x}")


MULTICALL, ORACLE, FIRST, SECOND, OLD = (address(number) for number in range(0xA0, 0xA5))
USDT, WETH = address(0xB0), address(0xB1)


@dataclass
class Feed:
    """Feed of rounds by id as (answer, minutes ago); a missing round reverts or is all zeros."""

    rounds: dict[int, tuple[int, int]]
    phases: Mapping[int, str] = field(default_factory=dict[int, str])
    answers_zeros: bool = False

    def round(self, round_id: int) -> tuple[Any, ...] | None:
        if round_id not in self.rounds:
            return (round_id, 0, 0, 0, 0) if self.answers_zeros else None
        answer, minutes = self.rounds[round_id]
        at = int((NOW - timedelta(minutes=minutes)).timestamp())
        return round_id, answer, at, at, round_id


@dataclass
class Chain:
    """Node with feeds, and with an oracle that maps tokens to feeds."""

    feeds: Mapping[str, Feed]
    tokens: Mapping[str, str] = field(default_factory=dict[str, str])
    requests: int = 0
    shown_url = "http://node"

    async def ask(self, method: str, *params: Any) -> Any:
        if method == "eth_chainId":
            return "0x1"
        assert method == "eth_call"
        assert params[1] == hex(HEAD.number)
        self.requests += 1
        data = bytes.fromhex(params[0]["data"][2:])
        known = function("Multicall3", "aggregate3")
        (calls,) = decode(known.inputs, data[4:])
        answers = [self._answer(to_checksum_address(to), said) for to, _, said in calls]
        return "0x" + encode(known.outputs, (answers,)).hex()

    def _answer(self, target: str, data: bytes) -> tuple[bool, bytes]:
        known = KNOWN[data[:4]]
        given = decode(known.inputs, data[4:])
        if known.contract == "PriceOracle":
            return True, encode(known.outputs, self._oracle(known.name, *given))
        if target not in self.feeds:
            return True, b""
        values = self._feed(self.feeds[target], known.name, *given)
        return (False, b"") if values is None else (True, encode(known.outputs, values))

    def _oracle(self, name: str, token: str) -> tuple[Any, ...]:
        if name == "price":
            return 10**18, int(NOW.timestamp())
        return ((self.tokens.get(to_checksum_address(token), address(0)), 1, 8, 18, 1, 2),)

    def _feed(self, feed: Feed, name: str, *given: Any) -> tuple[Any, ...] | None:
        newest = max(feed.rounds, default=0)
        match name:
            case "latestRoundData":
                return feed.round(newest)
            case "getRoundData":
                return feed.round(given[0])
            case "phaseAggregators":
                return (feed.phases.get(given[0], address(0)),)
            case "latestRound":
                return (newest,)
            case _:
                return (8,)

    def node(self) -> Node:
        return Node(self, 1, MULTICALL, Reverts({}))


async def walked(chain: Chain, *feeds: str) -> tuple[Walk, ...]:
    batch = ReadBatch(chain.node(), HEAD.at)
    return await walk_back(batch, [AggregatorV3(each) for each in feeds], HEAD, SINCE)


def answers(walk: Walk) -> list[int]:
    return [each.answer for each in walk.rounds]


async def test_walk__newest_is_older_than_the_window__takes_one_request() -> None:
    chain = Chain({FIRST: Feed({9: (100, 61), 8: (50, 90)})})
    (walk,) = await walked(chain, FIRST)
    assert (answers(walk), walk.reaches, chain.requests) == ([100], True, 1)


async def test_walk__several_feeds__are_read_together() -> None:
    calm = Feed({2: (100, 10), 1: (99, 70)})
    chain = Chain({FIRST: calm, SECOND: calm})
    walks = await walked(chain, FIRST, SECOND)
    assert [answers(each) for each in walks] == [[100, 99]] * 2
    assert chain.requests == 2


@pytest.mark.parametrize("answers_zeros", [True, False])
async def test_walk__rounds_missing__are_passed_over(*, answers_zeros: bool) -> None:
    rounds = {9: (100, 10), 5: (90, 40), 2: (80, 70)}
    (walk,) = await walked(Chain({FIRST: Feed(rounds, answers_zeros=answers_zeros)}), FIRST)
    assert (answers(walk), walk.reaches) == ([100, 90, 80], True)


async def test_walk__bad_answers_and_times__are_missing_rounds() -> None:
    rounds = {4: (100, 10), 3: (-5, 20), 2: (70, -10), 1: (80, 70)}
    (walk,) = await walked(Chain({FIRST: Feed(rounds)}), FIRST)
    assert answers(walk) == [100, 80]


async def test_walk__time_beyond_every_calendar__is_a_missing_round() -> None:
    class Absurd(Feed):
        def round(self, round_id: int) -> tuple[Any, ...] | None:
            if round_id == 2:
                return round_id, 5, 2**255, 2**255, round_id
            return super().round(round_id)

    (walk,) = await walked(Chain({FIRST: Absurd({3: (100, 10), 1: (80, 70)})}), FIRST)
    assert answers(walk) == [100, 80]


async def test_walk__feed_younger_than_the_window__has_told_all() -> None:
    (walk,) = await walked(Chain({FIRST: Feed({2: (100, 10), 1: (99, 20)})}), FIRST)
    assert (answers(walk), walk.reaches) == ([100, 99], True)


async def test_walk__wild_feed__reads_so_many_and_says_that_it_does_not_reach() -> None:
    most = sum(STRIDES)
    rounds = {number: (100 + number, 1) for number in range(1, most + 50)}
    chain = Chain({FIRST: Feed(rounds)})
    (walk,) = await walked(chain, FIRST)
    assert (len(walk.rounds), walk.reaches) == (most + 1, False)
    assert chain.requests == 1 + len(STRIDES)


async def test_walk__phase_changed_within_the_window__goes_on_in_the_one_before() -> None:
    rounds = {
        2 * PHASE + 2: (100, 10),
        2 * PHASE + 1: (99, 20),
        PHASE + 31: (500, 15),  # from the old aggregator after its replacement
        PHASE + 30: (90, 30),
        PHASE + 29: (80, 70),
    }
    old = Feed({31: (500, 15)})
    chain = Chain({FIRST: Feed(rounds, phases={1: OLD}), OLD: old})
    (walk,) = await walked(chain, FIRST)
    assert (answers(walk), walk.reaches) == ([100, 99, 90, 80], True)


async def test_walk__phase_before_is_gone__ends_where_the_feed_does() -> None:
    chain = Chain({FIRST: Feed({3 * PHASE + 1: (100, 10)})})
    (walk,) = await walked(chain, FIRST)
    assert answers(walk) == [100]


async def test_walk__feed_that_says_nothing__tells_nothing() -> None:
    (walk,) = await walked(Chain({FIRST: Feed({})}), FIRST)
    assert (answers(walk), walk.reaches) == ([], False)


def addresses() -> Addresses:
    return Addresses(
        vault=address(1),
        controller=address(2),
        portfolios=(address(3), address(4)),
        oracle=ORACLE,
        multicall3=MULTICALL,
        quoter=address(5),
        tokens={USDT: Token("USDT", 6), WETH: Token("WETH", 18)},
    )


async def surroundings(chain: Chain, coin: CoinPrice, *kinds: HoldingKind) -> RiskEnvironment:
    reader = FeedReader(chain.node(), addresses(), coin)
    held = [replace(position("WETH", kind), asset=WETH) for kind in kinds]
    return await reader.surroundings(snapshot_of(), held, SINCE)


def market() -> Chain:
    steady = Feed({1: (10**8, 70)})
    return Chain(
        {FIRST: steady, SECOND: Feed({2: (3_300 * 10**8, 10), 1: (3_000 * 10**8, 80)})},
        {USDT: FIRST, WETH: SECOND},
    )


async def test_reader__swapped_asset_and_settlement__have_their_feeds() -> None:
    chain = market()
    found = await surroundings(chain, CoinPrice(), HoldingKind.VENUE)
    assert {each.symbol: each.move_bps for each in found.feeds} == {"USDT": 0, "WETH": 1_000}
    assert found.coin_price is None
    assert chain.requests == 3


async def test_reader__fund__has_no_feed() -> None:
    found = await surroundings(market(), CoinPrice(), HoldingKind.ERC4626)
    assert [each.symbol for each in found.feeds] == ["USDT"]


async def test_reader__token_without_a_feed__is_passed_over() -> None:
    chain = market()
    chain.tokens = {USDT: FIRST}
    found = await surroundings(chain, CoinPrice(), HoldingKind.VENUE)
    assert [each.symbol for each in found.feeds] == ["USDT"]


async def test_reader__coin__is_valued_by_its_feed_in_the_same_request() -> None:
    chain = market()
    found = await surroundings(chain, CoinPrice(feed=SECOND), HoldingKind.VENUE)
    # 3,300 whole USDT (6 decimals) for 1e18 wei.
    assert found.coin_price == Fraction(3_300 * 10**6, 10**18)
    assert chain.requests == 3


async def test_reader__fixed_price__wins() -> None:
    coin = CoinPrice(feed=SECOND, fixed=Fraction("0.5"))
    found = await surroundings(market(), coin)
    assert found.coin_price == Fraction(5 * 10**5, 10**18)


async def test_reader__coin_feed_says_nothing__there_is_no_price() -> None:
    found = await surroundings(market(), CoinPrice(feed=OLD))
    assert found.coin_price is None


def test_since__is_an_hour_before_the_block() -> None:
    assert datetime.fromtimestamp(SINCE.timestamp(), UTC) + HOUR == HEAD.at
