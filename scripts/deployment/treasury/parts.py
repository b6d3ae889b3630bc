"""Parts of the intended state of a treasury, each validated separately.

Amounts are decimal strings in whole tokens or US dollars, ratios basis points, times seconds. The
defaults are the initial values recommended in `docs/reference/treasury.md`.
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
    """Return a limit that fills in a day."""
    return Limit(cap=Decimal(cap), period_seconds=DAY)


class TreasuryKeeper(Model):
    """Account that may move money, with its limits in US dollars: without a plan, and back."""

    account: Address
    automatic: Limit = a_day(100_000)
    reducing: Limit = a_day(500_000)


class Bands(Model):
    """US dollar amounts above which a move needs one or two approvals; maximum life of a plan."""

    single_above: Decimal = Field(default=Decimal(50_000), ge=0, lt=2**60)
    dual_above: Decimal = Field(default=Decimal(200_000), ge=0, lt=2**60)
    maximum_plan_life_seconds: int = Field(default=DAY, ge=0, le=7 * DAY)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.single_above > self.dual_above:
            raise ValueError("single_above is above dual_above")
        return self


class Asset(Model):
    """Stablecoin of the treasury, with its token on this chain."""

    address: Address
    decimals: int = Field(ge=LEAST_DECIMALS, le=MOST_DECIMALS)


class Venue(Model):
    """ERC-4626 vault in which an asset may be invested.

    Attributes:
        maximum_loss_bps: Maximum loss of a deposit or withdrawal, as a share of the amount.
        limit: Limit on deposits.
        open: Whether deposits are allowed. Withdrawals always are.
    """

    asset: str
    address: Address
    maximum_loss_bps: int = Field(default=10, ge=0, le=MOST_VENUE_LOSS_BPS)
    limit: Limit = a_day(1_000_000)
    open: bool = True


class Lane(Model):
    """Lane of a route to another network: transfer sizes, and the maximum loss of a transfer.

    Attributes:
        open: Whether transfers may start. Transfers in progress still arrive.
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
        """Return the name of the route's contract in the record."""
        return f"{self.asset}.{self.name}"


class CctpRoute(RouteBase):
    """USDC by CCTP V2: Circle's messenger and transmitter on this chain, and the chain's domain."""

    kind: Literal["CCTP"]
    name: str = CCTP
    messenger: Address
    transmitter: Address
    domain: int = Field(ge=0, lt=2**32)
    maximum_fee_bps: int = Field(default=15, ge=0, le=MOST_CCTP_FEE_BPS)


class OftRoute(RouteBase):
    """LayerZero V2 token: its contract or adapter on this chain, the endpoint, and the chain's eid.

    Attributes:
        receive_gas: Gas of messages to this chain for the receipt of the tokens.
        compose_gas: Gas of messages to this chain for the composed message.
        maximum_native_fee: Maximum fee of a message from this chain, in whole native tokens.
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
        """Return the maximum native fee in wei."""
        return int(self.maximum_native_fee.scaleb(18))


class CustodialRoute(RouteBase):
    """Route through an exchange or another custodian, with its deposit address on this chain.

    Attributes:
        network: Custodian's name of this network, if it has one.
    """

    kind: Literal["CUSTODIAL"]
    deposit_address: Address
    network: str = ""
    limit: Limit = a_day(250_000)

    @property
    def inbox(self) -> str:
        """Return the name of the inbox's contract in the record."""
        return f"{self.contract}.inbox"


Route: TypeAlias = Annotated[CctpRoute | OftRoute | CustodialRoute, Field(discriminator="kind")]


class TreasuryExternal(Model):
    """External contracts on this network."""

    multicall3: Address = "0xcA11bde05977b3631167028862bE2a173976CA11"
