"""Inputs of the risk check: price feed histories, yields of funds, simulations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.tier_config import TierValues

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PriceRound:
    """Positive answer of a price feed, and its time."""

    answer: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """History of a token's price feed.

    Attributes:
        token: The token's address.
        symbol: Its name.
        since: Start of the relevant period.
        rounds: The rounds that could be read, in any order.
        reaches: Whether the rounds cover the price at `since`, or reach the feed's first round.
    """

    token: str
    symbol: str
    since: datetime
    rounds: tuple[PriceRound, ...]
    reaches: bool

    @property
    def in_force(self) -> tuple[PriceRound, ...]:
        """Return the rounds that were the latest at some time since `since`, newest first."""
        ordered = sorted(self.rounds, key=lambda each: each.at, reverse=True)
        later = [each for each in ordered if each.at > self.since]
        return (*later, *ordered[len(later) : len(later) + 1])

    @property
    def move_bps(self) -> Fraction:
        """Return the largest difference of two prices in force, in basis points of the lower."""
        answers = [each.answer for each in self.in_force]
        if not answers:
            return Fraction(0)
        return Fraction((max(answers) - min(answers)) * WHOLE_BPS, min(answers))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEnvironment:
    """Inputs of the risk check from a chain.

    Attributes:
        feeds: The requested feed histories.
        coin_price: Base units of the settlement token per wei; None if unknown.
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
        """Return assets per share."""
        return Fraction(self.assets, self.shares)


@dataclass(frozen=True, slots=True)
class FundYield:
    """Yield of a fund over a period; negative for a loss."""

    earned: Fraction
    over: timedelta

    def of(self, horizon: timedelta) -> Fraction:
        """Return the expected return over a horizon, as a fraction of value, by extrapolation."""
        return self.earned * Fraction(_microseconds(horizon), _microseconds(self.over))

    @property
    def yearly_bps(self) -> Fraction:
        """Return the yearly yield in basis points, without compounding."""
        return self.of(YEAR) * WHOLE_BPS


def yields_of(rates: Sequence[FundRate], minimum: timedelta) -> Mapping[str, FundYield]:
    """Return the yield of each fund between its first and last rate, by asset.

    Args:
        rates: Rates of any funds, in any order.
        minimum: Minimum period; a fund with a shorter one is omitted.
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
    """First call that reverted: its index and the reason."""

    index: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Simulation of a plan's calls in order.

    Attributes:
        method: `eth_simulateV1` or `eth_call`.
        gas: Gas of each call; empty if the method does not report it.
        received: Return value of each call; of a call with several actions, the executed ones as
            bits.
        tier_values: Tier values afterwards; None if a call failed.
        failed: The first call that reverted; None if none did.
        skipped: Errors of actions that failed inside a call with several, by call and index in it;
            empty if the method does not report them.
    """

    method: str
    gas: tuple[int, ...]
    received: tuple[int, ...]
    tier_values: TierValues | None
    failed: FailedCall | None
    skipped: Mapping[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
