"""Ports of approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from keepers.model.approval import (
    ApprovablePlan,
    NewTicket,
    PlanStatus,
    Signature,
    SignedPlan,
    TicketRecord,
    TicketState,
)
from keepers.model.chain import ContractCall
from keepers.model.limits import Limit
from keepers.model.notice import NOTHING, Notice, Notification


class Tickets(Protocol):
    """Store of approval requests; every method is one transaction, messages included."""

    def ask(self, new: NewTicket, notice: Notice) -> None:
        """Request approval, once per run; on a repeated call the first request is kept."""
        ...

    def decide(
        self,
        run_id: str,
        state: TicketState,
        reason: str | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Close the request in a state, with a reason; raise `TicketClosedError` if it cannot."""
        ...

    def remind(self, run_id: str, notice: Notice) -> None:
        """Record a reminder."""
        ...

    def ticket(self, run_id: str) -> TicketRecord | None:
        """Return the request of a run, or None."""
        ...


class SignedPlans(Protocol):
    """Plans signed by approvers, on chain. The chain alone decides on their validity."""

    def hash_of(self, plan: SignedPlan) -> str:
        """Return the hash that approvers sign."""
        ...

    async def status(self, plan: SignedPlan) -> PlanStatus:
        """Return the state of a plan on chain."""
        ...

    async def weights(self, plan: SignedPlan, signatures: Sequence[Signature]) -> tuple[int, ...]:
        """Return the current weight of each signature; 0 for an invalid one."""
        ...

    async def threshold(self, signer: str) -> int:
        """Return how many owners must sign for a contract; raise if it does not report this."""
        ...

    async def owners(self, signer: str) -> frozenset[str]:
        """Return the current owners of a contract signer; raise if it does not report them."""
        ...


class PlanContracts(SignedPlans, Protocol):
    """Approved plans of one vault, on chain."""

    async def terms(self) -> tuple[str, int]:
        """Return the ledger's address and the controller's epoch."""
        ...

    async def needed(self, size: int) -> int:
        """Return the approvals needed for purchases of a size in settlement base units."""
        ...

    async def limits(self, assets: Sequence[str]) -> tuple[Limit, ...]:
        """Return the limit on planned purchases of each asset."""
        ...

    def open_call(self, plan: ApprovablePlan, signatures: Sequence[Signature]) -> ContractCall:
        """Return the call that opens the plan."""
        ...

    def execute_call(self, plan: ApprovablePlan, index: int) -> ContractCall:
        """Return the call that executes one of the plan's actions."""
        ...

    def execute_together(self, plan: ApprovablePlan, gas: Mapping[int, int]) -> ContractCall:
        """Return the call that executes several actions, by index with the most gas of each."""
        ...


@dataclass(frozen=True, slots=True)
class ApprovalDependencies:
    """Ports of the approvals of one vault or treasury; `subject` is its display name."""

    subject: str
    tickets: Tickets
    plans: SignedPlans
