"""Tests of prefetched reads: those that the earlier plan needed, without removed holdings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from keepers.chain.addresses import Addresses, Token
from keepers.chain.codec import Call
from keepers.chain.contracts.market import RawRound
from keepers.chain.vault.survey import ROUNDS, VaultSurvey
from keepers.model.vault import HoldingKind
from tests.unit.chain.vault.test_feeds import FIRST, ORACLE, SECOND, USDT, WETH, address
from tests.unit.runs.risk.plans import position

T = TypeVar("T")

VENUE, LISTED, FUND = (address(number) for number in range(0xD0, 0xD3))
ADDRESSES = Addresses(
    vault=address(1),
    controller=address(2),
    portfolios=(address(3), address(4)),
    oracle=ORACLE,
    multicall3=address(5),
    quoter=address(6),
    tokens={USDT: Token("USDT", 6), WETH: Token("WETH", 18), FUND: Token("FUND", 18)},
)
HELD = replace(position("FUND", HoldingKind.ERC4626), asset=FUND)
SWAPPED = replace(position("WETH", HoldingKind.VENUE), asset=WETH, venue=VENUE)


class Known:
    """Reads with known answers, and the prefetched calls, by function name and target."""

    def __init__(self, answers: dict[tuple[str, str], Any] | None = None) -> None:
        self.answers = answers or {}
        self.taken: list[tuple[str, str]] = []

    def prefetch(self, call: Call[Any]) -> None:
        self.taken.append((call.function.name, call.target))

    def known(self, call: Call[T]) -> T | None:
        return self.answers.get((call.function.name, call.target))


def test_prefetch__nothing_seen__is_for_the_feeds_of_all_tokens() -> None:
    reads = Known()
    VaultSurvey(ADDRESSES).prefetch(reads)
    assert reads.taken == [("feedOf", ORACLE)] * 3


def test_prefetch__holdings_seen__is_for_their_room_paths_and_feeds() -> None:
    survey = VaultSurvey(ADDRESSES, coin_feed=SECOND)
    survey.settlement = USDT
    survey.remember((HELD, SWAPPED))
    reads = Known({("venuesOf", VENUE): (LISTED,), ("feedOf", ORACLE): FIRST})
    survey.prefetch(reads)
    assert reads.taken == [
        ("maxWithdraw", FUND),
        ("maxDeposit", FUND),
        *([("venuesOf", VENUE), ("pathOf", VENUE), ("pathOf", LISTED)] * 2),
        *([("feedOf", ORACLE), ("latestRoundData", FIRST)] * 2),
        *[("latestRoundData", SECOND), ("decimals", SECOND), ("price", ORACLE)],
    ]


def test_prefetch__holding_is_gone__asks_no_more_for_it() -> None:
    survey = VaultSurvey(ADDRESSES)
    survey.settlement = USDT
    survey.remember((HELD, SWAPPED))
    survey.remember((HELD,))
    reads = Known()
    survey.prefetch(reads)
    assert reads.taken == [("maxWithdraw", FUND), ("maxDeposit", FUND), ("feedOf", ORACLE)]


def test_prefetch__venue_lists_others_now__forgets_those_before() -> None:
    survey = VaultSurvey(ADDRESSES)
    survey.settlement = USDT
    survey.remember((SWAPPED,))
    survey.learn(Known({("venuesOf", VENUE): (LISTED,)}))
    reads = Known({("venuesOf", VENUE): ()})
    survey.prefetch(reads)
    assert ("pathOf", LISTED) not in reads.taken


def test_prefetch_rounds__newest_is_known__is_for_those_before_it() -> None:
    survey = VaultSurvey(ADDRESSES)
    survey.settlement = USDT
    survey.remember((HELD,))
    survey.learn(Known({("feedOf", ORACLE): FIRST}))
    for newest, count in ((100, ROUNDS), (5, 4), (1, 0)):
        reads = Known({("latestRoundData", FIRST): RawRound(newest, 10**8, 1)})
        survey.prefetch_rounds(reads)
        assert reads.taken == [("getRoundData", FIRST)] * count


def test_prefetch_rounds__no_feed_is_known__is_for_none() -> None:
    reads = Known()
    VaultSurvey(ADDRESSES).prefetch_rounds(reads)
    assert reads.taken == []


def test_is_of__configured_or_deployed_anew__is_another() -> None:
    survey = VaultSurvey(ADDRESSES, FIRST)
    assert survey.is_of(replace(ADDRESSES), FIRST)
    assert not survey.is_of(ADDRESSES, SECOND)
    assert not survey.is_of(replace(ADDRESSES, vault=address(9)), FIRST)
