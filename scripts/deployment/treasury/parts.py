"""Parts of the intended state of a treasury, each checked for itself.

Amounts are decimal strings in whole tokens or US dollars, ratios basis points, times seconds. The
defaults are the numbers to begin with of `docs/reference/treasury.md`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from scripts.deployment.config import DAY, Address, Limit, Model

LEAST_DECIMALS, MOST_DECIMALS = 6, 18
MOST_LANE_FEE_BPS, MOST_CCTP_FEE_BPS, MOST_VENUE_LOSS_BPS = 500, 100, 1_000
CUSTODIAL, CCTP, OFT = "CUSTODIAL", "CCTP", "OFT"


def a_day(cap: int) -> Limit:
    """A limit that fills in a day."""
    return Limit(cap=Decimal(cap), period_seconds=DAY)


class TreasuryKeeper(Model):
    """An account that may move money, and how much in US dollars: without a plan, and back."""

    account: Address
    automatic: Limit = a_day(100_000)
    reducing: Limit = a_day(500_000)


class Bands(Model):
    """US dollars above which a move needs one approval, and two; how long a plan may live."""

    single_above: Decimal = Field(default=Decimal(50_000), ge=0, lt=2**60)
    dual_above: Decimal = Field(default=Decimal(200_000), ge=0, lt=2**60)
    maximum_plan_life_seconds: int = Field(default=DAY, ge=0, le=7 * DAY)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.single_above > self.dual_above:
            raise ValueError("single_above is above dual_above")
        return self


class Asset(Model):
    """A stablecoin of the treasury, by its token here."""

    address: Address
    decimals: int = Field(ge=LEAST_DECIMALS, le=MOST_DECIMALS)


class Venue(Model):
    """An ERC-4626 vault in which an asset may be invested.

    Attributes:
        maximum_loss_bps: What going in or leaving may lose, of the amount.
        limit: What may go in.
        open: Whether anything may. What is in there may always leave.
    """

    asset: str
    address: Address
    maximum_loss_bps: int = Field(default=10, ge=0, le=MOST_VENUE_LOSS_BPS)
    limit: Limit = a_day(1_000_000)
    open: bool = True


class Lane(Model):
    """A route's way to another network: sizes of a transfer, and what it may lose on the way.

    Attributes:
        open: Whether anything may leave by it. What is under way arrives.
    """

    least: Decimal = Field(default=Decimal(100), ge=0)
    most: Decimal = Field(default=Decimal(1_000_000), ge=0)
    maximum_fee_bps: int = Field(default=20, ge=0, le=MOST_LANE_FEE_BPS)
    open: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least > self.most:
            raise ValueError("least is above most")
        return self


class RouteBase(Model):
    """Fields of all routes: asset, name, limit, and lanes by network."""

    asset: str
    name: str
    limit: Limit = a_day(2_000_000)
    lanes: dict[str, Lane] = Field(default_factory=dict[str, Lane])

    @property
    def contract(self) -> str:
        """Name of the route's contract in the record."""
        return f"{self.asset}.{self.name}"


class CctpRoute(RouteBase):
    """USDC by CCTP V2: Circle's messenger and transmitter here, and its number of this chain."""

    kind: Literal["CCTP"]
    name: str = CCTP
    messenger: Address
    transmitter: Address
    domain: int = Field(ge=0, lt=2**32)
    maximum_fee_bps: int = Field(default=15, ge=0, le=MOST_CCTP_FEE_BPS)


class OftRoute(RouteBase):
    """A LayerZero V2 token: its contract or adapter here, endpoint, and number of this chain.

    Attributes:
        receive_gas: What messages to this chain get for the arrival of the tokens.
        compose_gas: And for the composed message.
        maximum_native_fee: Coins that a message from here may cost, whole.
    """

    kind: Literal["OFT"]
    name: str = OFT
    oft: Address
    endpoint: Address
    eid: int = Field(gt=0, lt=2**32)
    receive_gas: int = Field(default=100_000, gt=0, lt=2**32)
    compose_gas: int = Field(default=120_000, gt=0, lt=2**32)
    maximum_native_fee: Decimal = Field(default=Decimal("0.02"), ge=0)

    @property
    def maximum_native_wei(self) -> int:
        """In wei."""
        return int(self.maximum_native_fee.scaleb(18))


class CustodialRoute(RouteBase):
    """Through an exchange or another custodian: where it takes deposits here.

    Attributes:
        network: The custodian's name of this network, where it has one.
    """

    kind: Literal["CUSTODIAL"]
    deposit_address: Address
    network: str = ""
    limit: Limit = a_day(250_000)

    @property
    def inbox(self) -> str:
        """Name of the inbox's contract in the record."""
        return f"{self.contract}.inbox"


Route: TypeAlias = Annotated[CctpRoute | OftRoute | CustodialRoute, Field(discriminator="kind")]


class TreasuryExternal(Model):
    """Contracts of others on this network."""

    multicall3: Address = "0xcA11bde05977b3631167028862bE2a173976CA11"
