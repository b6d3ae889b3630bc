"""On-chain state of a portfolio, and a keeper's run that rebalances its weights.

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
"""Kind of the steps that rebalance a portfolio's weights."""


class SkipReason(IntEnum):
    """Reason why a run is skipped (`IRebalanceable.Reason`)."""

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
    SkipReason.BUSY: "the vault is executing another action in the same transaction",
    SkipReason.COOL_DOWN: "the cool-down after the last run that traded has not passed",
    SkipReason.INSIDE_DRIFT: "no weight deviates far enough from its target",
    SkipReason.STALE_PRICE: "a price is missing or not plausible; check the feeds",
    SkipReason.SPOT_OFF_ORACLE: "a venue's price deviates from the oracle's price",
    SkipReason.BUCKET_EMPTY: (
        "the run exceeds what may be traded or lost now; limits refill over time"
    ),
    SkipReason.MAX_TOTAL_VALUE_LOSS: "the run would lose too much value",
    SkipReason.NOT_IMPROVED: "the run would not bring the weights closer to their targets",
    SkipReason.NOTHING_TO_MOVE: "nothing can be sold or bought now",
}


class RebalanceRefusedError(CallRevertedError):
    """The contract skips the run for a temporary reason; the next run may succeed."""

    def __init__(self, reason: SkipReason) -> None:
        message = f"the contract would reject the run: {ADVICE[reason]} ({reason.name})"
        super().__init__("Rebalance_Refused", (int(reason),), message)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Constituent:
    """Asset of a portfolio, with the values that a run would use.

    Attributes:
        asset: The token.
        price: Value of one base unit, in the common price scale.
        quantity: Quantity that counts, in base units.
        target_bps: Its target weight.
        sale_limit: Maximum base units that can be sold now.
        payment_limit: Maximum that may be paid for it now.
    """

    asset: str
    price: int
    quantity: int
    target_bps: int
    sale_limit: int
    payment_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTerms:
    """On-chain terms of a keeper's run of one portfolio.

    Attributes:
        paused: Whether runs are stopped.
        cool_down_seconds: Waiting time after a run that traded.
        last_run: Time of the last run that traded; None if there was none.
        maximum_loss_bps: Maximum loss of a run, relative to the portfolio's value.
        minimum_trade: Minimum value of a trade.
        turnover: Limit on proceeds of sales plus cost of purchases in this keeper's runs.
        loss: Limit on the value lost in all runs.
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
    """State of a tier's portfolio at one block.

    Attributes:
        tier: The tier.
        judge: The contract that executes and verifies runs.
        cash_price: Value of one base unit of the settlement token.
        constituents: The assets, in the portfolio's order.
        terms: Terms of a run.
    """

    tier: Tier
    judge: str
    cash_price: int
    constituents: tuple[Constituent, ...]
    terms: RunTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Keeper's terms of one asset's trade: minimum received, and data for the venue."""

    asset: str
    minimum_out: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSimulation:
    """Result of a simulated run.

    Attributes:
        method: RPC method of the simulation.
        gas: Gas of the call; None if the method does not report it.
        tier_values: Tier values afterwards; None if it failed.
        values: Values of the portfolio's holdings afterwards, by asset.
        failed: Reason of the revert; None if it would succeed.
    """

    method: str
    gas: int | None
    tier_values: TierValues | None
    values: Mapping[str, int]
    failed: CallRevertedError | None


@dataclass(frozen=True, slots=True)
class WeightsEvent:
    """Event of a run: turnover, value lost, and the amount returned to the custodian."""

    turnover: int
    lost: int
    returned: int
