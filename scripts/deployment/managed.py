"""Contracts under one AccessManager: what is intended of them beside what is on chain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from web3.contract import Contract

from scripts.deployment.chain import Chain
from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.managed_config import ManagedConfig
from scripts.deployment.parts import Roles
from scripts.deployment.record import Record

MANAGER = "AccessManager"
FOR_GOOD = "constructor arguments are for good: correct the configuration, or deploy anew"
C_co = TypeVar("C_co", bound=ManagedConfig, covariant=True)


@dataclass(frozen=True)
class Blueprint:
    """A contract to deploy: the artifact's name and the constructor's arguments."""

    artifact: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Difference:
    """One thing that is not as intended.

    `target` and `data` are the call that mends it, None where no call can (other code) or where a
    person has to decide; `hint` says what that person does.
    """

    contract: str
    what: str
    expected: str
    actual: str
    target: str | None = None
    data: str | None = None
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.contract}: {self.what}: is {self.actual}, should be {self.expected}"


@dataclass(frozen=True)
class ManagedDeployment(ABC, Generic[C_co]):
    """Contracts on chain, their record, and what is intended of them."""

    chain: Chain
    config: C_co
    record: Record

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Every contract that should be there, in the order of their deployment."""

    @property
    def given(self) -> Mapping[str, str]:
        """Addresses of those among them that belong to another deployment."""
        return {}

    @property
    @abstractmethod
    def roles(self) -> Roles | None:
        """Who holds the manager's roles; None where that is another deployment's business."""

    @abstractmethod
    def problems(self, *, anew: bool) -> Iterator[str]:
        """Facts of the chain that are not as the file has them.

        Prices are looked at only where contracts are deployed `anew`.
        """

    @abstractmethod
    def artifact_of(self, name: str) -> str:
        """Name of the compiled contract, given that of a deployed one."""

    @abstractmethod
    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """What to deploy as `name`, once all before it are in the record."""

    def contract(self, name: str) -> Contract:
        """A deployed contract by the name it has in the record."""
        return self.chain.contract(self.artifact_of(name), self.address(name))

    def address(self, name: str) -> str:
        """Address of a deployed contract."""
        return self.record.contracts[name].address

    def read(self, name: str, function: str, *arguments: object) -> Any:  # noqa: ANN401 - as the ABI says
        """Call a view."""
        return self.chain.read(self.artifact_of(name), self.address(name), function, *arguments)

    def compare(
        self,
        name: str,
        what: str,
        expected: object,
        actual: object,
        function: str,
        *arguments: object,
    ) -> Iterator[Difference]:
        """Yield the difference, mended by `function(*arguments)` of `name`, if there is one."""
        if expected == actual:
            return
        data = self.contract(name).encode_abi(function, args=list(arguments))
        yield Difference(name, what, _text(expected), _text(actual), self.address(name), data)

    def report(
        self, name: str, what: str, expected: object, actual: object, hint: str
    ) -> Iterator[Difference]:
        """Yield the difference, which `configure` leaves to a person, if there is one."""
        if expected != actual:
            yield Difference(name, what, _text(expected), _text(actual), hint=hint)


def require_prerequisites(deployment: ManagedDeployment[ManagedConfig], *, anew: bool) -> None:
    """Raise DeploymentConfigError with all facts of the chain that are not as the file has them."""
    problems = list(deployment.problems(anew=anew))
    if not problems:
        return
    listed = "".join(f"\n  {problem}" for problem in problems)
    raise DeploymentConfigError(
        f"the file of {deployment.config.network} is not as the chain; nothing was sent:{listed}"
    )


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return "(" + ", ".join(_text(item) for item in items) + ")"
    return str(value)


def code_differences(deployment: ManagedDeployment[ManagedConfig]) -> Iterator[Difference]:
    """Contracts that are not recorded, or whose code is not the recorded one."""
    for name in deployment.names:
        entry = deployment.record.contracts.get(name)
        if entry is None:
            yield Difference(name, "deployment", "deployed", "not in the record")
            continue
        actual = deployment.chain.code_hash(entry.address)
        if actual != entry.code_hash:
            yield Difference(name, "code hash", entry.code_hash, actual)


def origin_differences(
    deployment: ManagedDeployment[ManagedConfig], without_manager: tuple[str, ...]
) -> Iterator[Difference]:
    """Constructor arguments, and managers of all but the artifacts `without_manager`."""
    manager = deployment.address(MANAGER)
    for name in deployment.names:
        entry = deployment.record.contracts[name]
        if name in deployment.given:
            wanted = deployment.given[name]
            yield from deployment.report(name, "address", wanted, entry.address, FOR_GOOD)
            continue
        if name == MANAGER:  # its argument is who deployed it, whoever that was
            continue
        planned = deployment.blueprint(name, manager).arguments
        recorded = tuple(entry.arguments)
        yield from deployment.report(name, "constructor arguments", planned, recorded, FOR_GOOD)
        if deployment.artifact_of(name) in without_manager:
            continue
        authority = deployment.read(name, "authority")
        hint = "only the present authority can give the contract to another"
        yield from deployment.report(name, "authority", manager, authority, hint)
