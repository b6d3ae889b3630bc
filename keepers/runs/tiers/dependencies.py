"""Ports of tier runs."""

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
    """Reader of current and earlier feed prices."""

    async def surroundings(
        self, snapshot: VaultSnapshot, positions: Sequence[VaultPosition], since: datetime
    ) -> RiskEnvironment:
        """Return the feeds of the settlement token and positions, and the native token's price.

        Positions without a feed, such as funds, are skipped.
        """
        ...


class YieldMemory(Protocol):
    """Store of fund rates; each method is one transaction."""

    def record_rates(self, rates: Sequence[FundRate]) -> None:
        """Store rates; one shortly after a fund's last rate may be dropped."""
        ...

    def rates_since(self, vault: str, chain_id: int, since: datetime) -> tuple[FundRate, ...]:
        """Return the rates of a vault's funds since a time, sorted by time."""
        ...


@dataclass(frozen=True, slots=True)
class RiskReadings:
    """Readers of the risk check."""

    prices: PriceReader
    yields: YieldMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRunDependencies(RunPorts):
    """Ports of one vault's tier runs.

    Without `readings`, plans are checked without feeds and yields.
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
        """Return the ports of the approvals of the vault's plans."""
        return ApprovalDependencies(f"vault {self.vault}", self.tickets, self.plans)

    def record(self, run_id: str, stage: Stage, detail: Mapping[str, Any]) -> None:
        """Store a stage's result and report the stage as finished."""
        self.store.record_stage(run_id, stage, detail)


class SimulationFailedError(BallastError):
    """An action would revert; nothing was sent."""

    def __init__(self, index: int, what: str, error: str) -> None:
        super().__init__(
            f"simulation: action {index + 1}, {what}, fails: {error}; nothing was sent"
        )
        self.index = index
        self.error = error
