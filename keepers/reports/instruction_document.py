"""An instruction as a document: its progress as one thing, in whole tokens as text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from fractions import Fraction

from keepers.model.batch import InstructionRecord
from keepers.model.inventory_state import state_machine_id
from keepers.model.json_document import Json
from keepers.model.numerals import format_exact
from keepers.model.transfer_record import PlacementRecord
from keepers.planning.instructions.progress import (
    AssetProgress,
    Decimals,
    InstructionProgress,
    InstructionStatus,
    progress_of,
)
from keepers.reports.transfer_document import batch_brief, transfer_brief


def instruction_brief(record: InstructionRecord) -> dict[str, Json]:
    """Return an instruction as lists show it."""
    return {
        "key": record.client_key,
        "state": record.state,
        "reason": record.reason,
        "submitted_by": record.submitted_by,
        "submitted_at": _time(record.submitted_at),
        "ended_at": _time(record.ended_at),
        "batch": record.batch_id,
    }


def instruction_document(standing: InstructionStatus, decimals: Decimals) -> dict[str, Json]:
    """An instruction, how far it is, and every movement of it."""
    batch = standing.batch
    return {
        **instruction_brief(standing.record),
        "body": standing.record.body,
        "progress": _progress(progress_of(standing, decimals)),
        "batch": None if batch is None else batch_brief(batch),
        "transfers": [transfer_brief(each) for each in standing.transfers],
        "placements": [_placement(each) for each in standing.placements],
    }


def _progress(progress: InstructionProgress) -> dict[str, Json]:
    return {
        "movements": progress.movements,
        "ended": progress.ended,
        "assets": {name: _amounts(each) for name, each in progress.assets.items()},
        "stuck": [dict[str, Json](asdict(each)) for each in progress.hitches],
    }


def _amounts(each: AssetProgress) -> dict[str, Json]:
    amounts: dict[str, Fraction] = asdict(each)
    return {name: format_exact(amount) for name, amount in amounts.items()}


def _placement(record: PlacementRecord) -> dict[str, Json]:
    new = record.new
    return {
        "id": new.placement_id,
        "asset": new.asset,
        "chain": state_machine_id(new.chain_id),
        "verb": new.verb,
        "venue": new.move.venue,
        "amount": str(new.move.amount),
        "state": record.state,
        "reason": record.reason,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
