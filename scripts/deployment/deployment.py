"""Contracts of one owner under one AccessManager: the intended state compared with the chain.

All commands use one list of differences: `configure` sends the calls that fix them, `verify`
prints them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeAlias, TypeVar, cast

from web3.contract import Contract

from scripts.deployment.chain import Chain
from scripts.deployment.config import ManagedConfig, Roles
from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.record import Record

MANAGER, KILL_SWITCH, LEDGER = "AccessManager", "KillSwitch", "PlanLedger"
FOR_GOOD = "constructor arguments are permanent: correct the configuration, or deploy again"
C = TypeVar("C", bound=ManagedConfig)


@dataclass(frozen=True)
class Blueprint:
    """Contract to deploy: the artifact's name and the constructor's arguments."""

    artifact: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Difference:
    """One difference from the intended state.

    `target` and `data` are the call that fixes it. They are None if no call can (other code), or if
    an operator has to decide; `hint` then names the operator's action.
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
class ManagedContracts(ABC, Generic[C]):
    """Contracts on chain, their record, and their intended state.

    Attributes:
        without_manager: Artifacts of contracts without an AccessManager.
    """

    chain: Chain
    config: C
    record: Record
    without_manager: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of all intended contracts, in the order of deployment."""

    @property
    def given(self) -> Mapping[str, str]:
        """Addresses of the contracts that belong to another deployment, by name."""
        return {}

    @property
    @abstractmethod
    def roles(self) -> Roles | None:
        """Holders of the manager's roles; None if the manager belongs to another deployment."""

    @abstractmethod
    def artifact_of(self, name: str) -> str:
        """Return the name of the compiled contract of a deployed one."""

    @abstractmethod
    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """Return artifact and arguments of `name`; the contracts before it must be recorded."""

    def contract(self, name: str) -> Contract:
        """Return a deployed contract by its name in the record."""
        return self.chain.contract(self.artifact_of(name), self.address(name))

    def address(self, name: str) -> str:
        """Return the address of a deployed contract."""
        return self.record.contracts[name].address

    def read(self, name: str, function: str, *arguments: object) -> Any:  # noqa: ANN401 - type from the ABI
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
        """Yield the difference, if any; `function(*arguments)` of `name` fixes it."""
        if expected == actual:
            return
        data = self.contract(name).encode_abi(function, args=list(arguments))
        yield Difference(name, what, _text(expected), _text(actual), self.address(name), data)

    def report(
        self, name: str, what: str, expected: object, actual: object, hint: str
    ) -> Iterator[Difference]:
        """Yield the difference, if any; `configure` leaves it to an operator."""
        if expected != actual:
            yield Difference(name, what, _text(expected), _text(actual), hint=hint)


class ManagedDeployment(ManagedContracts[C]):
    """Strategy of one kind of owner: its file, and the comparison of its contracts.

    Attributes:
        config_type: Model of the file.
        suffix: End of the file's name, after the network's name.
    """

    config_type: ClassVar[type[ManagedConfig]]
    suffix: ClassVar[str]

    @classmethod
    def open(cls, chain: Chain, path: Path) -> Self:
        """Load the intended state from a file, and the record next to it.

        Raises:
            DeploymentConfigError: The file or the record is invalid.
        """
        config = cast("C", cls.config_type.load(path))
        return cls(chain, config, Record.load(path.with_suffix(".json"), config))

    @abstractmethod
    def problems(self, *, anew: bool) -> Iterator[str]:
        """Yield mismatches between the file and facts of the chain.

        Prices are checked only where contracts are deployed `anew`.
        """

    @abstractmethod
    def foundation(self) -> Iterator[Difference]:
        """Yield differences that no call can fix, apart from code, origin and manager."""

    @abstractmethod
    def settings(self, *, restore_keepers: bool) -> Iterator[Difference]:
        """Yield parameters that differ from the configuration, in an order in which to fix them.

        A keeper that the guardian removed is restored only with `restore_keepers`.
        """


AnyContracts: TypeAlias = ManagedContracts[Any]
AnyDeployment: TypeAlias = ManagedDeployment[Any]


def require_prerequisites(deployment: AnyDeployment, *, anew: bool) -> None:
    """Raise DeploymentConfigError with all mismatches between the file and facts of the chain."""
    problems = list(deployment.problems(anew=anew))
    if not problems:
        return
    listed = "".join(f"\n  {problem}" for problem in problems)
    raise DeploymentConfigError(
        f"the file of {deployment.config.network} differs from the chain; nothing was sent:{listed}"
    )


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return "(" + ", ".join(_text(item) for item in items) + ")"
    return str(value)


def code_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield contracts that are not recorded, or whose code differs from the record."""
    for name in deployment.names:
        entry = deployment.record.contracts.get(name)
        if entry is None:
            yield Difference(name, "deployment", "deployed", "not in the record")
            continue
        actual = deployment.chain.code_hash(entry.address)
        if actual != entry.code_hash:
            yield Difference(name, "code hash", entry.code_hash, actual)


def origin_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield differences of given addresses, constructor arguments and managers."""
    manager = deployment.address(MANAGER)
    for name in deployment.names:
        entry = deployment.record.contracts[name]
        if name in deployment.given:
            wanted = deployment.given[name]
            yield from deployment.report(name, "address", wanted, entry.address, FOR_GOOD)
            continue
        if name == MANAGER:  # its argument is its deployer, who may be any account
            continue
        planned = deployment.blueprint(name, manager).arguments
        recorded = tuple(entry.arguments)
        yield from deployment.report(name, "constructor arguments", planned, recorded, FOR_GOOD)
        if deployment.artifact_of(name) in deployment.without_manager:
            continue
        authority = deployment.read(name, "authority")
        hint = "only the current authority can change it"
        yield from deployment.report(name, "authority", manager, authority, hint)


class TokenConfig(Protocol):
    """Token in a configuration file."""

    @property
    def address(self) -> str:
        """Address of the token."""
        ...

    @property
    def decimals(self) -> int:
        """Decimals of the token."""
        ...


def decimals_differences(
    deployment: AnyContracts, section: str, noun: str, tokens: Mapping[str, TokenConfig]
) -> Iterator[Difference]:
    """Yield tokens of a section of the file whose decimals differ on the chain."""
    for name, token in tokens.items():
        hint = f"correct {section}.{name} in the configuration"
        actual = deployment.chain.decimals(token.address, f"{noun} {name}")
        yield from deployment.report(section, f"decimals of {name}", token.decimals, actual, hint)


def moment_text(seconds: int) -> str:
    """Return a Unix time as date and time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
