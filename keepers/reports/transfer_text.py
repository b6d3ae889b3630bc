"""Text of transfers for a terminal: a list, and details with a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich import box
from rich.console import RenderableType
from rich.text import Text

from keepers.model.transaction_records import IntentRecord
from keepers.model.transfer import DONE, TransferStage
from keepers.model.transfer_record import (
    NewTransfer,
    OperatorRequestKind,
    TransferEvent,
    TransferRecord,
)
from keepers.reports.amounts import duration, moment, short
from keepers.reports.terminal import Listing, rendered
from keepers.reports.transfer_document import TransferLabels

COLUMNS = ("transfer", "asset", "amount", "from", "to", "by", "state", "since", "waits for")

ADVICE: dict[OperatorRequestKind, str] = {
    OperatorRequestKind.RESUME: "resume ID` queries the bridge or chain again",
    OperatorRequestKind.CROSSED: "resolve ID --crossed` supplies a proof found manually",
    OperatorRequestKind.AGAIN: "resolve ID --again` repeats the bridge request, same key",
    OperatorRequestKind.GIVE_UP: "resolve ID --give-up` closes it for manual handling",
    OperatorRequestKind.CALL_OFF: "resolve ID --call-off` cancels it before it is sent",
}
"""Remainder of a line that starts with the command."""


def render_transfers(
    records: Sequence[TransferRecord],
    labels: TransferLabels,
    now: datetime,
    width: int | None = None,
    *,
    ended: int = 0,
) -> str:
    """Render transfers as a table, in the given order; if empty, the number of finished ones."""
    if not records:
        if ended:
            return f"None is in progress; {ended} ended, `ballast transfers --all` lists them.\n"
        return "There are no transfers.\n"
    return rendered([transfer_table(records, labels, now)], width)


def transfer_table(
    records: Sequence[TransferRecord], labels: TransferLabels, now: datetime
) -> Listing:
    """Return a row for each transfer."""
    rows = [_row(each, labels, now) for each in records]
    return Listing(COLUMNS, rows, box.SIMPLE_HEAD, pad_edge=False)


def render_transfer(
    record: TransferRecord,
    events: Sequence[TransferEvent],
    intents: Sequence[IntentRecord],
    labels: TransferLabels,
    possible: Sequence[OperatorRequestKind],
    *,
    width: int | None = None,
) -> str:
    """Render all details of a transfer, and the possible operator requests."""
    parts: list[RenderableType] = [Text(line) for line in _facts(record, labels)]
    parts.append(Text("\nTimeline"))
    parts.extend(Text(f"  {_event(each)}") for each in events)
    if intents:
        parts.append(Text("\nTransactions (for details, run `ballast txs show`)"))
        parts.extend(Text(f"  {_intent(each, labels)}") for each in intents)
    if possible:
        parts.append(Text("\nPossible actions"))
        parts.extend(Text(f"  `ballast transfers {ADVICE[each]}") for each in possible)
    return rendered(parts, width)


def _row(record: TransferRecord, labels: TransferLabels, now: datetime) -> tuple[str, ...]:
    terms = record.terms
    return (
        short(record.transfer_id),
        terms.asset,
        labels.amount(terms.amount, terms.source_chain, terms.asset),
        labels.chain(terms.source_chain),
        labels.chain(terms.destination_chain),
        terms.route,
        _state(record),
        duration(now - record.moved_at),
        "" if record.trouble is not None else record.wait or "",
    )


def _state(record: TransferRecord) -> str:
    if record.trouble is not None:
        return f"STUCK at {record.position.text}: {record.trouble.reason}"
    return record.position.text


def _facts(record: TransferRecord, labels: TransferLabels) -> Iterator[str]:
    new, terms = record.new, record.terms
    source, there = terms.source_chain, terms.destination_chain
    yield f"Transfer {record.transfer_id}"
    yield f"  of batch {new.batch_id}, run {new.run_id}"
    sent = labels.amount(terms.amount, source, terms.asset)
    least = labels.amount(terms.min_received, there, terms.asset)
    way = f"from {labels.chain(source)} to {labels.chain(there)} by {terms.route}"
    yield f"  {sent} {terms.asset} {way}"
    yield f"  at least {least} must arrive; {_arrived(record, labels)}"
    yield from _venue_fact(new, labels)
    yield f"  state {record.position.text} since {moment(record.moved_at)} UTC"
    if record.trouble is not None:
        yield f"  STUCK: {record.trouble.reason}"
        yield f"  {record.trouble.advice}"
    elif record.wait is not None and record.position.stage is not TransferStage.DONE:
        yield f"  waits: {record.wait}"
    if (request := record.operator_request) is not None:
        yield f"  requested: {request.kind.lower().replace('_', ' ')} by {request.text}"
    if record.remote_id:
        yield f"  reference at the bridge: {record.remote_id}"


def _arrived(record: TransferRecord, labels: TransferLabels) -> str:
    terms = record.terms
    if record.received is not None:
        came = labels.amount(record.received, terms.destination_chain, terms.asset)
        return f"{came} arrived"
    if record.position == DONE:
        return "closed by an operator"
    return "nothing has arrived yet"


def _venue_fact(new: NewTransfer, labels: TransferLabels) -> Iterator[str]:
    if new.invest is not None:
        terms = new.terms
        part = labels.amount(new.invest.amount, terms.destination_chain, terms.asset)
        yield f"  then {part} are invested in {new.invest.venue}"


def _event(event: TransferEvent) -> str:
    way = event.end.text
    if event.start is not None and event.start != event.end:
        way = f"{event.start.text} -> {event.end.text}"
    cause = "" if event.cause is None else f" ({event.cause.lower().replace('_', ' ')})"
    return f"{moment(event.at)}  {way}{cause}: {event.text}"


def _intent(record: IntentRecord, labels: TransferLabels) -> str:
    where = labels.chain(record.intent.chain_id)
    return f"{record.intent_id} on {where}: {record.state.lower()}"
