"""The intended state of one network: `deployments/<network>.toml`, read and checked.

Prices are decimal strings in US dollars, ratios basis points, times seconds.
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
Bps = Annotated[int, Field(ge=0, le=10_000)]


class Model(BaseModel):
    """Frozen, and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Roles(Model):
    """Who holds which role of the AccessManager, and who may rebalance.

    Only the configurators' changes wait. The admin has no delay: it can act at once, and give
    itself or others any role, so it should be a multisignature wallet or a timelock.
    """

    admin: Address
    configurators: tuple[Address, ...] = ()
    configurator_delay_seconds: int = Field(default=0, ge=0)
    guardians: tuple[Address, ...] = ()
    keepers: tuple[Address, ...] = ()


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
    """An asset of a portfolio; `path`: symbols and pool fees in turn, from settlement to asset."""

    asset: str
    kind: HoldingKind
    target_bps: Bps
    maximum_loss_bps: Bps
    path: tuple[str | int, ...] = ()


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
    """The vault's token, its bands and its bound on the value that one action may lose."""

    name: str
    symbol: str
    settlement: str
    maximum_loss_bps: Bps = 100
    bands: tuple[Band, Band, Band]


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
            if sum(part.target_bps for part in parts) != 10_000:  # noqa: PLR2004
                raise ValueError(f"the targets of {name} do not sum to 10000 basis points")
        return self

    @model_validator(mode="after")
    def _paths_lead_to_their_assets(self) -> Self:
        for name, holdings in (("l2", self.l2), ("l3", self.l3)):
            for holding in holdings:
                if holding.kind is HoldingKind.VENUE:
                    _check_path(holding, self.vault.settlement, f"{name} holding {holding.asset}")
        return self

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
        "admin": (roles.admin,),
        "configurators": roles.configurators,
        "guardians": roles.guardians,
        "keepers": roles.keepers,
    }
    for role, holders in accounts.items():
        for holder in holders:
            if int(holder, 16) < PLACEHOLDERS_BELOW:
                raise DeploymentConfigError(
                    f"{config.network}: roles.{role} is {holder}, which is nobody's; fill in your "
                    "own account"
                )
