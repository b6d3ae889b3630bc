"""Ports of runs of weights."""

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
    """The portfolios of a vault, as their runs see them."""

    async def scales(self, tier: Tier, snapshot: VaultSnapshot) -> PortfolioState:
        """Return a portfolio as a run would take it.

        Raises `NoWeightsError` where its weights have no rebalancer, and
        `RebalanceRefusedError` where a price is bad.
        """
        ...

    def call(self, scales: PortfolioState, swaps: Sequence[Swap]) -> ContractCall:
        """Return the call of a keeper's run."""
        ...

    async def simulate(self, sender: str, tier: Tier, call: ContractCall) -> WeightsSimulation:
        """Run it without sending it; raises `UnsupportedNodeError` where the node cannot."""
        ...


class WeightsRunStore(RunStore, Protocol):
    """Store of runs of weights, of which a vault has at most one that is open."""

    def runs_by(
        self, vault: str, trigger: str, *, armed: bool, limit: int
    ) -> tuple[RunRecord, ...]:
        """Return the newest runs of a trigger, newest first; `armed` says of which sort."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightRunDependencies:
    """The ports of one vault's runs of weights.

    Attributes:
        tiers: Those of the vault's rebalances, by whose plans weights become due.
        runs: The same with the store of runs of weights.
        store: That store.
        portfolios: What is held, and how it is traded.
    """

    tiers: TierRunDependencies
    runs: TierRunDependencies
    store: WeightsRunStore
    portfolios: Portfolios

    @classmethod
    def beside(
        cls, tiers: TierRunDependencies, store: WeightsRunStore, portfolios: Portfolios
    ) -> WeightRunDependencies:
        """Return the ports of weights beside those of tiers."""
        return cls(
            tiers=tiers,
            runs=replace(tiers, store=store),
            store=store,
            portfolios=portfolios,
        )


PREFIX = "WEIGHTS_"


def trigger_of(tier: Tier) -> str:
    """Return the trigger of the runs of a portfolio, as the store has it."""
    return f"{PREFIX}{tier.name}"


def tier_of(trigger: str) -> Tier:
    """Return the tier of the portfolio that a run was for."""
    return Tier[trigger.removeprefix(PREFIX)]
