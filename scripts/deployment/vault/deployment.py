"""Deployment of a vault: parameters compared with its file, and the order of corrections."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.deployment.deployment import (
    Difference,
    ManagedDeployment,
    decimals_differences,
)
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.contracts import VaultContracts
from scripts.deployment.vault.prerequisites import price_problems, vault_problems
from scripts.deployment.vault.settings import setting_differences


class ManagedVault(VaultContracts, ManagedDeployment[VaultConfig]):
    """Strategy of a vault."""

    config_type = VaultConfig
    suffix = ".toml"

    def problems(self, *, anew: bool) -> Iterator[str]:
        """Yield mismatches between the file and facts of the chain."""
        yield from vault_problems(self.chain, self.config)
        if anew:
            yield from price_problems(self.chain, self.config)

    def foundation(self) -> Iterator[Difference]:
        """Yield differences of token decimals."""
        yield from decimals_differences(self, "tokens", "token", self.config.tokens)

    def settings(self, *, restore_keepers: bool) -> Iterator[Difference]:
        """Yield feeds, venues, portfolios, vault, queue, controller, limits, approvers, jobs."""
        return setting_differences(self, restore_keepers=restore_keepers)
