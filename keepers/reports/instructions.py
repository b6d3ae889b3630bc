"""Instructions as documents and text: list, details with movements, and progress line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction

from rich import box
from rich.console import RenderableType
from rich.text import Text

from keepers.model.batch import BatchState, InstructionRecord
from keepers.model.inventory_state import state_machine_id
from keepers.model.json_document import Json
from keepers.model.money import format_exact, format_rounded
from keepers.model.transfer_record import PlacementRecord
from keepers.planning.instructions.progress import (
    AssetProgress,
    Decimals,
    InstructionProgress,
    InstructionStatus,
    progress_of,
)
from keepers.reports.amounts import NOTHING, iso_time, moment, short
from keepers.reports.terminal import Listing, rendered
from keepers.reports.transfer_document import TransferLabels, batch_brief, transfer_brief
from keepers.reports.transfer_text import transfer_table

COLUMNS = ("key", "state", "by", "submitted", "ended", "why")
PLACES = 6
"""Decimal places of amounts in progress."""


def render_instructions(records: Sequence[InstructionRecord], width: int | None = None) -> str:
    """Render instructions as a table, in the given order."""
    if not records:
        return "There are no instructions.\n"
    rows = [
        (
            *(each.client_key, each.state.lower(), each.submitted_by),
            *(_time(each.submitted_at), _time(each.ended_at), each.reason or ""),
        )
        for each in records
    ]
    return rendered([Listing(COLUMNS, rows, box.SIMPLE_HEAD, pad_edge=False)], width)


def render_instruction(
    status: InstructionStatus,
    progress: InstructionProgress,
    labels: TransferLabels,
    now: datetime,
    width: int | None = None,
) -> str:
    """Render an instruction with its batch and all movements."""
    record = status.record
    parts: list[RenderableType] = [Text(line) for line in _facts(status)]
    if status.batch is not None:
        parts += [Text(f"\n{progress_line(status, progress)}")]
        parts += [Text(f"  {each}") for each in _amounts(progress)]
    if status.transfers:
        parts += [Text("\nTransfers (for details, run `ballast transfers show`)")]
        parts += [transfer_table(status.transfers, labels, now)]
    if status.placements:
        parts += [Text("\nInvestments and divestments")]
        parts += [Text(f"  {_placement(each, labels)}") for each in status.placements]
    parts += [Text(f"\nThe instruction: {record.body}")]
    return rendered(parts, width)


def progress_line(status: InstructionStatus, progress: InstructionProgress) -> str:
    """Return an instruction's progress as one line."""
    record, batch = status.record, status.batch
    text = f"instruction {record.client_key}: {record.state.lower()}"
    if record.reason:
        text += f": {record.reason}"
    if batch is None:
        return text
    if batch.state is BatchState.WAITING:
        return f"{text}; waits for approval: `ballast approve {batch.batch_id}`"
    text += f"; {progress.ended} of {progress.movements} movements have ended"
    arrived = [
        f"{format_rounded(each.arrived, PLACES)} of {format_rounded(each.to_arrive, PLACES)} {name}"
        for name, each in progress.assets.items()
        if each.to_arrive
    ]
    text += f"; arrived: {', '.join(arrived)}" if arrived else ""
    return text + "".join(f"; {each.what}: {each.reason}" for each in progress.obstacles)


def _facts(status: InstructionStatus) -> Iterator[str]:
    record = status.record
    yield f"Instruction {record.client_key}: {record.state.lower()}"
    yield f"  submitted by {record.submitted_by}, {_time(record.submitted_at)} UTC"
    if record.ended_at is not None:
        yield f"  ended {_time(record.ended_at)} UTC"
    if record.reason:
        yield f"  reason: {record.reason}"
    if status.batch is not None:
        yield f"  batch {status.batch.batch_id}: {status.batch.state.lower()}"


def _amounts(progress: InstructionProgress) -> Iterator[str]:
    for name, each in progress.assets.items():
        yield f"{name}: {'; '.join(_parts(each))}"
    for obstacle in progress.obstacles:
        yield f"{obstacle.what}: {obstacle.reason}"
        if obstacle.advice:
            yield f"  {obstacle.advice}"


def _parts(each: AssetProgress) -> Iterator[str]:
    for done, planned, what in (
        (each.divested, each.to_divest, "divested"),
        (each.arrived, each.to_arrive, "arrived"),
        (each.invested, each.to_invest, "invested"),
    ):
        if planned:
            have, want = format_rounded(done, PLACES), format_rounded(planned, PLACES)
            yield f"{have} of {want} {what}"


def _placement(record: PlacementRecord, labels: TransferLabels) -> str:
    new = record.new
    amount = labels.amount(new.move.amount, new.chain_id, new.asset)
    way = f"{new.verb.lower()} {amount} {new.asset} on {labels.chain(new.chain_id)}"
    why = f": {record.reason}" if record.reason else ""
    return f"{way}, venue {short(new.move.venue)}: {record.state.lower()}{why}"


def _time(at: datetime | None) -> str:
    return NOTHING if at is None else moment(at)


def instruction_brief(record: InstructionRecord) -> dict[str, Json]:
    """Return the list entry of an instruction."""
    return {
        "key": record.client_key,
        "state": record.state,
        "reason": record.reason,
        "submitted_by": record.submitted_by,
        "submitted_at": iso_time(record.submitted_at),
        "ended_at": iso_time(record.ended_at),
        "batch": record.batch_id,
    }


def instruction_document(status: InstructionStatus, decimals: Decimals) -> dict[str, Json]:
    """Return an instruction with its progress and all movements."""
    batch = status.batch
    return {
        **instruction_brief(status.record),
        "body": status.record.body,
        "progress": _progress(progress_of(status, decimals)),
        "batch": None if batch is None else batch_brief(batch),
        "transfers": [transfer_brief(each) for each in status.transfers],
        "placements": [_placement_document(each) for each in status.placements],
    }


def _progress(progress: InstructionProgress) -> dict[str, Json]:
    return {
        "movements": progress.movements,
        "ended": progress.ended,
        "assets": {name: _amounts_document(each) for name, each in progress.assets.items()},
        "stuck": [dict[str, Json](asdict(each)) for each in progress.obstacles],
    }


def _amounts_document(each: AssetProgress) -> dict[str, Json]:
    amounts: dict[str, Fraction] = asdict(each)
    return {name: format_exact(amount) for name, amount in amounts.items()}


def _placement_document(record: PlacementRecord) -> dict[str, Json]:
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
