"""The engine's `PriceReader`: feeds of the oracle, and the price of the chain's coin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.chain.addresses import Addresses
from keepers.chain.batch import Batch, Slot
from keepers.chain.contracts.feed import AggregatorV3, RawRound
from keepers.chain.contracts.oracle import PriceOracle
from keepers.chain.feeds.walk import Walk, walk_back
from keepers.chain.node import Node
from keepers.chain.reads import VaultReads
from keepers.chain.survey import NO_FEED
from keepers.model.chain import Head
from keepers.model.risk import FeedHistory, Surroundings
from keepers.model.vault import HoldingKind, VaultPosition, VaultSnapshot

WEI_DECIMALS, PRICE_DECIMALS = 18, 18


@dataclass(frozen=True, slots=True)
class CoinPrice:
    """Where the price of the chain's coin comes from.

    Attributes:
        feed: A Chainlink feed of it in US dollars.
        fixed: Whole settlement tokens for a whole coin, which wins over the feed.
    """

    feed: str | None = None
    fixed: Fraction | None = None

    @property
    def read_feed(self) -> str | None:
        """The feed, where it is read."""
        return self.feed if self.fixed is None else None


@dataclass(frozen=True, slots=True)
class _CoinSlots:
    """The reads of the coin's price; the settlement token's is the oracle's."""

    newest: Slot[RawRound]
    decimals: Slot[int]
    settlement: Slot[tuple[int, datetime]]

    def price(self) -> Fraction | None:
        """Whole settlement tokens for a whole coin; None where one of them does not answer."""
        newest, decimals, settlement = self.newest.found, self.decimals.found, self.settlement.found
        if newest is None or decimals is None or settlement is None or newest.answer <= 0:
            return None
        return Fraction(newest.answer, 10**decimals) / Fraction(settlement[0], 10**PRICE_DECIMALS)


class FeedReader:
    """Reads of one vault's chain."""

    def __init__(
        self, node: Node, addresses: Addresses, coin: CoinPrice, reads: VaultReads | None = None
    ) -> None:
        """`reads` are those of the vault's snapshots, which may know some answers."""
        self._reads = reads or VaultReads(node, addresses.vault)
        self._addresses = addresses
        self._coin = coin

    async def surroundings(
        self, snapshot: VaultSnapshot, positions: Sequence[VaultPosition], since: datetime
    ) -> Surroundings:
        """The feeds of the settlement token and of what trades by them, at the snapshot's block."""
        settlement = self._settlement(snapshot)
        swapped = [each.asset for each in positions if each.kind is HoldingKind.VENUE]
        tokens = list(dict.fromkeys([settlement, *swapped]))
        head = Head(snapshot.block_number, snapshot.block_hash, snapshot.at, 0)
        batch = await self._reads.at(head.number, head.at)
        aggregators, coin = await self._learn(batch, tokens, settlement, head)
        known = [each for each in tokens if aggregators[each] != NO_FEED]
        feeds = [AggregatorV3(aggregators[each]) for each in known]
        walks = await walk_back(batch, feeds, head, since)
        return Surroundings(
            feeds=tuple(
                self._history(token, walk) for token, walk in zip(known, walks, strict=True)
            ),
            coin_price=self._per_wei(coin, snapshot.settlement_decimals),
        )

    async def _learn(
        self, batch: Batch, tokens: Sequence[str], settlement: str, head: Head
    ) -> tuple[dict[str, str], _CoinSlots | None]:
        """Which feeds tokens have, and the coin's price, in one request or none."""
        oracle = PriceOracle(self._addresses.oracle)
        slots = {each: batch.add(oracle.aggregator(each)) for each in tokens}
        coin = None
        if self._coin.read_feed is not None:
            feed = AggregatorV3(self._coin.read_feed)
            newest, decimals = batch.add(feed.latest()), batch.add(feed.decimals())
            coin = _CoinSlots(newest, decimals, batch.add(oracle.price(settlement)))
        await batch.run(head.number)
        return {token: slot.value for token, slot in slots.items()}, coin

    def _settlement(self, snapshot: VaultSnapshot) -> str:
        """The settlement token's address; symbols are unique in a deployments file."""
        tokens = self._addresses.tokens.items()
        return next(
            address for address, token in tokens if token.symbol == snapshot.settlement_symbol
        )

    def _history(self, token: str, walk: Walk) -> FeedHistory:
        return FeedHistory(
            token=token,
            symbol=self._addresses.token(token).symbol,
            since=walk.since,
            rounds=tuple(walk.rounds),
            reaches=walk.reaches,
        )

    def _per_wei(self, slots: _CoinSlots | None, decimals: int) -> Fraction | None:
        whole = self._coin.fixed
        if whole is None and slots is not None:
            whole = slots.price()
        return None if whole is None else whole * Fraction(10**decimals, 10**WEI_DECIMALS)
