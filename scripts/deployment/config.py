"""Common parts of the intended states of vaults and treasuries, and their files.

Amounts are decimal strings, ratios basis points, times seconds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from eth_typing import ChecksumAddress
from eth_utils.address import is_address, to_checksum_address
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from scripts.deployment.errors import DeploymentConfigError

PLACEHOLDERS_BELOW = 2**16  # zero, precompiles, and 0x…dEaD, to which tokens are burnt
ROLES = ("roles.admin", "roles.configurators", "roles.guardians")
EXACT_DECIMALS = 8  # up to these token decimals, limits count every unit
COUNTED_DECIMALS = 6  # decimals that limits count of other tokens
DAY = 24 * 3600
USUAL_DELAY = 2 * DAY


def _checksummed(value: str) -> ChecksumAddress:
    """Return the address in EIP-55 form; a mixed-case address must have the right checksum."""
    if not is_address(value):
        raise ValueError(f"{value!r} is not an address")
    right = to_checksum_address(value)
    digits = value[2:]
    if value != right and digits not in (digits.lower(), digits.upper()):
        raise ValueError(f"{value!r} has a wrong checksum: a digit is mistyped; compare it again")
    return right


Address = Annotated[str, AfterValidator(_checksummed)]
WHOLE_BPS = 10_000
Bps = Annotated[int, Field(ge=0, le=WHOLE_BPS)]
DelaySeconds = Annotated[int, Field(ge=0, lt=2**32)]
DELAYS = (
    "admin_delay_seconds",
    "configurator_delay_seconds",
    "grant_delay_seconds",
    "target_admin_delay_seconds",
)


class Model(BaseModel):
    """Base of the parts of an intended state: frozen; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Roles(Model):
    """Holders of the AccessManager's roles, and the delays of their changes.

    Guardians can cancel scheduled calls, so a delay is the time in which a stolen key is stopped.

    Attributes:
        admin_delay_seconds: Delay from scheduling an admin's call to its execution.
        configurator_delay_seconds: Delay of a configurator's call.
        grant_delay_seconds: Delay from granting a role until it takes effect.
        target_admin_delay_seconds: Delay of an admin's call that opens or closes functions of a
            contract, or gives it another manager; the admin's own delay applies as well.
        accept_no_delay: Confirmation that a delay is zero on purpose.
    """

    admin: Address
    admin_delay_seconds: DelaySeconds = USUAL_DELAY
    configurators: tuple[Address, ...] = ()
    configurator_delay_seconds: DelaySeconds = USUAL_DELAY
    guardians: tuple[Address, ...] = ()
    grant_delay_seconds: DelaySeconds = USUAL_DELAY
    target_admin_delay_seconds: DelaySeconds = USUAL_DELAY
    accept_no_delay: bool = False

    @property
    def without_delay(self) -> tuple[str, ...]:
        """Return the keys of the delays that are zero."""
        return tuple(key for key in DELAYS if getattr(self, key) == 0)

    @model_validator(mode="after")
    def _delays_are_there(self) -> Self:
        if self.without_delay and not self.accept_no_delay:
            raise ValueError(
                f"{', '.join(self.without_delay)}: 0 lets a stolen key act before anybody can "
                "cancel; set seconds (172800 is two days), or set accept_no_delay = true"
            )
        return self

    @model_validator(mode="after")
    def _somebody_can_cancel(self) -> Self:
        if not self.guardians and not self.accept_no_delay:
            raise ValueError(
                "guardians: without one nobody can cancel the calls that a stolen key schedules; "
                "add one, or set accept_no_delay = true"
            )
        return self


class Limit(Model):
    """Limit: at most `cap` whole settlement tokens at once, refilled over a period."""

    cap: Decimal = Field(gt=0)
    period_seconds: int = Field(gt=0, lt=2**32)


class Approver(Model):
    """Approver of plans. An account has weight 1, a multisignature contract the configured one."""

    account: Address
    weight: int = Field(default=1, gt=0, le=255)


class ManagedConfig(Model):
    """Intended state of one owner's contracts on one chain, under one AccessManager.

    Attributes:
        EXAMPLE: File to copy for a first configuration.
    """

    EXAMPLE: ClassVar[str]

    network: str
    chain_id: int

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a file.

        Raises:
            DeploymentConfigError: The file is missing or not TOML, or a key is missing or wrong.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text()))
        except FileNotFoundError:
            raise DeploymentConfigError(f"{path}: no such file; copy {cls.EXAMPLE}") from None
        except tomllib.TOMLDecodeError as error:
            raise DeploymentConfigError(f"{path}: {error}") from error
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}"
                for item in error.errors()
            )
            raise DeploymentConfigError(f"{path}: {problems}") from error

    @property
    def longest_period(self) -> int:
        """Seconds after which every limit is full."""
        raise NotImplementedError

    def accounts(self) -> dict[str, tuple[str, ...]]:
        """Accounts of operators and programs, by configuration key."""
        raise NotImplementedError

    def record_fields(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """Return the record's other fields; `addresses` are those of the contracts by name."""
        raise NotImplementedError


def require_real_accounts(config: ManagedConfig) -> None:
    """Raise DeploymentConfigError if a role is given to an address without a known key."""
    for role, holders in config.accounts().items():
        for holder in holders:
            if int(holder, 16) < PLACEHOLDERS_BELOW:
                raise DeploymentConfigError(
                    f"{config.network}: {role} is {holder}, which is a placeholder; fill "
                    "in your account"
                )


def require_separate_accounts(config: ManagedConfig) -> None:
    """Raise DeploymentConfigError if a keeper's key may also approve, pause or configure."""
    accounts = config.accounts()
    for keeper in accounts["keepers"]:
        for other in (*ROLES, "approvers"):
            if keeper in accounts.get(other, ()):
                raise DeploymentConfigError(
                    f"{config.network}: {keeper} is among keepers and in {other}: a keeper's key "
                    "is on a machine that is always online, so use separate accounts"
                )


def accounts_of(roles: Roles) -> dict[str, tuple[str, ...]]:
    """Return the holders of the three roles, by configuration key."""
    return {
        "roles.admin": (roles.admin,),
        "roles.configurators": roles.configurators,
        "roles.guardians": roles.guardians,
    }


def limit_exponent(decimals: int) -> int:
    """Return the token decimals that limits drop: limits of an 18-decimals token use millionths."""
    return 0 if decimals <= EXACT_DECIMALS else decimals - COUNTED_DECIMALS


def refuse_repeats(listed: Mapping[str, Collection[str]]) -> None:
    """Raise ValueError if one of the lists has an entry twice; lists are given by key."""
    for name, entries in listed.items():
        every = list(entries)
        if twice := sorted({entry for entry in every if every.count(entry) > 1}):
            raise ValueError(f"{name} name {', '.join(twice)} twice")


def require_known(kind: str, named: Collection[str], known: Collection[str]) -> None:
    """Raise ValueError if a name is not among the `known` names of its kind."""
    if unknown := sorted(set(named) - set(known)):
        raise ValueError(f"not among the {kind}: {', '.join(unknown)}")


def require_cap(name: str, units: int, exponent: int, suffix: str = "") -> None:
    """Raise ValueError if a contract cannot store a limit's cap of `units` base units."""
    if not 0 < units // 10**exponent < 2**72:
        raise ValueError(f"{name}: its cap is too large or too small{suffix}")
