"""Ports of weights runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from keepers.model.chain import ContractCall
from keepers.model.ports import RunStore
from keepers.model.run import RunRecord
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import PortfolioState, Swap, WeightsSimulation
from keepers.runs.tiers.dependencies import TierRunDependencies


class Portfolios(Protocol):
    """The portfolios of a vault as seen by their runs."""

    async def scales(self, tier: Tier, snapshot: VaultSnapshot) -> PortfolioState:
        """Return a portfolio as a run would trade it.

        Raise `NoWeightsError` if the tier has no rebalancer, and `RebalanceRefusedError` if a price
        is invalid.
        """
        ...

    def call(self, scales: PortfolioState, swaps: Sequence[Swap]) -> ContractCall:
        """Return the call of a keeper's run."""
        ...

    async def simulate(self, sender: str, tier: Tier, call: ContractCall) -> WeightsSimulation:
        """Simulate the call; raise `UnsupportedNodeError` if the node cannot."""
        ...


class WeightsRunStore(RunStore, Protocol):
    """Store of weights runs; a vault has at most one open run."""

    def runs_by(
        self, vault: str, trigger: str, *, armed: bool, limit: int
    ) -> tuple[RunRecord, ...]:
        """Return the newest armed or unarmed runs of a trigger, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightRunDependencies:
    """The ports of one vault's weights runs.

    Attributes:
        tiers: Ports of the vault's tier runs, whose plans make weights due.
        runs: The same ports with the store of weights runs.
        store: The store of weights runs.
        portfolios: The portfolios and their trading.
    """

    tiers: TierRunDependencies
    runs: TierRunDependencies
    store: WeightsRunStore
    portfolios: Portfolios

    @classmethod
    def beside(
        cls, tiers: TierRunDependencies, store: WeightsRunStore, portfolios: Portfolios
    ) -> WeightRunDependencies:
        """Return the ports of weights runs, derived from those of tier runs."""
        return cls(
            tiers=tiers,
            runs=replace(tiers, store=store),
            store=store,
            portfolios=portfolios,
        )


PREFIX = "WEIGHTS_"


def trigger_of(tier: Tier) -> str:
    """Return the stored trigger name of a portfolio's runs."""
    return f"{PREFIX}{tier.name}"


def tier_of(trigger: str) -> Tier:
    """Return the tier of a run's portfolio."""
    return Tier[trigger.removeprefix(PREFIX)]
