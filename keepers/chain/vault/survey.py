"""Reads that a vault will need, predicted from earlier answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

from keepers.chain.addresses import Addresses
from keepers.chain.codec import ZERO_ADDRESS, Call
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
"""Source and target token."""


def key_of(kind: OrderKind, position: VaultPosition) -> Key:
    """Return the key of trades that use the same pools."""
    return kind, position.venue, position.asset


def pair_of(key: Key, settlement: str) -> Pair:
    """Return the sold token and the bought token."""
    kind, _, asset = key
    return (settlement, asset) if kind is OrderKind.PURCHASE else (asset, settlement)


T = TypeVar("T")

ROUNDS = 16
"""Rounds of a feed before the newest that are read together with quotes."""


class Answers(Protocol):
    """Reads of a block."""

    def prefetch(self, call: Call[Any]) -> None:
        """Add an optional read."""
        ...

    def known(self, call: Call[T]) -> T | None:
        """Return the answer of a read, or None."""
        ...


class VaultSurvey:
    """Known holdings, venues and feeds of a vault, kept across ticks.

    Predicts reads and makes them together with a snapshot, so that a plan need not make them later.
    It stores no answers: those are always read at the block. It can therefore be incomplete, which
    costs another request, but never stale.
    """

    def __init__(self, addresses: Addresses, coin_feed: str | None = None) -> None:
        """Set up the survey; `coin_feed` is a feed of the native token."""
        self.addresses = addresses
        self.coin_feed = coin_feed
        self.settlement: str | None = None
        self._holdings: tuple[VaultPosition, ...] = ()
        self._listed: dict[Key, tuple[str, ...]] = {}
        self._aggregators: dict[str, str] = {}
        self._oracle = PriceOracle(addresses.oracle)

    def is_of(self, addresses: Addresses, coin_feed: str | None) -> bool:
        """Return whether it matches this vault as currently configured and deployed."""
        return (self.addresses, self.coin_feed) == (addresses, coin_feed)

    def remember(self, holdings: tuple[VaultPosition, ...]) -> None:
        """Remember the vault's holdings."""
        self._holdings = holdings

    def prefetch(self, reads: Answers) -> None:
        """Add all reads that do not depend on amounts."""
        self.learn(reads)
        for each in self._reads():
            reads.prefetch(each)

    def prefetch_rounds(self, reads: Answers) -> None:
        """Add reads of the feeds' rounds before the newest ones."""
        for token in self._tokens():
            feed = AggregatorV3(self._aggregators.get(token, ZERO_ADDRESS))
            newest = reads.known(feed.latest())
            for earlier in newest.before(ROUNDS) if newest else ():
                reads.prefetch(feed.round(earlier))

    def learn(self, reads: Answers) -> None:
        """Remember the listed venues and the feeds of tokens."""
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
                yield UniswapV3Venue(venue).path_of(*pair_of(key, self.settlement or ZERO_ADDRESS))
        for token in self._tokens():
            yield self._oracle.aggregator(token)
            aggregator = self._aggregators.get(token, ZERO_ADDRESS)
            if aggregator != ZERO_ADDRESS:
                yield AggregatorV3(aggregator).latest()
        if self.coin_feed is not None:
            coin = AggregatorV3(self.coin_feed)
            yield from (coin.latest(), coin.decimals())
            yield from () if self.settlement is None else (self._oracle.price(self.settlement),)

    def _venues_of(self, key: Key) -> Call[tuple[str, ...]]:
        return AutoVenue(key[1]).venues_of(*pair_of(key, self.settlement or ZERO_ADDRESS))

    def _keys(self) -> list[Key]:
        """Return the trades in pools, in both directions; none before the first snapshot."""
        if self.settlement is None:
            return []
        return [key_of(kind, each) for each in self._swapped() for kind in OrderKind]

    def _tokens(self) -> list[str]:
        """Return the tokens whose feeds are needed; all tokens before the first snapshot."""
        if self.settlement is None or not self._holdings:
            return list(self.addresses.tokens)
        return list(dict.fromkeys([self.settlement, *(each.asset for each in self._swapped())]))

    def _swapped(self) -> list[VaultPosition]:
        return [each for each in self._holdings if each.kind is HoldingKind.VENUE]


def room_of(position: VaultPosition, addresses: Addresses) -> tuple[Call[int], Call[int]]:
    """Return the reads of a fund's largest withdrawal and deposit."""
    fund, owner = IERC4626(position.asset), addresses.portfolio(position.tier)
    return fund.max_withdraw(owner), fund.max_deposit(owner)
