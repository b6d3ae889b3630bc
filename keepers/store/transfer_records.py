"""Mapping of transfers, placements, batches and instructions between rows and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from keepers.model.batch import (
    BatchOrigin,
    BatchPlan,
    BatchRecord,
    BatchState,
    InstructionRecord,
    InstructionState,
    PlanRecord,
)
from keepers.model.transactions.states import StepState
from keepers.model.transfer import TransferCause, TransferPosition, TransferTerms
from keepers.model.transfer_record import (
    NewPlacement,
    NewTransfer,
    OperatorRequest,
    OperatorRequestKind,
    PlacementRecord,
    PlacementVerb,
    PlanPart,
    TransferEvent,
    TransferRecord,
    TransferWork,
    Trouble,
    VenueTerms,
)

TERMS = (
    *("source_chain", "source_treasury", "destination_chain", "destination_treasury"),
    *("asset", "amount", "min_received", "route", "nonce"),
)
PLANNED = (*("transfer_id", "run_id", "batch_id", "native_fee", "seconds", "destination_block"),)
KNOWN = ("created_at", "moved_at", "wait", "remote_id", "arriving", "received", "refused")


def transfer_record(row: RowMapping, steps: Sequence[RowMapping]) -> TransferRecord:
    """A transfer with the steps of its run."""
    trouble = row["trouble"]
    return TransferRecord(
        new=_new_transfer(row),
        place=TransferPosition.read(row["place"]),
        steps={TransferWork(each["kind"]): each["step_id"] for each in steps},
        states={TransferWork(each["kind"]): StepState(each["state"]) for each in steps},
        trouble=None if trouble is None else Trouble(**trouble),
        proof=bytes.fromhex(row["proof"] or ""),
        wish=_wish(row["wish"]),
        is_settled=row["settled_at"] is not None,
        **{name: row[name] for name in KNOWN},
    )


def placement_record(row: RowMapping, step: RowMapping) -> PlacementRecord:
    """A placement with its step."""
    names = ("placement_id", "run_id", "batch_id", "chain_id", "asset")
    move = venue_terms(row["move"])
    assert move is not None  # noqa: S101 - the column is never empty
    return PlacementRecord(
        new=NewPlacement(
            verb=PlacementVerb(row["verb"]), move=move, **{name: row[name] for name in names}
        ),
        step_id=step["step_id"],
        state=StepState(step["state"]),
        reason=step["reason"],
        created_at=row["created_at"],
        is_settled=row["settled_at"] is not None,
    )


def plan_record(row: RowMapping, step: RowMapping) -> PlanRecord:
    """A batch's plan with the step that opens it."""
    return PlanRecord(
        batch_id=row["batch_id"],
        plan=BatchPlan(chain_id=row["chain_id"], run_id=row["run_id"]),
        step_id=step["step_id"],
        state=StepState(step["state"]),
        reason=step["reason"],
    )


def transfer_event(row: RowMapping) -> TransferEvent:
    """A line of a timeline."""
    start, cause = row["from_place"], row["cause"]
    return TransferEvent(
        at=row["at"],
        start=None if start is None else TransferPosition.read(start),
        end=TransferPosition.read(row["to_place"]),
        cause=None if cause is None else TransferCause(cause),
        text=row["text"],
        facts=row["facts"],
    )


def batch_record(row: RowMapping, plans: Sequence[RowMapping]) -> BatchRecord:
    """A batch with the plans that it needs."""
    names = (
        *("batch_id", "client_key", "reason", "detail", "deadline", "instruction_id"),
        *("created_at", "ended_at"),
    )
    return BatchRecord(
        origin=BatchOrigin(row["origin"]),
        state=BatchState(row["state"]),
        plans=tuple(BatchPlan(chain_id=each["chain_id"], run_id=each["run_id"]) for each in plans),
        **{name: row[name] for name in names},
    )


def instruction_record(row: RowMapping, batch_id: str | None) -> InstructionRecord:
    """An instruction, with the batch that was made of it."""
    names = (
        *("instruction_id", "client_key", "body", "submitted_by", "reason"),
        *("submitted_at", "ended_at"),
    )
    return InstructionRecord(
        state=InstructionState(row["state"]),
        batch_id=batch_id,
        **{name: row[name] for name in names},
    )


def venue_terms(document: Mapping[str, Any] | None) -> VenueTerms | None:
    """A movement as it was stored."""
    if document is None:
        return None
    return VenueTerms(
        venue=document["venue"],
        amount=int(document["amount"]),
        shares=int(document["shares"]),
        part=_part(document["part"]),
    )


def _part(document: Mapping[str, Any] | None) -> PlanPart | None:
    return None if document is None else PlanPart(**document)


def wish_document(wish: OperatorRequest) -> Mapping[str, str]:
    """A decision as JSON."""
    return {
        "kind": wish.kind,
        "by": wish.by,
        "reason": wish.reason,
        "proof": wish.proof.hex(),
        "amount": str(wish.amount),
    }


def _wish(document: Mapping[str, str] | None) -> OperatorRequest | None:
    if document is None:
        return None
    return OperatorRequest(
        kind=OperatorRequestKind(document["kind"]),
        by=document["by"],
        reason=document["reason"],
        proof=bytes.fromhex(document["proof"]),
        amount=int(document["amount"]),
    )


def _new_transfer(row: RowMapping) -> NewTransfer:
    return NewTransfer(
        terms=TransferTerms(**{name: row[name] for name in TERMS}),
        options=bytes.fromhex(row["options"]),
        part=_part(row["part"]),
        invest=venue_terms(row["invest"]),
        **{name: row[name] for name in PLANNED},
    )
