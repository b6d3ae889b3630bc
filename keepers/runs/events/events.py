"""Events of a vault that require a check, derived from chain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import structlog

from keepers.model.chain_events import Handled, KnownLevel, Level, LevelKind, RecordedDeposit
from keepers.model.errors.chain import ChainError
from keepers.model.money import WHOLE_BPS, BasisPoints
from keepers.model.tier_state import Event, Maturity, PriceMove, Subscription, WindowOpen
from keepers.runs.events.deposits import ChainEventStore, DepositReader, Gauge
from keepers.runs.schedule.ports import Offer

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class EventLimits:
    """Minimum sizes of events: `EVENT_SUBSCRIPTION_AMOUNT` in base units, `EVENT_PRICE_MOVE`."""

    subscription: int
    price_move: BasisPoints


class EventWatch:
    """The scheduler's `Watch` of one vault."""

    def __init__(
        self, reader: DepositReader, gauge: Gauge, store: ChainEventStore, limits: EventLimits
    ) -> None:
        self._reader = reader
        self._gauge = gauge
        self._store = store
        self._limits = limits

    async def poll(self) -> Offer:
        """Return the events since the last handled ones.

        Deposits are summed until they are large enough together; they wait while blocks are unread.
        If logs cannot be read, prices and windows can still require a check.

        Raises:
            ChainError: The chain cannot be read, and there is no other event.
        """
        is_read, unread = False, None
        try:
            is_read = await self._reader.catch_up()
        except ChainError as error:
            _log.warning("deposits_not_read", reason=str(error))
            unread = error
        deposits = self._store.open_deposits() if is_read else ()
        offer = _together([self._subscription(deposits), *await self._changes()])
        if unread is not None and not offer.events:
            raise unread
        return offer

    async def _changes(self) -> list[Offer]:
        offers: list[Offer] = []
        known, rebalanced = self._store.levels(), self._store.rebalanced_at()
        for level in await self._gauge.levels():
            since = known.get((level.kind, level.asset))
            if level.kind is LevelKind.PRICE:
                offers.append(self._price(level, since, rebalanced))
            else:
                offers.append(_claimable(level, since))
        return offers

    def _subscription(self, deposits: tuple[RecordedDeposit, ...]) -> Offer:
        total = sum(each.amount for each in deposits)
        if total <= self._limits.subscription:
            return Offer()
        ids = tuple(each.deposit_id for each in deposits)
        return Offer((Subscription(total),), handled=Handled(deposits=ids))

    def _price(self, level: Level, since: KnownLevel | None, rebalanced: datetime | None) -> Offer:
        """Compare with the price at the last rebalance or the last handled move."""
        is_old = since is not None and rebalanced is not None and since.set_at < rebalanced
        if since is None or is_old or since.value == 0:
            return Offer(noted=(level,))
        change = Fraction(level.value - since.value, since.value)
        if abs(change) * WHOLE_BPS <= self._limits.price_move:
            return Offer()
        return Offer((PriceMove(level.asset, change),), handled=Handled(levels=(level,)))


def _claimable(level: Level, since: KnownLevel | None) -> Offer:
    """Return an event if more is claimable than was handled; note the level if it is less."""
    before = 0 if since is None else since.value
    if level.value < before:
        return Offer(noted=(level,))
    if level.value == before:
        return Offer()
    is_maturity = level.kind is LevelKind.MATURITY
    event = Maturity(level.asset, level.value) if is_maturity else WindowOpen(level.asset)
    return Offer((event,), handled=Handled(levels=(level,)))


def _together(offers: list[Offer]) -> Offer:
    def events() -> Iterator[Event]:
        for each in offers:
            yield from each.events

    return Offer(
        tuple(events()),
        tuple(level for each in offers for level in each.noted),
        Handled(
            tuple(number for each in offers for number in each.handled.deposits),
            tuple(level for each in offers for level in each.handled.levels),
        ),
    )
