"""Deployments file of a chain, as the deployment scripts write it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from keepers.config.errors import DeploymentError
from keepers.config.values import AddressText

REQUIRED_CONTRACTS = (
    "AccessManager",
    "PriceOracle",
    "LiquidityVault",
    "PortfolioL2",
    "PortfolioL3",
    "AssetController",
)
"""Contracts that every vault requires."""


class DeploymentPart(BaseModel):
    """A part of a deployments file; members from later versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DeployedToken(DeploymentPart):
    """A token that the deployment uses."""

    address: AddressText
    decimals: Annotated[int, Field(ge=0, le=36)]


class DeployedContract(DeploymentPart):
    """A contract and the transaction that created it."""

    address: AddressText
    transaction: str
    block: Annotated[int, Field(ge=0)]
    arguments: tuple[Any, ...]
    code_hash: str


class ChainDeployment(DeploymentPart):
    """Members of every deployments file; `SCRIPT` writes it."""

    SCRIPT: ClassVar[str] = "ape run deploy"

    network: str
    chain_id: Annotated[int, Field(gt=0)]
    contracts: Mapping[str, DeployedContract]
    external: Mapping[str, AddressText]
    keepers: tuple[AddressText, ...] = ()
    block: Annotated[int, Field(ge=0)]


class Deployment(ChainDeployment):
    """Contracts of a vault on one chain."""

    tokens: Mapping[str, DeployedToken]

    def address(self, contract: str) -> str:
        """Return the address of a contract.

        Raises:
            KeyError: The contract is not deployed; those of `REQUIRED_CONTRACTS` always are.
        """
        return self.contracts[contract].address


def load_deployment(path: Path, chain_id: int | None = None) -> Deployment:
    """Read a deployments file.

    Args:
        path: The file.
        chain_id: The expected chain, if known.

    Raises:
        DeploymentError: The file is missing, malformed, of another chain, or lacks a contract.
    """
    return read_deployment(path, Deployment, REQUIRED_CONTRACTS, chain_id)


D = TypeVar("D", bound=ChainDeployment)


def read_deployment(path: Path, model: type[D], required: Sequence[str], chain_id: int | None) -> D:
    """Read a deployments file of a given form that must have the required contracts.

    Raises:
        DeploymentError: The file is missing, malformed, of another chain, or lacks a contract.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        deployment = model.model_validate(content)
    except FileNotFoundError as error:
        raise DeploymentError(path, "", f"does not exist; `{model.SCRIPT}` writes it") from error
    except OSError as error:
        raise DeploymentError(path, "", f"cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DeploymentError(path, key, _words(first["type"], first["msg"])) from error
    except RecursionError:
        raise DeploymentError(path, "", "is not JSON: nested too deep") from None
    except ValueError as error:
        raise DeploymentError(path, "", f"is not JSON: {error}") from error
    _check(path, deployment, required, chain_id)
    return deployment


def _words(kind: str, message: str) -> str:
    return "is missing" if kind == "missing" else message.removeprefix("Value error, ")


def _check(
    path: Path, deployment: ChainDeployment, required: Sequence[str], chain_id: int | None
) -> None:
    if chain_id is not None and deployment.chain_id != chain_id:
        problem = f"is {deployment.chain_id}, but the settings have {chain_id}"
        raise DeploymentError(path, "chain_id", problem)
    for name in required:
        if name not in deployment.contracts:
            problem = f"is missing; `{deployment.SCRIPT}` deploys missing contracts"
            raise DeploymentError(path, f"contracts.{name}", problem)
