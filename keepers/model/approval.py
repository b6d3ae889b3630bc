"""Approvals of plans: the signed plans, approval requests (tickets) and their states.

`PlanLedger` verifies signatures on chain; a ticket is the keeper's record of a request.
Origin: engine document, section 6; design, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeAlias

from keepers.model.order import OrderKind
from keepers.model.tier_config import TierValues
from keepers.model.treasury import TreasuryPlan


class Verb(IntEnum):
    """Kind of an action of an approved plan, in the controller's numbering."""

    PURCHASE = 1
    SALE = 2


VERBS = MappingProxyType({OrderKind.PURCHASE: Verb.PURCHASE, OrderKind.SALE: Verb.SALE})
"""Verb of a trade, by its direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAction:
    """One action as approvers sign it.

    Attributes:
        verb: Purchase or sale.
        asset: The token.
        amount: Settlement base units of a purchase, the token's base units of a sale.
        minimum_out: Minimum to receive, in units of the received token.
        data: Data for the venue, in hexadecimal.
        depends_on: Indices of earlier actions that must have been executed.
    """

    verb: Verb
    asset: str
    amount: int
    minimum_out: int
    data: str
    depends_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovablePlan:
    """Plan as approvers sign it. Any change makes it a different plan.

    Attributes:
        chain_id: The chain.
        ledger: The contract that records plans.
        consumer: The only controller that may execute it.
        keeper: The only account that may have it executed.
        nonce: A number that the keeper uses only once.
        deadline: Last second of chain time at which an action may be executed.
        epoch: The controller's epoch; a pause raises it, which voids the plan.
        state: Tier values from which the plan was made.
        actions: 1 to 64.
    """

    chain_id: int
    ledger: str
    consumer: str
    keeper: str
    nonce: int
    deadline: int
    epoch: int
    state: TierValues
    actions: tuple[ApprovedAction, ...]


SignedPlan: TypeAlias = ApprovablePlan | TreasuryPlan
"""Plan that can be approved: for a vault's controller or for a treasury."""


class TicketState(StrEnum):
    """State of an approval request. All states except WAITING and GRANTED are final."""

    WAITING = "WAITING"
    GRANTED = "GRANTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    VOID = "VOID"


TICKET_MOVES: Mapping[TicketState | None, frozenset[TicketState]] = MappingProxyType(
    {
        None: frozenset({TicketState.WAITING}),
        TicketState.WAITING: frozenset(TicketState) - {TicketState.WAITING},
        TicketState.GRANTED: frozenset(
            {TicketState.REJECTED, TicketState.EXPIRED, TicketState.VOID}
        ),
    }
)
"""Legal transitions between states; a refusal is final."""

REFUSED_TICKETS = frozenset({TicketState.REJECTED, TicketState.EXPIRED, TicketState.VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """Request for approval.

    Attributes:
        run_id: The run of the plan; a run has one request.
        plan: The plan to sign.
        plan_hash: Its EIP-712 hash.
        required: Total weight of approvers that is required.
        asked_at: Time of the request, in chain time.
        deadline: Time after which the plan is never executed, in chain time.
    """

    run_id: str
    plan: SignedPlan
    plan_hash: str
    required: int
    asked_at: datetime
    deadline: datetime

    @property
    def vault_plan(self) -> ApprovablePlan:
        """Return the plan of a ticket that belongs to a vault."""
        assert isinstance(self.plan, ApprovablePlan)  # noqa: S101 - runs of vaults have no other
        return self.plan

    @property
    def treasury_plan(self) -> TreasuryPlan:
        """Return the plan of a ticket that belongs to a treasury."""
        assert isinstance(self.plan, TreasuryPlan)  # noqa: S101 - runs of treasuries have no other
        return self.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenApproval:
    """Approver's signature that was received.

    Attributes:
        signer: The approver: an account, or a contract (a Safe) whose owners sign.
        owner: The account that signed; equal to `signer` if that is an account or if the signature
            is the contract's own.
        signature: Hexadecimal text.
        given_at: Time of the signature, in database time.
    """

    signer: str
    owner: str
    signature: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecord:
    """Stored approval request.

    Attributes:
        ticket: The request.
        state: Its current state.
        reason: Reason for the refusal.
        decided_by: The operator who refused it.
        reminders: Number of reminders sent.
        approvals: Signatures, by signer and owner.
    """

    ticket: NewTicket
    state: TicketState
    reason: str | None
    decided_by: str | None
    reminders: int
    approvals: tuple[GivenApproval, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Approver's signature in the form that the contract accepts."""

    signer: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatus:
    """Status of a plan on its chain; `approvals` is 0 if it was never opened."""

    is_open: bool
    done: int
    approvals: int
    cancelled: bool
    nonce_used: bool
    epoch: int
