"""Prices for the risk check: rounds of the oracle's feeds, and the native token's price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.codec import ZERO_ADDRESS
from keepers.chain.contracts.market import PHASE_BITS, AggregatorV3, PriceOracle, RawRound
from keepers.chain.node import Node
from keepers.chain.vault.reads import VaultReads
from keepers.chain.vault.survey import ROUNDS
from keepers.model.chain import Head
from keepers.model.risk import FeedHistory, PriceRound, RiskEnvironment
from keepers.model.vault import HoldingKind, VaultPosition, VaultSnapshot

STRIDES = (ROUNDS, 64, 128)
"""Rounds of a feed to read in the first request, in the second, and so on.

A busy feed has a few rounds per hour; a history that ends before the requested time is marked."""

FIRST_ROUND = 1
FIRST_PHASE = 1


@dataclass(slots=True)
class Walk:
    """Rounds of one feed read so far, and the next id to read.

    Rounds after `until` are ignored: it is the block's time, or the start of the later phase, since
    a replaced aggregator may continue to answer.
    """

    feed: AggregatorV3
    since: datetime
    until: datetime
    next_id: int = 0
    rounds: list[PriceRound] = field(default_factory=list[PriceRound])
    is_over: bool = False

    @property
    def reaches(self) -> bool:
        """Whether the price at `since` is known, or did not exist yet."""
        return self.is_over or any(each.at <= self.since for each in self.rounds)

    @property
    def phase(self) -> int:
        """Phase of the next round, which is the aggregator's number; 0 without a proxy."""
        return self.next_id >> PHASE_BITS

    @property
    def position(self) -> int:
        """Number of the next round in its phase."""
        return self.next_id - (self.phase << PHASE_BITS)

    def begin(self, newest: RawRound | None) -> None:
        """Add the newest round; a feed without one has no history."""
        if newest is not None:
            self.take(newest)
            self.next_id = newest.round_id - 1

    def take(self, found: RawRound | None) -> None:
        """Add a round, if it exists and has a price."""
        if found is None or found.answer <= 0:
            return
        if 0 < found.updated_at <= self.until.timestamp():
            self.rounds.append(PriceRound(found.answer, found.at))

    def enter_previous_phase(self, newest: int | None) -> None:
        """Continue with the previous phase, from its newest round."""
        self.until = min(each.at for each in self.rounds)
        self.next_id = ((self.phase - 1) << PHASE_BITS) + (newest or 0)

    def ask(self, batch: ReadBatch, stride: int) -> list[ReadSlot[RawRound]]:
        """Add reads of the next rounds, as far as this phase has them."""
        count = min(stride, self.position)
        asked = [batch.add(self.feed.round(self.next_id - step)) for step in range(count)]
        self.next_id -= count
        return asked


async def walk_back(
    batch: ReadBatch, feeds: Sequence[AggregatorV3], head: Head, since: datetime
) -> tuple[Walk, ...]:
    """Read rounds at a block until the price of each feed at a time is known.

    It takes one request for the newest rounds, usually one for earlier ones, and none for rounds
    that the batch already has. Missing rounds are skipped.
    """
    walks = tuple(Walk(feed, since, head.at) for feed in feeds)
    newest = [batch.add(each.feed.latest()) for each in walks]
    await batch.run(head.number)
    for walk, slot in zip(walks, newest, strict=True):
        walk.begin(slot.found)
    for stride in STRIDES:
        going = [each for each in walks if each.rounds and not each.reaches]
        await _turn_phases(batch, going, head)
        asked = [(each, each.ask(batch, stride)) for each in going if not each.is_over]
        await batch.run(head.number)
        for walk, slots in asked:
            for slot in slots:
                walk.take(slot.found)
    return walks


async def _turn_phases(batch: ReadBatch, walks: Sequence[Walk], head: Head) -> None:
    """Continue with the previous aggregator for feeds without rounds left in the phase."""
    at_the_end = [each for each in walks if each.position < FIRST_ROUND]
    for walk in at_the_end:
        walk.is_over = walk.phase <= FIRST_PHASE
    turning = [each for each in at_the_end if not each.is_over]
    before = [batch.add(each.feed.phase_aggregator(each.phase - 1)) for each in turning]
    await batch.run(head.number)
    newest = [
        batch.add(AggregatorV3(slot.found).latest_round()) if slot.found else None
        for slot in before
    ]
    await batch.run(head.number)
    for walk, slot in zip(turning, newest, strict=True):
        walk.enter_previous_phase(None if slot is None else slot.found)


WEI_DECIMALS, PRICE_DECIMALS = 18, 18


@dataclass(frozen=True, slots=True)
class CoinPrice:
    """Source of the native token's price.

    Attributes:
        feed: A Chainlink feed of the native token in US dollars.
        fixed: Whole settlement tokens per whole native token; takes precedence over the feed.
    """

    feed: str | None = None
    fixed: Fraction | None = None

    @property
    def read_feed(self) -> str | None:
        """The feed; None if the price is fixed."""
        return self.feed if self.fixed is None else None


@dataclass(frozen=True, slots=True)
class _CoinSlots:
    """Reads of the native token's price; the settlement token's price is from the oracle."""

    newest: ReadSlot[RawRound]
    decimals: ReadSlot[int]
    settlement: ReadSlot[tuple[int, datetime]]

    def price(self) -> Fraction | None:
        """Whole settlement tokens per whole native token; None if a read failed."""
        newest, decimals, settlement = self.newest.found, self.decimals.found, self.settlement.found
        if newest is None or decimals is None or settlement is None or newest.answer <= 0:
            return None
        return Fraction(newest.answer, 10**decimals) / Fraction(settlement[0], 10**PRICE_DECIMALS)


class FeedReader:
    """Reader of feeds for one vault."""

    def __init__(
        self, node: Node, addresses: Addresses, coin: CoinPrice, reads: VaultReads | None = None
    ) -> None:
        """Set up the reader; `reads` may already contain some answers."""
        self._reads = reads or VaultReads(node, addresses.vault)
        self._addresses = addresses
        self._coin = coin

    async def surroundings(
        self, snapshot: VaultSnapshot, positions: Sequence[VaultPosition], since: datetime
    ) -> RiskEnvironment:
        """Return the feeds of the settlement token and of swapped assets, at a snapshot's block."""
        settlement = self._settlement(snapshot)
        swapped = [each.asset for each in positions if each.kind is HoldingKind.VENUE]
        tokens = list(dict.fromkeys([settlement, *swapped]))
        head = Head(snapshot.block_number, snapshot.block_hash, snapshot.at, 0)
        batch = await self._reads.at(head.number, head.at)
        aggregators, coin = await self._learn(batch, tokens, settlement, head)
        known = [each for each in tokens if aggregators[each] != ZERO_ADDRESS]
        feeds = [AggregatorV3(aggregators[each]) for each in known]
        walks = await walk_back(batch, feeds, head, since)
        return RiskEnvironment(
            feeds=tuple(
                self._history(token, walk) for token, walk in zip(known, walks, strict=True)
            ),
            coin_price=self._per_wei(coin, snapshot.settlement_decimals),
        )

    async def _learn(
        self, batch: ReadBatch, tokens: Sequence[str], settlement: str, head: Head
    ) -> tuple[dict[str, str], _CoinSlots | None]:
        """Read the feeds of tokens and the native token's price, in at most one request."""
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
        """Return the settlement token's address; symbols are unique in a deployments file."""
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
