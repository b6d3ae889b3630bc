"""Contracts of one owner under one AccessManager: the intended state beside the chain.

One list of differences serves all commands: `configure` sends the calls that mend them, `verify`
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
FOR_GOOD = "constructor arguments are for good: correct the configuration, or deploy anew"
C = TypeVar("C", bound=ManagedConfig)


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
class ManagedContracts(ABC, Generic[C]):
    """Contracts on chain, their record, and what is intended of them.

    Attributes:
        without_manager: Artifacts without an authority of their own.
    """

    chain: Chain
    config: C
    record: Record
    without_manager: ClassVar[tuple[str, ...]]

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
        """Holders of the manager's roles; None where the manager is another deployment's."""

    @abstractmethod
    def artifact_of(self, name: str) -> str:
        """Name of the compiled contract, given that of a deployed one."""

    @abstractmethod
    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """Artifact and arguments of the contract `name`, once all before it are recorded."""

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
        """Yield the difference, if any; `configure` leaves it to an operator."""
        if expected != actual:
            yield Difference(name, what, _text(expected), _text(actual), hint=hint)


class ManagedDeployment(ManagedContracts[C]):
    """Strategy of one kind of owner: its file, and how its contracts are compared.

    Attributes:
        config_type: Model of its file.
        suffix: End of its file's name, after that of the network.
    """

    config_type: ClassVar[type[ManagedConfig]]
    suffix: ClassVar[str]

    @classmethod
    def open(cls, chain: Chain, path: Path) -> Self:
        """Load the intended state from a file, and the record beside it.

        Raises:
            DeploymentConfigError: The file, or the record, cannot be used.
        """
        config = cast("C", cls.config_type.load(path))
        return cls(chain, config, Record.load(path.with_suffix(".json"), config))

    @abstractmethod
    def problems(self, *, anew: bool) -> Iterator[str]:
        """Facts of the chain that are not as the file has them.

        Prices are checked only where contracts are deployed `anew`.
        """

    @abstractmethod
    def foundation(self) -> Iterator[Difference]:
        """Differences that no call can mend, beside code, origin and manager."""

    @abstractmethod
    def settings(self, *, restore_keepers: bool) -> Iterator[Difference]:
        """Parameters that differ from the configuration, in an order that can correct them.

        A keeper that the guardian removed comes back only with `restore_keepers`.
        """


AnyContracts: TypeAlias = ManagedContracts[Any]
AnyDeployment: TypeAlias = ManagedDeployment[Any]


def require_prerequisites(deployment: AnyDeployment, *, anew: bool) -> None:
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


def code_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Contracts that are not recorded, or whose code is not the recorded one."""
    for name in deployment.names:
        entry = deployment.record.contracts.get(name)
        if entry is None:
            yield Difference(name, "deployment", "deployed", "not in the record")
            continue
        actual = deployment.chain.code_hash(entry.address)
        if actual != entry.code_hash:
            yield Difference(name, "code hash", entry.code_hash, actual)


def origin_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Addresses that are given, constructor arguments, and managers."""
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
        if deployment.artifact_of(name) in deployment.without_manager:
            continue
        authority = deployment.read(name, "authority")
        hint = "only the present authority can give the contract to another"
        yield from deployment.report(name, "authority", manager, authority, hint)


class TokenConfig(Protocol):
    """A token as a file describes it."""

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
    """Tokens of a section of the file with other decimals on the chain."""
    for name, token in tokens.items():
        hint = f"correct {section}.{name} in the configuration"
        actual = deployment.chain.decimals(token.address, f"{noun} {name}")
        yield from deployment.report(section, f"decimals of {name}", token.decimals, actual, hint)


def moment_text(seconds: int) -> str:
    """A Unix time as a date and a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
