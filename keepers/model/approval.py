"""Approvals of plans: what is signed, who is asked, and how a request stands.

The chain judges signatures (`PlanLedger`); a ticket is what the keeper remembers of the asking.
Origin: engine document, section 6; design, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeAlias

from keepers.model.tier_config import TierValues
from keepers.model.treasury import TreasuryPlan


class Verb(IntEnum):
    """Kind of an action of an approved plan, in the controller's numbering."""

    PURCHASE = 1
    SALE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAction:
    """One action as approvers sign it.

    Attributes:
        verb: Purchase or sale.
        asset: The token.
        amount: Settlement base units of a purchase, the token's base units of a sale.
        minimum_out: Least that must come back, in the other's units.
        data: What the venue is told, as hexadecimal text.
        depends_on: Indices of earlier actions that must have run.
    """

    verb: Verb
    asset: str
    amount: int
    minimum_out: int
    data: str
    depends_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovablePlan:
    """A plan as approvers sign it, of which a change of one bit is another plan.

    Attributes:
        chain_id: The chain.
        ledger: The contract that remembers plans.
        consumer: The controller that executes it, and no other.
        keeper: The account for which it does so.
        nonce: A number that this keeper uses once.
        deadline: The last second, of the chain's time, in which an action may run.
        epoch: The controller's; a pause raises it, which voids the plan.
        state: The tiers' values that the plan was made from.
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
"""Plan that can be approved: of a vault's controller, or of a treasury."""


class TicketState(StrEnum):
    """State of a request for approval. All but WAITING and GRANTED are final."""

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
"""Legal moves between states; a refusal is final."""

REFUSED_TICKETS = frozenset({TicketState.REJECTED, TicketState.EXPIRED, TicketState.VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """A request for approval.

    Attributes:
        run_id: The run whose plan it is; it has one request.
        plan: What is signed.
        plan_hash: Its EIP-712 hash.
        required: Weights of approvers that are needed in sum.
        asked_at: By the chain's time.
        deadline: After it the plan never runs, by the chain's time.
    """

    run_id: str
    plan: SignedPlan
    plan_hash: str
    required: int
    asked_at: datetime
    deadline: datetime

    @property
    def vault_plan(self) -> ApprovablePlan:
        """The plan, where it is known to be a vault's."""
        assert isinstance(self.plan, ApprovablePlan)  # noqa: S101 - runs of vaults have no other
        return self.plan

    @property
    def treasury_plan(self) -> TreasuryPlan:
        """The plan, where it is known to be a treasury's."""
        assert isinstance(self.plan, TreasuryPlan)  # noqa: S101 - runs of treasuries have no other
        return self.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenApproval:
    """A signature that somebody gave.

    Attributes:
        signer: The approver: an account, or a contract (a Safe) for which owners sign.
        owner: The account whose signature it is; the signer itself where that is an account, or
            where the signature is a contract's own.
        signature: Hexadecimal text.
        given_at: By the database's time.
    """

    signer: str
    owner: str
    signature: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecord:
    """A request as the store holds it.

    Attributes:
        ticket: What was asked.
        state: How it stands.
        reason: Why it was refused.
        decided_by: Who refused it.
        reminders: How often people were reminded.
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
    """An approver's signature, as the contract takes it."""

    signer: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatus:
    """Status of a plan on its chain; `approvals` is 0 when it was never opened."""

    is_open: bool
    done: int
    approvals: int
    cancelled: bool
    nonce_used: bool
    epoch: int
