"""Parts of the intended state of a vault, each checked for itself.

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
USUAL_CAP_BPS = 2500  # as planning's limit on a single asset
USUAL_MINIMUM_RATE_BPS = 5000
LossBps = Annotated[int, Field(gt=0, le=1000)]


class Keeper(Model):
    """An account that may act, and how much.

    Attributes:
        automatic: What it may put at risk without a plan.
        reducing: What it may take out of risk.
        reducing_loss: Value that it may lose by taking out of risk; without it as the vault's
            budget for reducing risk.
    """

    account: Address
    automatic: Limit
    reducing: Limit
    reducing_loss: Limit | None = None


class LossBudgets(Model):
    """Value that actions may lose.

    A budget that is not given is 50 basis points of `assets`, refilled over seven days.

    Attributes:
        assets: What budgets follow from.
        adding: Of all that adds risk, together.
        reducing: Of what reduces risk: of each keeper, and once more of approved plans.
        overdue: Of what anybody draws from L2 for overdue redemptions; without it as `reducing`.
    """

    assets: Decimal | None = Field(default=None, gt=0)
    adding: Limit | None = None
    reducing: Limit | None = None
    overdue: Limit | None = None

    @model_validator(mode="after")
    def _both_follow(self) -> Self:
        if self.assets is None and (self.adding is None or self.reducing is None):
            raise ValueError("give assets, from which the budgets follow, or both budgets")
        return self

    @property
    def limits(self) -> dict[str, Limit]:
        """Budgets that belong to no keeper."""
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
    """The redemption queue: when a request is due, and the least, in whole vault tokens."""

    notice_seconds: int = Field(default=604_800, ge=0, le=604_800)
    minimum_shares: Decimal = Field(default=Decimal(1), ge=Decimal("0.001"), le=1000)


class Weights(Model):
    """Terms of weight rebalancing of one portfolio.

    Attributes:
        drift_bps: Distance of a weight from its target that is tolerated; then anybody may start.
        cool_down_seconds: After a run that traded, anybody's do nothing.
        maximum_loss_bps: Value that a keeper's run may lose, of the portfolio.
        open_maximum_loss_bps: The same of anybody's run.
        spot_tolerance_bps: Distance of a venue's price from the oracle's for anybody's run.
        minimum_trade: Whole settlement tokens; less is not traded.
        turnover: What each keeper may trade; without it, what that keeper may without a plan.
        open_turnover: What anybody may; without it, what the most limited keeper may without a
            plan, and nothing where there is no keeper.
        loss: Value that all runs may lose; without it as the vault's budget for adding risk.
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
        """Limits that are given."""
        given = (
            ("turnover", self.turnover),
            ("open_turnover", self.open_turnover),
            ("loss", self.loss),
        )
        return {name: limit for name, limit in given if limit is not None}


class PortfolioWeights(Model):
    """The terms of both portfolios."""

    l2: Weights = Weights()
    l3: Weights = Weights()


class Otc(Model):
    """Trades with desks that sign quotes: who they are, and value that a trade may lose."""

    desks: tuple[Address, ...] = ()
    maximum_loss_bps: LossBps = 100


class Feed(Model):
    """A Chainlink aggregator and what it may say.

    Attributes:
        description: Its name on chain, where that is not of the token's symbol in USD.
    """

    aggregator: Address
    heartbeat_seconds: int = Field(gt=0)
    minimum_price: Decimal = Field(gt=0)
    maximum_price: Decimal = Field(gt=0)
    description: str | None = None


class Token(Model):
    """A token of the vault: the settlement token, an asset or an ERC-4626 fund."""

    address: Address
    decimals: int = Field(ge=0, le=36)
    feed: Feed | None = None


class HoldingKind(StrEnum):
    """Kinds of trading of a holding; the values are the names in the configuration."""

    ERC4626 = "ERC4626"
    VENUE = "VENUE"
    ASYNC = "ASYNC"


class VenueName(StrEnum):
    """Venues of a VENUE holding; the values are the names in the configuration."""

    UNISWAP_V3 = "UNISWAP_V3"
    OTC = "OTC"
    AUTO = "AUTO"


class Holding(Model):
    """An asset of a portfolio.

    Attributes:
        cap_bps: Share of the vault that purchases may lift it to; 0 stops them.
        limit: What approved plans may put into it.
        maximum_rate: Of a fund's shares, ERC4626 or ASYNC: the highest value of a whole one that is
            believed, in settlement tokens, against inflated funds.
        minimum_rate_bps: The part of the maximum rate below which nobody enters the vault.
        venue: Of VENUE: where it trades; AUTO is Uniswap, or a desk where a keeper names that.
        path: Of VENUE on Uniswap: symbols and pool fees in turn, from settlement to asset.
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
        """Part of the maximum rate below which nobody enters the vault; 0 for a VENUE holding."""
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
    """A tier's band in basis points of the vault's total."""

    minimum_bps: Bps
    target_bps: Bps
    maximum_bps: Bps


class Vault(Model):
    """The vault's token, and what the controller enforces on every action.

    Attributes:
        maximum_loss_bps: Value that one action may lose, of its amount.
        maximum_due_bps: Part of L1 and L2 that redemptions due may make up, for L1 to be spent.
        maximum_move_bps: How far a tier may have moved since a plan was made, of the whole.
        maximum_book_age_seconds: After it the book of values is revalued before risk is added.
        maximum_plan_life_seconds: From the opening of a plan to its deadline.
        dual_approval_above: Size above which a plan needs two approvals, in settlement tokens.
        single_approval: What plans with one approval may buy, all together; without it that size
            a day. Plans beyond it need two approvals.
        deposit_cap: Total of assets up to which deposits are taken, in settlement tokens; 0 closes
            them, without it there is none.
        holding_seconds: How long fresh shares cannot leave their owner.
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
        """Limit on purchases of plans with one approval; None if each plan needs two."""
        if self.single_approval is not None or self.dual_approval_above == 0:
            return self.single_approval
        return Limit(cap=self.dual_approval_above, period_seconds=DAY)

    @property
    def bounds(self) -> list[int]:
        """Everything above in the order of the controller's `Bound`."""
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
    """Contracts of others on this network."""

    multicall3: Address = to_checksum_address("0xcA11bde05977b3631167028862bE2a173976CA11")
    uniswap_factory: Address
    uniswap_quoter: Address
    sequencer_feed: Address | None = None
    sequencer_grace_seconds: int = 3600
