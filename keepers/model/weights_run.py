"""A portfolio on the scales of the chain, and what a keeper's run towards its weights does.

Amounts are base units of the settlement token unless named otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from keepers.model.errors.chain import CallRevertedError
from keepers.model.limits import Limit
from keepers.model.tier_config import Tier, TierValues

WEIGHTS = "WEIGHTS"
"""The kind of the steps that bring a portfolio's weights to their targets."""


class SkipReason(IntEnum):
    """Reason why a run does nothing (`IRebalanceable.Reason`)."""

    PAUSED = 0
    BUSY = 1
    COOL_DOWN = 2
    INSIDE_DRIFT = 3
    STALE_PRICE = 4
    SPOT_OFF_ORACLE = 5
    BUCKET_EMPTY = 6
    MAX_TOTAL_VALUE_LOSS = 7
    NOT_IMPROVED = 8
    NOTHING_TO_MOVE = 9


ADVICE = {
    SkipReason.PAUSED: "its runs are paused; a configurator has to unpause the WeightRebalancer",
    SkipReason.BUSY: "the vault is at work in the same transaction",
    SkipReason.COOL_DOWN: "it cools down after the last run that traded",
    SkipReason.INSIDE_DRIFT: "no weight is far enough from its target",
    SkipReason.STALE_PRICE: "a price is missing or cannot be believed; look at the feeds",
    SkipReason.SPOT_OFF_ORACLE: "a venue's price is not the oracle's",
    SkipReason.BUCKET_EMPTY: "more than may be traded or lost now; limits fill with time",
    SkipReason.MAX_TOTAL_VALUE_LOSS: "too much value would be lost",
    SkipReason.NOT_IMPROVED: "the weights would come no nearer to their targets",
    SkipReason.NOTHING_TO_MOVE: "nothing can be given or taken now",
}


class RebalanceRefusedError(CallRevertedError):
    """A run may not go on, for a reason that is no error: the next one may find it otherwise."""

    def __init__(self, reason: SkipReason) -> None:
        message = f"the chain would refuse the run: {ADVICE[reason]} ({reason.name})"
        super().__init__("Rebalance_Refused", (int(reason),), message)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Constituent:
    """An asset of a portfolio, as a run would take it.

    Attributes:
        asset: The token.
        price: Value of one base unit, on the scale of all prices.
        quantity: What counts, in base units.
        target_bps: Its target weight.
        sale_limit: Most base units that can be sold now.
        payment_limit: Most that may be paid for it now.
    """

    asset: str
    price: int
    quantity: int
    target_bps: int
    sale_limit: int
    payment_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTerms:
    """Terms of the chain for a keeper's run of one portfolio.

    Attributes:
        paused: Whether runs are stopped.
        cool_down_seconds: After a run that traded, how long runs wait ...
        last_run: ... and when that was; None if there was none.
        maximum_loss_bps: Value that a run may lose, of the portfolio.
        minimum_trade: Value below which nothing is traded.
        turnover: What sales bring and purchases cost, of this keeper's runs.
        loss: Value lost, of all runs.
    """

    paused: bool
    cool_down_seconds: int
    last_run: datetime | None
    maximum_loss_bps: int
    minimum_trade: int
    turnover: Limit
    loss: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioState:
    """One tier's portfolio at one block.

    Attributes:
        tier: The tier.
        judge: The contract that runs and judges.
        cash_price: Value of one base unit of the settlement token.
        constituents: The assets, in the portfolio's order.
        terms: What a run may do.
    """

    tier: Tier
    judge: str
    cash_price: int
    constituents: tuple[Constituent, ...]
    terms: RunTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A keeper's terms for the trade of one asset: the least to come out, and the venue's data."""

    asset: str
    minimum_out: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSimulation:
    """Result of a run that was simulated.

    Attributes:
        method: How it was asked.
        gas: Gas of the call; None where the method does not tell.
        tier_values: The tiers afterwards; None where it failed.
        values: What the portfolio's holdings are worth afterwards, by asset.
        failed: Why it would revert; None where it would not.
    """

    method: str
    gas: int | None
    tier_values: TierValues | None
    values: Mapping[str, int]
    failed: CallRevertedError | None


@dataclass(frozen=True, slots=True)
class WeightsEvent:
    """Event of a run: turnover, value lost, and what went back to the custodian."""

    turnover: int
    lost: int
    returned: int
