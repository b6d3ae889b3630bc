"""Ports of runs of tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from keepers.model.errors import BallastError
from keepers.model.ports import Chain, Market, Notifier, Simulator
from keepers.model.risk import FundRate, RiskEnvironment
from keepers.model.run import Stage
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.runs.approvals.ports import ApprovalDependencies, PlanContracts, Tickets
from keepers.runs.strategy import RunPorts


class PriceReader(Protocol):
    """Feeds, as they were and as they are."""

    async def surroundings(
        self, snapshot: VaultSnapshot, positions: Sequence[VaultPosition], since: datetime
    ) -> RiskEnvironment:
        """The feeds of the settlement token and of positions, and what the chain's coin is worth.

        Positions that have no feed, as funds have none, are passed over.
        """
        ...


class YieldMemory(Protocol):
    """Store of fund rates; each method is one transaction."""

    def record_rates(self, rates: Sequence[FundRate]) -> None:
        """Keep rates; one that comes soon after the last of its fund may be left out."""
        ...

    def rates_since(self, vault: str, chain_id: int, since: datetime) -> tuple[FundRate, ...]:
        """Return the rates of a vault's funds from a time on, in the order of their times."""
        ...


@dataclass(frozen=True, slots=True)
class RiskReadings:
    """Readers of the risk check."""

    prices: PriceReader
    yields: YieldMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRunDependencies(RunPorts):
    """Ports of one vault's runs.

    Without `readings` plans are judged by themselves, without feeds and yields.
    """

    chain: Chain
    market: Market
    simulator: Simulator
    tickets: Tickets
    plans: PlanContracts
    notifier: Notifier
    readings: RiskReadings | None

    @property
    def approvals(self) -> ApprovalDependencies:
        """What approvals of its plans are judged with."""
        return ApprovalDependencies(f"vault {self.vault}", self.tickets, self.plans)

    def record(self, run_id: str, stage: Stage, detail: Mapping[str, Any]) -> None:
        """Keep a stage's result and say that it is over."""
        self.store.record_stage(run_id, stage, detail)


class SimulationFailedError(BallastError):
    """An action would revert; nothing was sent."""

    def __init__(self, index: int, what: str, error: str) -> None:
        super().__init__(f"simulation: action {index + 1}, {what}, fails: {error}; nothing sent")
        self.index = index
        self.error = error
