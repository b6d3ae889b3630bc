"""What the intended states of all deployments have in common, and how their files are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.parts import Model, Roles

PLACEHOLDERS_BELOW = 2**16  # zero, precompiles, and 0x…dEaD, to which tokens are burnt
ROLES = ("roles.admin", "roles.configurators", "roles.guardians")
EXACT_DECIMALS = 8  # of tokens up to which limits count every unit
COUNTED_DECIMALS = 6  # of others


class ManagedConfig(Model):
    """What should be on one chain, under one AccessManager."""

    network: str
    chain_id: int

    def accounts(self) -> dict[str, tuple[str, ...]]:
        """Accounts of people and programs, by the keys that name them."""
        raise NotImplementedError

    def record_fields(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """What the record says beside the contracts, whose addresses are given by name."""
        raise NotImplementedError


C = TypeVar("C", bound=ManagedConfig)


def read_config(model: type[C], path: Path, example: str) -> C:
    """Read and check a file; `example` is the one to begin with.

    Raises:
        DeploymentConfigError: missing, not TOML, or a key that is missing, unknown or wrong.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text()))
    except FileNotFoundError:
        raise DeploymentConfigError(f"{path}: no such file; copy {example}") from None
    except tomllib.TOMLDecodeError as error:
        raise DeploymentConfigError(f"{path}: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors()
        )
        raise DeploymentConfigError(f"{path}: {problems}") from error


def require_real_accounts(config: ManagedConfig) -> None:
    """Raise DeploymentConfigError where a role is for an address that nobody has a key of."""
    for role, holders in config.accounts().items():
        for holder in holders:
            if int(holder, 16) < PLACEHOLDERS_BELOW:
                raise DeploymentConfigError(
                    f"{config.network}: {role} is {holder}, which is nobody's; fill in your "
                    "own account"
                )


def require_separate_accounts(config: ManagedConfig) -> None:
    """Raise DeploymentConfigError where a keeper's key would also approve, pause or configure."""
    accounts = config.accounts()
    for keeper in accounts["keepers"]:
        for other in (*ROLES, "approvers"):
            if keeper in accounts.get(other, ()):
                raise DeploymentConfigError(
                    f"{config.network}: {keeper} is among keepers and in {other}: a keeper's key "
                    "lies on a machine that runs all day, so give each an account of its own"
                )


def accounts_of(roles: Roles) -> dict[str, tuple[str, ...]]:
    """Holders of the three roles, by the keys that name them."""
    return {
        "roles.admin": (roles.admin,),
        "roles.configurators": roles.configurators,
        "roles.guardians": roles.guardians,
    }


def limit_exponent(decimals: int) -> int:
    """Decimals of a token that its limits leave out: those of 18 count in millionths."""
    return 0 if decimals <= EXACT_DECIMALS else decimals - COUNTED_DECIMALS
