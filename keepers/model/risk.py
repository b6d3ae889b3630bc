"""Inputs of the risk check: prices as feeds had them, yields of funds, simulations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.tier_config import TierValues

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PriceRound:
    """A feed's answer, positive, and when it was given."""

    answer: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """A token's feed since a time.

    Attributes:
        token: The token's address.
        symbol: Its name.
        since: From when on the answers are of interest.
        rounds: The answers that could be read, in any order.
        reaches: Whether they tell the price at `since`, or go back to the feed's first.
    """

    token: str
    symbol: str
    since: datetime
    rounds: tuple[PriceRound, ...]
    reaches: bool

    @property
    def in_force(self) -> tuple[PriceRound, ...]:
        """The answers that were the newest at any moment since then, newest first."""
        ordered = sorted(self.rounds, key=lambda each: each.at, reverse=True)
        later = [each for each in ordered if each.at > self.since]
        return (*later, *ordered[len(later) : len(later) + 1])

    @property
    def move_bps(self) -> Fraction:
        """The largest move between two of them, in basis points of the lower one."""
        answers = [each.answer for each in self.in_force]
        if not answers:
            return Fraction(0)
        return Fraction((max(answers) - min(answers)) * WHOLE_BPS, min(answers))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEnvironment:
    """Inputs of the risk check from a chain.

    Attributes:
        feeds: The histories that were asked for.
        coin_price: Base units of the settlement token for a wei; None where nobody says.
    """

    feeds: tuple[FeedHistory, ...]
    coin_price: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundRate:
    """Value of a fund's shares at a block, in base units of both tokens."""

    vault: str
    chain_id: int
    asset: str
    block_number: int
    at: datetime
    assets: int
    shares: int

    @property
    def rate(self) -> Fraction:
        """Assets for a share."""
        return Fraction(self.assets, self.shares)


@dataclass(frozen=True, slots=True)
class FundYield:
    """Yield of a fund over some time; negative for a loss."""

    earned: Fraction
    over: timedelta

    def of(self, horizon: timedelta) -> Fraction:
        """The part of a value that it earns in a time, if it goes on like this."""
        return self.earned * Fraction(_microseconds(horizon), _microseconds(self.over))

    @property
    def yearly_bps(self) -> Fraction:
        """In basis points a year, without compounding."""
        return self.of(YEAR) * WHOLE_BPS


def yields_of(rates: Sequence[FundRate], minimum: timedelta) -> Mapping[str, FundYield]:
    """Return the yields of funds between the first and the last of their rates, by asset.

    Args:
        rates: Of any funds, in any order.
        minimum: A fund that is known for less has none.
    """
    found: dict[str, FundYield] = {}
    for asset in {each.asset for each in rates}:
        known = sorted((each for each in rates if each.asset == asset), key=lambda each: each.at)
        first, last = known[0], known[-1]
        over = last.at - first.at
        if over >= minimum and over:
            found[asset] = FundYield(last.rate / first.rate - 1, over)
    return found


def _microseconds(time: timedelta) -> int:
    return time // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FailedCall:
    """The first call that reverted, by its index, and why."""

    index: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The calls of a plan, run one after the other without being sent.

    Attributes:
        method: `eth_simulateV1` or `eth_call`.
        gas: Gas of each call; empty where the method does not say.
        received: What each call answered.
        tier_values: The tiers afterwards; None when a call failed.
        failed: The first call that reverted, None when none did.
    """

    method: str
    gas: tuple[int, ...]
    received: tuple[int, ...]
    tier_values: TierValues | None
    failed: FailedCall | None
