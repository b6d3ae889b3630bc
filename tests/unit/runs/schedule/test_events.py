"""Tests of events: the changes that count, and the levels from which they are measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from keepers.model.chain_events import (
    BlockCursor,
    Deposit,
    DepositScan,
    Handled,
    KnownLevel,
    Level,
    LevelKind,
    RecordedDeposit,
)
from keepers.model.errors.chain import ChainError
from keepers.model.tier_state import Maturity, PriceMove, Subscription, WindowOpen
from keepers.runs.events.deposits import DepositReader
from keepers.runs.events.events import EventLimits, EventWatch
from keepers.runs.schedule.ports import Offer
from tests.unit.runs.schedule.doubles import MONDAY

Known = dict[tuple[LevelKind, str], KnownLevel]


@dataclass
class StillChain:
    """Chain with empty blocks only."""

    top: int = 100

    async def head(self) -> int:
        return self.top

    async def hash_at(self, block: int) -> str | None:
        return f"0x{block}"

    async def deposits(self, first: int, last: int) -> DepositScan:
        return DepositScan(f"0x{first - 1}", BlockCursor(last, f"0x{last}"), ())


@dataclass
class Memory:
    """Stored deposits and levels, set by a test."""

    deposits: tuple[RecordedDeposit, ...] = ()
    known: Known = field(default_factory=Known)
    rebalanced: datetime | None = None
    read: list[BlockCursor] = field(default_factory=lambda: [BlockCursor(100, "0x100")])

    def places(self) -> tuple[BlockCursor, ...]:
        return tuple(reversed(self.read))

    def keep(self, found: Sequence[Deposit], until: BlockCursor) -> None:
        assert not found
        self.read.append(until)

    def step_back(self, common: int) -> int:
        raise AssertionError(common)

    def open_deposits(self) -> tuple[RecordedDeposit, ...]:
        return self.deposits

    def levels(self) -> Mapping[tuple[LevelKind, str], KnownLevel]:
        return self.known

    def rebalanced_at(self) -> datetime | None:
        return self.rebalanced


@dataclass
class Dial:
    """`Gauge` set by a test."""

    shown: tuple[Level, ...] = ()

    async def levels(self) -> tuple[Level, ...]:
        return self.shown


def price(value: int, asset: str = "WBTC") -> Level:
    return Level(LevelKind.PRICE, asset, value)


def known(level: Level, at: datetime = MONDAY) -> Known:
    return {(level.kind, level.asset): KnownLevel(level.value, at)}


async def look(memory: Memory, *levels: Level, chain: StillChain | None = None) -> Offer:
    reader = DepositReader(chain or StillChain(), memory, confirmations=1)
    limits = EventLimits(subscription=100, price_move=500)
    return await EventWatch(reader, Dial(levels), memory, limits).poll()


async def test_deposits__exactly_the_limit__are_no_event() -> None:
    assert await look(Memory((RecordedDeposit(1, 60), RecordedDeposit(2, 40)))) == Offer()


async def test_deposits__added_up_above_the_limit__are_one_event() -> None:
    offer = await look(Memory((RecordedDeposit(1, 60), RecordedDeposit(2, 41))))
    assert offer == Offer((Subscription(101),), handled=Handled(deposits=(1, 2)))


async def test_deposits__while_there_is_much_to_read__wait() -> None:
    memory = Memory((RecordedDeposit(1, 500),))
    assert await look(memory, chain=StillChain(top=10**6)) == Offer()


@dataclass
class SilentChain(StillChain):
    """Chain whose nodes return no logs."""

    async def head(self) -> int:
        raise ChainError("no node returns the logs")


async def test_logs_refused__a_price_move_is_an_event_all_the_same() -> None:
    memory = Memory((RecordedDeposit(1, 500),), known=known(price(1_000)))
    offer = await look(memory, price(949), chain=SilentChain())
    assert offer.events == (PriceMove("WBTC", Fraction(-51, 1_000)),)


async def test_logs_refused__nothing_else_happened__is_an_error() -> None:
    with pytest.raises(ChainError):
        await look(Memory(), price(1_000), chain=SilentChain())


async def test_price__seen_first__is_what_moves_count_from() -> None:
    assert await look(Memory(), price(1_000)) == Offer(noted=(price(1_000),))


async def test_price__moved_by_exactly_the_limit__is_no_event() -> None:
    for now in (1_050, 950):
        assert await look(Memory(known=known(price(1_000))), price(now)) == Offer()


async def test_price__moved_by_more__is_an_event_with_its_sign() -> None:
    offer = await look(Memory(known=known(price(1_000))), price(949))
    handled = Handled(levels=(price(949),))
    assert offer == Offer((PriceMove("WBTC", Fraction(-51, 1_000)),), handled=handled)


async def test_price__after_a_rebalance__counts_from_there() -> None:
    memory = Memory(known=known(price(1_000)), rebalanced=MONDAY + timedelta(seconds=1))
    assert await look(memory, price(2_000)) == Offer(noted=(price(2_000),))
    memory.rebalanced = MONDAY
    assert (await look(memory, price(2_000))).events


async def test_claimable__more_than_handled__is_an_event() -> None:
    paid = Level(LevelKind.MATURITY, "FUND", 70)
    settled = Level(LevelKind.WINDOW, "FUND", 30)
    offer = await look(Memory(), paid, settled)
    assert offer.events == (Maturity("FUND", 70), WindowOpen("FUND"))
    assert offer.handled == Handled(levels=(paid, settled))
    assert await look(Memory(known=known(paid) | known(settled)), paid, settled) == Offer()


async def test_claimable__less_than_handled__was_claimed() -> None:
    memory = Memory(known=known(Level(LevelKind.MATURITY, "FUND", 70)))
    empty = Level(LevelKind.MATURITY, "FUND", 0)
    assert await look(memory, empty) == Offer(noted=(empty,))
