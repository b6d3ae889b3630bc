"""Ports of approvals."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Store of requests for approval; every method is one transaction, messages included."""

    def ask(self, new: NewTicket, notice: Notice) -> None:
        """Ask for approval, once for a run; asked again, the first request stands."""
        ...

    def decide(
        self,
        run_id: str,
        state: TicketState,
        reason: str | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Grant it, or refuse it for a reason; raises `TicketClosedError` if that cannot be."""
        ...

    def remind(self, run_id: str, notice: Notice) -> None:
        """Count a reminder."""
        ...

    def ticket(self, run_id: str) -> TicketRecord | None:
        """Return the request of a run, if there is one."""
        ...


class SignedPlans(Protocol):
    """Plans that people sign, on chain. The chain judges; nothing here is believed instead."""

    def hash_of(self, plan: SignedPlan) -> str:
        """Return the hash that approvers sign."""
        ...

    async def status(self, plan: SignedPlan) -> PlanStatus:
        """Return the state of a plan on chain."""
        ...

    async def weights(self, plan: SignedPlan, signatures: Sequence[Signature]) -> tuple[int, ...]:
        """Return the weight of each signature now; 0 for one that does not hold."""
        ...

    async def threshold(self, signer: str) -> int:
        """Return the owners that have to sign for a contract; raises where it does not say."""
        ...

    async def owners(self, signer: str) -> frozenset[str]:
        """Return the owners that may sign for a contract now; raises where it does not say."""
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
        """Return the limit of planned purchases of each asset."""
        ...

    def open_call(self, plan: ApprovablePlan, signatures: Sequence[Signature]) -> ContractCall:
        """Return the call that opens it."""
        ...

    def execute_call(self, plan: ApprovablePlan, index: int) -> ContractCall:
        """Return the call that executes one of its actions."""
        ...


@dataclass(frozen=True, slots=True)
class ApprovalDependencies:
    """Ports of the approvals of one vault or treasury; `subject` is its name for people."""

    subject: str
    tickets: Tickets
    plans: SignedPlans
