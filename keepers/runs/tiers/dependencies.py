"""What the stages of a run have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keepers.model.errors import BallastError
from keepers.model.ports import Chain, Clock, Journal, Market, Notifier, Progress, Simulator
from keepers.model.run import Stage
from keepers.runs.approvals.ports import ApprovalDesk, PlanContracts, Tickets
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.readings import RiskReadings
from keepers.transactions.engine import TransactionEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports of one vault's runs, and what its owners allow; `keeper` is who sends.

    Without `readings` plans are judged by themselves, without feeds and yields.
    """

    vault: str
    chain_id: int
    journal: Journal
    chain: Chain
    market: Market
    simulator: Simulator
    keeper: str
    transactions: TransactionEngine
    tickets: Tickets
    plans: PlanContracts
    notifier: Notifier
    readings: RiskReadings | None
    clock: Clock
    policy: RunPolicy
    say: Progress

    @property
    def approvals(self) -> ApprovalDesk:
        """What approvals of its plans are judged with."""
        return ApprovalDesk(f"vault {self.vault}", self.tickets, self.plans)

    def record(self, run_id: str, stage: Stage, detail: Mapping[str, Any]) -> None:
        """Keep a stage's result and say that it is over."""
        self.journal.record_stage(run_id, stage, detail)


class SimulationFailedError(BallastError):
    """An action would revert; nothing was sent."""

    def __init__(self, index: int, what: str, error: str) -> None:
        super().__init__(f"simulation: action {index + 1}, {what}, fails: {error}; nothing sent")
        self.index = index
        self.error = error
