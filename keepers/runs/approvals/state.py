"""State of an approval request according to the chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from keepers.model.approval import (
    REFUSED_TICKETS,
    GivenApproval,
    PlanStatus,
    Signature,
    SignedPlan,
    TicketRecord,
    TicketState,
)
from keepers.model.money import WHOLE_BPS
from keepers.model.notice import Notice, Notification, Severity
from keepers.model.tier_config import TierValues
from keepers.runs.approvals.ports import ApprovalDependencies


def key_of(run_id: str) -> str:
    """Return the key of notices about the approval of a run's plan."""
    return f"approval:{run_id}"


def reminder(ports: ApprovalDependencies, record: TicketRecord) -> Notice:
    """Return a reminder whose wording differs from the previous one.

    A text that differs only in figures counts as a repetition and is not sent.
    """
    ticket = record.ticket
    which = "last" if record.reminders else "first"
    return Notice(
        key=key_of(ticket.run_id),
        severity=Severity.WARNING,
        title=f"{ports.subject}: a plan still waits for approval",
        text=(
            f"{len(record.approvals)} signature(s) so far; it expires at "
            f"{ticket.deadline:%H:%M} UTC. To view and sign it, run `ballast approve "
            f"{ticket.run_id}` ({which} reminder)"
        ),
    )


def combined(
    approvals: Iterable[GivenApproval], thresholds: Mapping[str, int]
) -> tuple[Signature, ...]:
    """Return one signature per signer, sorted by signer.

    An account signs for itself. For a contract signer, the required number of owner signatures is
    concatenated in the order of owners; with fewer there is no signature yet.

    Args:
        approvals: The approvals given.
        thresholds: The number of owners that each contract requires.
    """
    by_signer: dict[str, list[GivenApproval]] = defaultdict(list)
    for each in approvals:
        by_signer[each.signer].append(each)
    found = (
        _of_signer(signer, given, thresholds.get(signer, 1)) for signer, given in by_signer.items()
    )
    return tuple(sorted(filter(None, found), key=lambda each: int(each.signer, 16)))


def _of_signer(signer: str, given: list[GivenApproval], threshold: int) -> Signature | None:
    own = [each for each in given if each.owner == signer]
    if own:
        return Signature(signer, own[0].signature)
    if len(given) < threshold:
        return None
    ordered = sorted(given, key=lambda each: int(each.owner, 16))[:threshold]
    return Signature(signer, "0x" + "".join(each.signature[2:] for each in ordered))


REMIND_AT = (2, 8)
"""Reminders are sent when a half and an eighth of the time is left."""


async def signatures_of(ports: ApprovalDependencies, record: TicketRecord) -> tuple[Signature, ...]:
    """Return the complete signatures, valid or not.

    A former owner of a contract neither signs for it nor blocks other owners.
    """
    contracts = sorted({each.signer for each in record.approvals if each.signer != each.owner})
    thresholds = {each: await ports.plans.threshold(each) for each in contracts}
    owners = {each: await ports.plans.owners(each) for each in contracts}
    given = (
        each
        for each in record.approvals
        if each.signer == each.owner or each.owner in owners[each.signer]
    )
    return combined(given, thresholds)


async def holding(
    ports: ApprovalDependencies, record: TicketRecord
) -> tuple[Signature, ...] | None:
    """Return the signatures with which the chain would open the plan; None if there are too few.

    Signatures that are no longer valid, such as those of removed approvers, are left out.
    """
    given = await signatures_of(ports, record)
    weights = await ports.plans.weights(record.ticket.plan, given)
    good = [(each, weight) for each, weight in zip(given, weights, strict=True) if weight]
    if sum(weight for _, weight in good) < record.ticket.required:
        return None
    return tuple(each for each, _ in good)


async def ticket_state(
    ports: ApprovalDependencies, record: TicketRecord, now: datetime
) -> TicketState:
    """Bring a request to its current state, by the chain's time, and store the state.

    A plan opened on chain stays granted. Signatures, time and vault state no longer matter; the
    chain itself enforces the deadline and a pause.
    """
    if record.state in REFUSED_TICKETS:
        return record.state
    run_id, plan = record.ticket.run_id, record.ticket.plan
    status = await ports.plans.status(plan)
    void = _void(plan, status)
    if void is not None:
        ports.tickets.decide(run_id, TicketState.VOID, void)
        return TicketState.VOID
    if now > record.ticket.deadline:
        text = f"no decision was made before {record.ticket.deadline:%Y-%m-%d %H:%M} UTC"
        if status.is_open:
            text = f"its deadline passed at {record.ticket.deadline:%Y-%m-%d %H:%M} UTC"
        ports.tickets.decide(run_id, TicketState.EXPIRED, text)
        return TicketState.EXPIRED
    if status.is_open or await holding(ports, record) is not None:
        if record.state is not TicketState.GRANTED:
            approved = (key_of(run_id), f"{ports.subject}: the plan is approved")
            ports.tickets.decide(
                run_id, TicketState.GRANTED, notification=Notification(over=(approved,))
            )
        return TicketState.GRANTED
    _remind(ports, record, now)
    return TicketState.WAITING


def refusal_of(record: TicketRecord) -> str | None:
    """Return how and why a request was refused; None if it was not."""
    if record.state not in REFUSED_TICKETS:
        return None
    who = f" by {record.decided_by}" if record.decided_by else ""
    return f"{record.state.lower()}{who}: {record.reason}"


def has_moved(state: TierValues, now: TierValues, tolerance_bps: int) -> int | None:
    """Return the tier that moved furthest if beyond a tolerance in basis points of the total."""
    moved = [abs(after - before) for before, after in zip(state, now, strict=True)]
    worst = max(range(len(moved)), key=moved.__getitem__)
    return worst if moved[worst] * WHOLE_BPS > tolerance_bps * sum(now) else None


def _void(plan: SignedPlan, status: PlanStatus) -> str | None:
    if status.cancelled:
        return "the guardian cancelled the plan"
    if status.epoch != plan.epoch:
        return "its contract was paused since, which voids all plans"
    if status.nonce_used and not status.is_open:
        return "the guardian voided the plan's nonce"
    return None


def _remind(ports: ApprovalDependencies, record: TicketRecord, now: datetime) -> None:
    ticket = record.ticket
    whole = ticket.deadline - ticket.asked_at
    due = sum(1 for part in REMIND_AT if ticket.deadline - now <= whole / part)
    if record.reminders < due:
        ports.tickets.remind(ticket.run_id, reminder(ports, record))
