"""Reads that a vault will need, predicted from earlier answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

from keepers.chain.addresses import Addresses
from keepers.chain.codec import Call
from keepers.chain.contracts.market import (
    IERC4626,
    AggregatorV3,
    AutoVenue,
    PriceOracle,
    UniswapV3Venue,
)
from keepers.model.order import OrderKind
from keepers.model.vault import HoldingKind, VaultPosition

Trade = tuple[OrderKind, VaultPosition]
Key = tuple[OrderKind, str, str]
"""A direction, a venue and an asset."""

Pair = tuple[str, str]
"""From token to token."""


def key_of(kind: OrderKind, position: VaultPosition) -> Key:
    """Return the key of trades that are made in the same pools."""
    return kind, position.venue, position.asset


def pair_of(key: Key, settlement: str) -> Pair:
    """Return the token that is sold and the one that is bought."""
    kind, _, asset = key
    return (settlement, asset) if kind is OrderKind.PURCHASE else (asset, settlement)


T = TypeVar("T")

NO_FEED = "0x" + "00" * 20
ROUNDS = 16
"""Rounds of a feed before the newest that are read along with quotes."""


class Answers(Protocol):
    """The reads of a block."""

    def take_along(self, call: Call[Any]) -> None:
        """Collect a read that can wait."""
        ...

    def known(self, call: Call[T]) -> T | None:
        """Return the chain's answer."""
        ...


class VaultSurvey:
    """Which holdings, venues and feeds a vault has had, kept over ticks.

    It says what to ask with the snapshot, so that a plan need not ask for it later. It answers
    nothing: what is used of a block was read at that block. So what is remembered cannot be
    stale, only incomplete, and then somebody asks once more.
    """

    def __init__(self, addresses: Addresses, coin_feed: str | None = None) -> None:
        """`coin_feed` is a feed of the chain's coin."""
        self.addresses = addresses
        self.coin_feed = coin_feed
        self.settlement: str | None = None
        self._holdings: tuple[VaultPosition, ...] = ()
        self._listed: dict[Key, tuple[str, ...]] = {}
        self._aggregators: dict[str, str] = {}
        self._oracle = PriceOracle(addresses.oracle)

    def is_of(self, addresses: Addresses, coin_feed: str | None) -> bool:
        """Whether it is of this vault as it is configured and deployed now."""
        return (self.addresses, self.coin_feed) == (addresses, coin_feed)

    def sees(self, holdings: tuple[VaultPosition, ...]) -> None:
        """The vault has these holdings."""
        self._holdings = holdings

    def ask(self, reads: Answers) -> None:
        """Take along all that does not depend on amounts."""
        self.learn(reads)
        for each in self._reads():
            reads.take_along(each)

    def ask_rounds(self, reads: Answers) -> None:
        """Take along rounds of feeds, by the newest ones."""
        for token in self._tokens():
            feed = AggregatorV3(self._aggregators.get(token, NO_FEED))
            newest = reads.known(feed.latest())
            for earlier in newest.before(ROUNDS) if newest else ():
                reads.take_along(feed.round(earlier))

    def learn(self, reads: Answers) -> None:
        """Remember which venues are listed and which feeds tokens have."""
        for token in self._tokens():
            aggregator = reads.known(self._oracle.aggregator(token))
            if aggregator is not None:
                self._aggregators[token] = aggregator
        for key in self._keys():
            venues = reads.known(self._venues_of(key))
            if venues is not None:
                self._listed[key] = venues

    def _reads(self) -> Iterator[Call[Any]]:
        for each in self._holdings:
            if each.kind is HoldingKind.ERC4626:
                yield from room_of(each, self.addresses)
        for key in self._keys():
            yield self._venues_of(key)
            for venue in (key[1], *self._listed.get(key, ())):
                yield UniswapV3Venue(venue).path_of(*pair_of(key, self.settlement or NO_FEED))
        for token in self._tokens():
            yield self._oracle.aggregator(token)
            aggregator = self._aggregators.get(token, NO_FEED)
            if aggregator != NO_FEED:
                yield AggregatorV3(aggregator).latest()
        if self.coin_feed is not None:
            coin = AggregatorV3(self.coin_feed)
            yield from (coin.latest(), coin.decimals())
            yield from () if self.settlement is None else (self._oracle.price(self.settlement),)

    def _venues_of(self, key: Key) -> Call[tuple[str, ...]]:
        return AutoVenue(key[1]).venues_of(*pair_of(key, self.settlement or NO_FEED))

    def _keys(self) -> list[Key]:
        """Return the trades in pools, in both directions; none before the first snapshot."""
        if self.settlement is None:
            return []
        return [key_of(kind, each) for each in self._swapped() for kind in OrderKind]

    def _tokens(self) -> list[str]:
        """Return the tokens with feeds that count; all tokens before the first snapshot."""
        if self.settlement is None or not self._holdings:
            return list(self.addresses.tokens)
        return list(dict.fromkeys([self.settlement, *(each.asset for each in self._swapped())]))

    def _swapped(self) -> list[VaultPosition]:
        return [each for each in self._holdings if each.kind is HoldingKind.VENUE]


def room_of(position: VaultPosition, addresses: Addresses) -> tuple[Call[int], Call[int]]:
    """Return the reads of a fund's largest withdrawal and deposit."""
    fund, owner = IERC4626(position.asset), addresses.portfolio(position.tier)
    return fund.max_withdraw(owner), fund.max_deposit(owner)
