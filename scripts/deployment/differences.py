"""Every difference between the intended state and the chain, with the call that would mend it.

One list serves both scripts: `configure` sends the calls, `verify` prints the differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from web3.contract import Contract

from keepers.domain.numerals import format_units
from scripts.deployment.chain import Chain
from scripts.deployment.config import DeploymentConfig
from scripts.deployment.contracts import artifact_of, blueprint, deployed_names
from scripts.deployment.record import Record

WITHOUT_MANAGER = ("Erc7540Venue", "SchedulerLens")
"""One obeys its portfolio alone, the other only looks."""


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
class Deployment:
    """The contracts on chain beside what is intended of them."""

    chain: Chain
    config: DeploymentConfig
    record: Record

    def contract(self, name: str) -> Contract:
        """A deployed contract by the name it has in the record."""
        return self.chain.contract(artifact_of(name), self.record.contracts[name].address)

    @property
    def names(self) -> tuple[str, ...]:
        """Every contract that should be there."""
        return deployed_names(self.config)

    def address(self, name: str) -> str:
        """Address of a deployed contract."""
        return self.record.contracts[name].address

    def read(self, name: str, function: str, *arguments: object) -> Any:  # noqa: ANN401 - as the ABI says
        """Call a view."""
        return self.contract(name).functions[function](*arguments).call()

    def money(self, units: int) -> str:
        """An amount of the settlement token, for people."""
        symbol = self.config.vault.settlement
        return f"{format_units(units, self.config.tokens[symbol].decimals)} {symbol}"

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


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return "(" + ", ".join(_text(item) for item in items) + ")"
    return str(value)


def code_differences(deployment: Deployment) -> Iterator[Difference]:
    """Contracts that are not recorded, or whose code is not the recorded one."""
    for name in deployment.names:
        entry = deployment.record.contracts.get(name)
        if entry is None:
            yield Difference(name, "deployment", "deployed", "not in the record")
            continue
        actual = deployment.chain.code_hash(entry.address)
        if actual != entry.code_hash:
            yield Difference(name, "code hash", entry.code_hash, actual)


def foundation_differences(deployment: Deployment) -> Iterator[Difference]:
    """What no call can mend: constructor arguments, the contracts' manager, tokens' decimals."""
    addresses = {name: entry.address for name, entry in deployment.record.contracts.items()}
    manager = addresses["AccessManager"]
    for name in deployment.names:
        if name == "AccessManager":  # its argument is who deployed it, whoever that was
            continue
        planned = blueprint(name, deployment.config, manager, addresses).arguments
        recorded = tuple(deployment.record.contracts[name].arguments)
        hint = "constructor arguments are for good: correct the configuration, or deploy anew"
        yield from deployment.report(name, "constructor arguments", planned, recorded, hint)
        if artifact_of(name) in WITHOUT_MANAGER:
            continue
        authority = deployment.read(name, "authority")
        hint = "only the present authority can give the contract to another"
        yield from deployment.report(name, "authority", manager, authority, hint)
    for symbol, token in deployment.config.tokens.items():
        hint = f"correct tokens.{symbol} in the configuration"
        actual = deployment.chain.decimals(token.address, f"token {symbol}")
        yield from deployment.report(
            "tokens", f"decimals of {symbol}", token.decimals, actual, hint
        )
