"""The intended state of one network: `deployments/<network>.toml`, read and checked.

Prices are decimal strings in US dollars, amounts decimal strings in whole tokens, ratios basis
points, times seconds.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from eth_typing import ChecksumAddress
from eth_utils.address import is_address, to_checksum_address
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from scripts.deployment.errors import DeploymentConfigError


def _checksummed(value: str) -> ChecksumAddress:
    if not is_address(value):
        raise ValueError(f"{value!r} is not an address")
    return to_checksum_address(value)


Address = Annotated[str, AfterValidator(_checksummed)]
MAXIMUM_FEE = 1_000_000  # of Uniswap V3, in millionths
PLACEHOLDERS_BELOW = 2**16  # zero, precompiles, and 0x…dEaD, to which tokens are burnt
WHOLE_BPS = 10_000
EXACT_DECIMALS = 8  # of settlement tokens up to which limits count every unit
COUNTED_DECIMALS = 6  # of others
LOSS_BUDGET_BPS = 50
LOSS_BUDGET_PERIOD = 7 * 24 * 3600
USUAL_CAP_BPS = 2500  # as planning's limit on a single asset
Bps = Annotated[int, Field(ge=0, le=WHOLE_BPS)]
LossBps = Annotated[int, Field(gt=0, le=1000)]


class Model(BaseModel):
    """Frozen, and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Roles(Model):
    """Who holds which role of the AccessManager.

    The configurators' changes wait, and the admin's too if it has a delay. It can give itself or
    others any role, so without one it should be a multisignature wallet or a timelock.
    """

    admin: Address
    admin_delay_seconds: int = Field(default=0, ge=0, lt=2**32)
    configurators: tuple[Address, ...] = ()
    configurator_delay_seconds: int = Field(default=0, ge=0, lt=2**32)
    guardians: tuple[Address, ...] = ()


class Limit(Model):
    """What may flow: `cap` whole settlement tokens at once, refilled over a period."""

    cap: Decimal = Field(gt=0)
    period_seconds: int = Field(gt=0, lt=2**32)


class Keeper(Model):
    """An account that may act, and how much: without a plan, and to take risk out."""

    account: Address
    automatic: Limit
    reducing: Limit


class Approver(Model):
    """Who signs plans. An account counts 1, a multisignature contract as configured."""

    account: Address
    weight: int = Field(default=1, gt=0, le=255)


class LossBudgets(Model):
    """Value that all actions together may lose: those that add risk, and those that reduce it.

    A budget that is not given is 50 basis points of `assets`, refilled over seven days.
    """

    assets: Decimal | None = Field(default=None, gt=0)
    adding: Limit | None = None
    reducing: Limit | None = None

    @model_validator(mode="after")
    def _both_follow(self) -> Self:
        if self.assets is None and (self.adding is None or self.reducing is None):
            raise ValueError("give assets, from which the budgets follow, or both budgets")
        return self

    @property
    def limits(self) -> dict[str, Limit]:
        """The two budgets."""
        return {
            "LossAdd": self.adding or self._usual,
            "LossReduce": self.reducing or self._usual,
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


class Feed(Model):
    """A Chainlink aggregator and what it may say."""

    aggregator: Address
    heartbeat_seconds: int = Field(gt=0)
    minimum_price: Decimal = Field(gt=0)
    maximum_price: Decimal = Field(gt=0)


class Token(Model):
    """A token of the vault: the settlement token, an asset or an ERC-4626 fund."""

    address: Address
    decimals: int = Field(ge=0, le=36)
    feed: Feed | None = None


class HoldingKind(StrEnum):
    """How a holding trades; the values are the names in the configuration."""

    ERC4626 = "ERC4626"
    VENUE = "VENUE"


class Holding(Model):
    """An asset of a portfolio.

    Attributes:
        cap_bps: Share of the vault that purchases may lift it to; 0 stops them.
        limit: What approved plans may put into it.
        maximum_rate: Of ERC-4626 shares: the highest value of a whole one that is believed, in
            settlement tokens, against inflated funds.
        path: Of VENUE: symbols and pool fees in turn, from settlement to asset.
    """

    asset: str
    kind: HoldingKind
    target_bps: Bps
    maximum_loss_bps: Bps
    cap_bps: Bps = USUAL_CAP_BPS
    limit: Limit
    maximum_rate: Decimal | None = Field(default=None, gt=0)
    path: tuple[str | int, ...] = ()

    @model_validator(mode="after")
    def _rate_where_it_belongs(self) -> Self:
        if (self.maximum_rate is None) == (self.kind is HoldingKind.ERC4626):
            raise ValueError(
                f"{self.asset}: an ERC4626 holding needs a maximum_rate, a VENUE holding has none"
            )
        return self


def _check_path(holding: Holding, settlement: str, name: str) -> None:
    """Raise ValueError unless the path has a fee between tokens, from settlement to asset."""
    path = holding.path
    if not path:
        raise ValueError(f"{name}: a VENUE holding needs a path")
    tokens, fees = path[::2], path[1::2]
    alternates = all(isinstance(each, str) for each in tokens) and all(
        isinstance(fee, int) and 0 < fee < MAXIMUM_FEE for fee in fees
    )
    if not alternates or len(tokens) != len(fees) + 1 or not fees:
        raise ValueError(f"{name}: its path needs a token, a pool's fee, a token, and so on")
    if (tokens[0], tokens[-1]) != (settlement, holding.asset):
        raise ValueError(f"{name}: its path must run from {settlement} to {holding.asset}")


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
    bands: tuple[Band, Band, Band]

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


class DeploymentConfig(Model):
    """Everything that should be on one chain."""

    network: str
    chain_id: int
    roles: Roles
    tokens: dict[str, Token]
    vault: Vault
    l2: tuple[Holding, ...]
    l3: tuple[Holding, ...]
    keepers: tuple[Keeper, ...] = ()
    approvers: tuple[Approver, ...] = ()
    loss_budgets: LossBudgets
    queue: Queue = Queue()
    external: External

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        named = {self.vault.settlement}
        for holding in (*self.l2, *self.l3):
            named |= {holding.asset, *(part for part in holding.path if isinstance(part, str))}
        if unknown := sorted(named - self.tokens.keys()):
            raise ValueError(f"not among the tokens: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _targets_sum_to_one(self) -> Self:
        for name, parts in (("vault.bands", self.vault.bands), ("l2", self.l2), ("l3", self.l3)):
            if sum(part.target_bps for part in parts) != WHOLE_BPS:
                raise ValueError(f"the targets of {name} do not sum to 10000 basis points")
        return self

    @model_validator(mode="after")
    def _paths_lead_to_their_assets(self) -> Self:
        for name, holdings in (("l2", self.l2), ("l3", self.l3)):
            for holding in holdings:
                if holding.kind is HoldingKind.VENUE:
                    _check_path(holding, self.vault.settlement, f"{name} holding {holding.asset}")
        return self

    @model_validator(mode="after")
    def _nothing_is_there_twice(self) -> Self:
        listed = {
            "l2 and l3": [self.address(holding.asset) for holding in self.holdings],
            "keepers": [keeper.account for keeper in self.keepers],
            "approvers": [approver.account for approver in self.approvers],
        }
        for name, entries in listed.items():
            if twice := sorted({entry for entry in entries if entries.count(entry) > 1}):
                raise ValueError(f"{name} name {', '.join(twice)} twice")
        return self

    @model_validator(mode="after")
    def _caps_admit_the_targets(self) -> Self:
        for band, holdings in zip(self.vault.bands[1:], (self.l2, self.l3), strict=True):
            for holding in holdings:
                share = -(-band.target_bps * holding.target_bps // WHOLE_BPS)
                if 0 < holding.cap_bps < share:
                    raise ValueError(
                        f"{holding.asset}: its target is {share} basis points of the vault, above "
                        f"its cap_bps of {holding.cap_bps}"
                    )
        return self

    @model_validator(mode="after")
    def _amounts_are_whole_units(self) -> Self:
        limits = {
            **{f"keeper {each.account}": each.automatic for each in self.keepers},
            **{f"reducing limit of keeper {each.account}": each.reducing for each in self.keepers},
            **{f"limit of {each.asset}": each.limit for each in self.holdings},
            **self.loss_budgets.limits,
        }
        for name, limit in limits.items():
            if not 0 < self.units(limit.cap) // 10**self.limit_exponent < 2**72:
                raise ValueError(f"{name}: its cap is too large or too small for the controller")
        for holding in self.holdings:
            if not 0 <= self.units(holding.maximum_rate or Decimal(0)) < 2**96:
                raise ValueError(f"{holding.asset}: its maximum_rate is too large")
        self.units(self.vault.dual_approval_above)
        return self

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """Those of L2, then those of L3."""
        return (*self.l2, *self.l3)

    @property
    def longest_period(self) -> int:
        """Seconds after which every limit is full."""
        limits = (
            *(each.automatic for each in self.keepers),
            *(each.reducing for each in self.keepers),
            *(each.limit for each in self.holdings),
            *self.loss_budgets.limits.values(),
        )
        return max(limit.period_seconds for limit in limits)

    @property
    def limit_exponent(self) -> int:
        """Decimals that limits leave out: a controller counts 18 decimals in millionths."""
        decimals = self.tokens[self.vault.settlement].decimals
        return 0 if decimals <= EXACT_DECIMALS else decimals - COUNTED_DECIMALS

    def units(self, amount: Decimal) -> int:
        """Base units of whole settlement tokens.

        Raises:
            ValueError: The token has fewer decimals.
        """
        scaled = amount.scaleb(self.tokens[self.vault.settlement].decimals)
        if scaled != int(scaled):
            raise ValueError(f"{amount} has more decimals than {self.vault.settlement}")
        return int(scaled)

    def address(self, symbol: str) -> str:
        """Address of a token by its symbol."""
        return self.tokens[symbol].address


def load_config(path: Path) -> DeploymentConfig:
    """Read and check a configuration.

    Raises:
        DeploymentConfigError: missing, not TOML, or a key that is missing, unknown or wrong.
    """
    try:
        return DeploymentConfig.model_validate(tomllib.loads(path.read_text()))
    except FileNotFoundError:
        raise DeploymentConfigError(
            f"{path}: no such file; copy deployments/example.toml"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise DeploymentConfigError(f"{path}: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors()
        )
        raise DeploymentConfigError(f"{path}: {problems}") from error


def require_real_accounts(config: DeploymentConfig) -> None:
    """Raise DeploymentConfigError where a role is for an address that nobody has a key of."""
    roles = config.roles
    accounts = {
        "roles.admin": (roles.admin,),
        "roles.configurators": roles.configurators,
        "roles.guardians": roles.guardians,
        "keepers": tuple(keeper.account for keeper in config.keepers),
        "approvers": tuple(approver.account for approver in config.approvers),
    }
    for role, holders in accounts.items():
        for holder in holders:
            if int(holder, 16) < PLACEHOLDERS_BELOW:
                raise DeploymentConfigError(
                    f"{config.network}: {role} is {holder}, which is nobody's; fill in your "
                    "own account"
                )
