"""A vault's contracts on chain beside what is intended of them.

One list of differences serves both scripts: `configure` sends the calls that mend them, `verify`
prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from keepers.model.numerals import format_units
from scripts.deployment.config import DeploymentConfig
from scripts.deployment.contracts import artifact_of, blueprint, deployed_names
from scripts.deployment.managed import (
    Blueprint,
    Difference,
    ManagedDeployment,
    origin_differences,
)
from scripts.deployment.parts import Roles
from scripts.deployment.prerequisites import price_problems, vault_problems

WITHOUT_MANAGER = ("Erc7540Venue", "SchedulerLens")
"""One obeys its portfolio alone, the other only looks."""


@dataclass(frozen=True)
class Deployment(ManagedDeployment[DeploymentConfig]):
    """The vault's."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every contract that should be there."""
        return deployed_names(self.config)

    @property
    def roles(self) -> Roles:
        """Who holds the manager's roles."""
        return self.config.roles

    def problems(self, *, anew: bool) -> Iterator[str]:
        """Facts of the chain that are not as the file has them."""
        yield from vault_problems(self.chain, self.config)
        if anew:
            yield from price_problems(self.chain, self.config)

    def artifact_of(self, name: str) -> str:
        """Name of the compiled contract, given that of a deployed one."""
        return artifact_of(name)

    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """What to deploy as `name`, once all before it are in the record."""
        return blueprint(name, self.config, deployer, self.record.addresses)

    def money(self, units: int) -> str:
        """An amount of the settlement token, for people."""
        symbol = self.config.vault.settlement
        return f"{format_units(units, self.config.tokens[symbol].decimals)} {symbol}"


def foundation_differences(deployment: Deployment) -> Iterator[Difference]:
    """What no call can mend: constructor arguments, the contracts' manager, tokens' decimals."""
    yield from origin_differences(deployment, WITHOUT_MANAGER)
    for symbol, token in deployment.config.tokens.items():
        hint = f"correct tokens.{symbol} in the configuration"
        actual = deployment.chain.decimals(token.address, f"token {symbol}")
        yield from deployment.report(
            "tokens", f"decimals of {symbol}", token.decimals, actual, hint
        )
