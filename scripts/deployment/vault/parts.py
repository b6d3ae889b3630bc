"""Parts of the intended state of a vault, each validated separately.

Prices are decimal strings in US dollars, amounts decimal strings in whole tokens, ratios basis
points, times seconds.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from eth_utils.address import to_checksum_address
from pydantic import Field, model_validator

from scripts.deployment.config import DAY, WHOLE_BPS, Address, Bps, Limit, Model

LOSS_BUDGET_BPS = 50
LOSS_BUDGET_PERIOD = 7 * DAY
USUAL_CAP_BPS = 2500  # equals planning's limit on a single asset
USUAL_MINIMUM_RATE_BPS = 5000
LossBps = Annotated[int, Field(gt=0, le=1000)]


class Keeper(Model):
    """Keeper account and its limits.

    Attributes:
        automatic: Limit on adding risk without a plan.
        reducing: Limit on reducing risk.
        reducing_loss: Budget for the value lost by reducing risk; by default the vault's budget
            for reducing risk.
    """

    account: Address
    automatic: Limit
    reducing: Limit
    reducing_loss: Limit | None = None


class LossBudgets(Model):
    """Budgets for the value that actions may lose.

    A budget that is not given is 50 basis points of `assets`, refilled over seven days.

    Attributes:
        assets: Base of the default budgets.
        adding: Shared budget of all actions that add risk.
        reducing: Budget of actions that reduce risk: one per keeper, and one for approved plans.
        overdue: Budget of draws from L2 by anybody for overdue redemptions; by default `reducing`.
    """

    assets: Decimal | None = Field(default=None, gt=0)
    adding: Limit | None = None
    reducing: Limit | None = None
    overdue: Limit | None = None

    @model_validator(mode="after")
    def _both_follow(self) -> Self:
        if self.assets is None and (self.adding is None or self.reducing is None):
            raise ValueError("give assets, from which the budgets are derived, or both budgets")
        return self

    @property
    def limits(self) -> dict[str, Limit]:
        """Return the budgets that do not belong to a keeper."""
        reducing = self.reducing or self._usual
        return {
            "LossAdd": self.adding or self._usual,
            "LossReduce": reducing,
            "LossOverdue": self.overdue or reducing,
        }

    @property
    def _usual(self) -> Limit:
        assert self.assets is not None  # noqa: S101 - checked above
        cap = self.assets * LOSS_BUDGET_BPS / WHOLE_BPS
        return Limit(cap=cap, period_seconds=LOSS_BUDGET_PERIOD)


class Queue(Model):
    """Redemption queue: time until a request is due, and minimum request in whole vault tokens."""

    notice_seconds: int = Field(default=604_800, ge=0, le=604_800)
    minimum_shares: Decimal = Field(default=Decimal(1), ge=Decimal("0.001"), le=1000)


class Weights(Model):
    """Terms of weight rebalancing of one portfolio.

    Attributes:
        drift_bps: Tolerated distance of a weight from its target; beyond it anybody may start a
            run.
        cool_down_seconds: Time after a run that traded in which open runs do nothing.
        maximum_loss_bps: Maximum loss of a keeper's run, as a share of the portfolio.
        open_maximum_loss_bps: Maximum loss of an open run, which anybody may start.
        spot_tolerance_bps: Maximum distance of a venue's price from the oracle's in an open run.
        minimum_trade: Minimum trade in whole settlement tokens.
        turnover: Trading limit of each keeper; by default the keeper's limit without a plan.
        open_turnover: Trading limit of open runs; by default the limit without a plan of the most
            limited keeper, and zero if there is no keeper.
        loss: Loss budget of all runs; by default the vault's budget for adding risk.
    """

    drift_bps: Bps = 500
    cool_down_seconds: int = Field(default=3600, ge=0, lt=2**32)
    maximum_loss_bps: int = Field(default=100, ge=0, le=1000)
    open_maximum_loss_bps: int = Field(default=30, ge=0, le=1000)
    spot_tolerance_bps: Bps = 100
    minimum_trade: Decimal = Field(default=Decimal(100), ge=0)
    turnover: Limit | None = None
    open_turnover: Limit | None = None
    loss: Limit | None = None

    @model_validator(mode="after")
    def _anybody_loses_less(self) -> Self:
        if self.open_maximum_loss_bps > self.maximum_loss_bps:
            raise ValueError("open_maximum_loss_bps is above maximum_loss_bps")
        return self

    @property
    def limits(self) -> dict[str, Limit]:
        """Return the configured limits."""
        given = (
            ("turnover", self.turnover),
            ("open_turnover", self.open_turnover),
            ("loss", self.loss),
        )
        return {name: limit for name, limit in given if limit is not None}


class PortfolioWeights(Model):
    """Terms of both portfolios."""

    l2: Weights = Weights()
    l3: Weights = Weights()


class Otc(Model):
    """Trades with desks that sign quotes: the desks, and the maximum loss of a trade."""

    desks: tuple[Address, ...] = ()
    maximum_loss_bps: LossBps = 100


class Feed(Model):
    """Chainlink aggregator and the bounds of its prices.

    Attributes:
        description: Name on chain, if it is not the token's symbol in USD.
    """

    aggregator: Address
    heartbeat_seconds: int = Field(gt=0)
    minimum_price: Decimal = Field(gt=0)
    maximum_price: Decimal = Field(gt=0)
    description: str | None = None


class Token(Model):
    """Token of the vault: the settlement token, an asset or an ERC-4626 fund."""

    address: Address
    decimals: int = Field(ge=0, le=36)
    feed: Feed | None = None


class HoldingKind(StrEnum):
    """Ways of trading a holding; the values are the names in the configuration."""

    ERC4626 = "ERC4626"
    VENUE = "VENUE"
    ASYNC = "ASYNC"


class VenueName(StrEnum):
    """Venues of a VENUE holding; the values are the names in the configuration."""

    UNISWAP_V3 = "UNISWAP_V3"
    OTC = "OTC"
    AUTO = "AUTO"


class Holding(Model):
    """Asset of a portfolio.

    Attributes:
        cap_bps: Maximum share of the vault after a purchase; 0 stops purchases.
        limit: Limit on purchases by approved plans.
        maximum_rate: ERC4626 and ASYNC: maximum accepted value of a whole fund share, in
            settlement tokens, as a guard against inflated funds.
        minimum_rate_bps: Share of the maximum rate below which deposits into the vault are refused.
        venue: VENUE: where it trades; AUTO is Uniswap, or a desk if a keeper names one.
        path: VENUE on Uniswap: symbols and pool fees in turn, from settlement to asset.
    """

    asset: str
    kind: HoldingKind
    target_bps: Bps
    maximum_loss_bps: Bps
    cap_bps: Bps = USUAL_CAP_BPS
    limit: Limit
    maximum_rate: Decimal | None = Field(default=None, gt=0)
    minimum_rate_bps: Bps | None = Field(default=None, gt=0)
    venue: VenueName = VenueName.UNISWAP_V3
    path: tuple[str | int, ...] = ()

    @model_validator(mode="after")
    def _rate_where_it_belongs(self) -> Self:
        if (self.maximum_rate is None) != (self.kind is HoldingKind.VENUE):
            raise ValueError(
                f"{self.asset}: a VENUE holding has no maximum_rate, and every other needs one"
            )
        if self.kind is HoldingKind.VENUE and self.minimum_rate_bps is not None:
            raise ValueError(f"{self.asset}: a VENUE holding has no minimum_rate_bps")
        return self

    @property
    def least_rate_bps(self) -> int:
        """Share of the maximum rate below which deposits are refused; 0 for a VENUE holding."""
        if self.kind is HoldingKind.VENUE:
            return 0
        return USUAL_MINIMUM_RATE_BPS if self.minimum_rate_bps is None else self.minimum_rate_bps

    @property
    def on_uniswap(self) -> bool:
        """Whether it may be swapped on Uniswap along a path."""
        return self.kind is HoldingKind.VENUE and self.venue is not VenueName.OTC

    @property
    def is_automatic(self) -> bool:
        """Whether it has a list of venues."""
        return self.kind is HoldingKind.VENUE and self.venue is VenueName.AUTO


class Band(Model):
    """Band of a tier in basis points of the vault's total."""

    minimum_bps: Bps
    target_bps: Bps
    maximum_bps: Bps


class Vault(Model):
    """Vault token, and the bounds that the controller enforces on every action.

    Attributes:
        maximum_loss_bps: Maximum loss of one action, as a share of its amount.
        maximum_due_bps: Maximum share of due redemptions in L1 and L2 at which L1 may be spent.
        maximum_move_bps: Maximum move of a tier since the plan was made, as a share of the total.
        maximum_book_age_seconds: Age after which values are refreshed before risk is added.
        maximum_plan_life_seconds: Maximum time from the opening of a plan to its deadline.
        dual_approval_above: Size above which a plan needs two approvals, in settlement tokens.
        single_approval: Shared limit on purchases of plans with one approval; by default
            `dual_approval_above` per day. Plans beyond it need two approvals.
        deposit_cap: Total assets up to which deposits are accepted, in settlement tokens; 0 closes
            deposits; without it there is no cap.
        holding_seconds: Time in which new shares cannot be transferred.
    """

    name: str
    symbol: str
    settlement: str
    maximum_loss_bps: LossBps = 100
    maximum_due_bps: int = Field(default=8000, gt=0, le=WHOLE_BPS)
    maximum_move_bps: Bps = 100
    maximum_book_age_seconds: int = Field(default=1800, gt=0, lt=2**16)
    maximum_plan_life_seconds: int = Field(default=14_400, gt=0, lt=2**16)
    dual_approval_above: Decimal = Field(default=Decimal(200_000), ge=0)
    single_approval: Limit | None = None
    deposit_cap: Decimal | None = Field(default=None, ge=0)
    holding_seconds: int = Field(default=3600, ge=0, le=604_800)
    bands: tuple[Band, Band, Band]

    @property
    def single_approval_limit(self) -> Limit | None:
        """Return the limit on purchases of plans with one approval; None if each plan needs two."""
        if self.single_approval is not None or self.dual_approval_above == 0:
            return self.single_approval
        return Limit(cap=self.dual_approval_above, period_seconds=DAY)

    @property
    def bounds(self) -> list[int]:
        """Return the values in the order of the controller's `Bound`."""
        tiers = (
            value
            for band in self.bands
            for value in (band.minimum_bps, band.target_bps, band.maximum_bps)
        )
        return [
            *tiers,
            self.maximum_loss_bps,
            self.maximum_due_bps,
            self.maximum_move_bps,
            self.maximum_book_age_seconds,
            self.maximum_plan_life_seconds,
        ]


class External(Model):
    """External contracts on this network."""

    multicall3: Address = to_checksum_address("0xcA11bde05977b3631167028862bE2a173976CA11")
    uniswap_factory: Address
    uniswap_quoter: Address
    sequencer_feed: Address | None = None
    sequencer_grace_seconds: int = 3600
