"""Transfers for a terminal: a list, and one with its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich import box
from rich.console import RenderableType
from rich.text import Text

from keepers.model.transactions.records import IntentRecord
from keepers.model.transfer import DONE, TransferStage
from keepers.model.transfer_record import (
    NewTransfer,
    OperatorRequestKind,
    TransferEvent,
    TransferRecord,
)
from keepers.reports.amounts import duration, moment, short
from keepers.reports.terminal import Listing, rendered
from keepers.reports.transfers.document import Words

COLUMNS = ("transfer", "asset", "amount", "from", "to", "by", "stands at", "since", "waits for")

ADVICE: dict[OperatorRequestKind, str] = {
    OperatorRequestKind.RESUME: "resume ID` asks bridge or chain once more",
    OperatorRequestKind.CROSSED: "resolve ID --crossed` gives a proof found by hand",
    OperatorRequestKind.AGAIN: "resolve ID --again` asks the bridge anew, same key",
    OperatorRequestKind.GIVE_UP: "resolve ID --give-up` leaves the rest to people",
    OperatorRequestKind.CALL_OFF: "resolve ID --call-off` ends it before it leaves",
}
"""Rest of a line that begins with the command."""


def render_list(
    records: Sequence[TransferRecord],
    words: Words,
    now: datetime,
    width: int | None = None,
    *,
    ended: int = 0,
) -> str:
    """Transfers as a table, in the order given; of none, how many have ended that are not shown."""
    if not records:
        if ended:
            return f"None is under way; {ended} ended, `ballast transfers --all` lists them.\n"
        return "There are no transfers.\n"
    return rendered([transfer_table(records, words, now)], width)


def transfer_table(records: Sequence[TransferRecord], words: Words, now: datetime) -> Listing:
    """A row for each transfer."""
    rows = [_row(each, words, now) for each in records]
    return Listing(COLUMNS, rows, box.SIMPLE_HEAD, pad_edge=False)


def render_one(
    record: TransferRecord,
    events: Sequence[TransferEvent],
    intents: Sequence[IntentRecord],
    words: Words,
    possible: Sequence[OperatorRequestKind],
    *,
    width: int | None = None,
) -> str:
    """Everything that is known of a transfer, and what a person can do."""
    parts: list[RenderableType] = [Text(line) for line in _facts(record, words)]
    parts.append(Text("\nTimeline"))
    parts.extend(Text(f"  {_event(each)}") for each in events)
    if intents:
        parts.append(Text("\nTransactions, `ballast txs show` has more"))
        parts.extend(Text(f"  {_intent(each, words)}") for each in intents)
    if possible:
        parts.append(Text("\nWhat can be done"))
        parts.extend(Text(f"  `ballast transfers {ADVICE[each]}") for each in possible)
    return rendered(parts, width)


def _row(record: TransferRecord, words: Words, now: datetime) -> tuple[str, ...]:
    terms = record.terms
    return (
        short(record.transfer_id),
        terms.asset,
        words.amount(terms.amount, terms.source_chain, terms.asset),
        words.chain(terms.source_chain),
        words.chain(terms.destination_chain),
        terms.route,
        _stands(record),
        duration(now - record.moved_at),
        "" if record.trouble is not None else record.wait or "",
    )


def _stands(record: TransferRecord) -> str:
    if record.trouble is not None:
        return f"STUCK at {record.place.text}: {record.trouble.reason}"
    return record.place.text


def _facts(record: TransferRecord, words: Words) -> Iterator[str]:
    new, terms = record.new, record.terms
    source, there = terms.source_chain, terms.destination_chain
    yield f"Transfer {record.transfer_id}"
    yield f"  of batch {new.batch_id}, run {new.run_id}"
    sent = words.amount(terms.amount, source, terms.asset)
    least = words.amount(terms.min_received, there, terms.asset)
    way = f"from {words.chain(source)} to {words.chain(there)} by {terms.route}"
    yield f"  {sent} {terms.asset} {way}"
    yield f"  at least {least} must arrive; {_arrived(record, words)}"
    yield from _venue_fact(new, words)
    yield f"  stands at {record.place.text} since {moment(record.moved_at)} UTC"
    if record.trouble is not None:
        yield f"  STUCK: {record.trouble.reason}"
        yield f"  {record.trouble.advice}"
    elif record.wait is not None and record.place.stage is not TransferStage.DONE:
        yield f"  waits: {record.wait}"
    if record.wish is not None:
        yield f"  asked for: {record.wish.kind.lower().replace('_', ' ')} by {record.wish.text}"
    if record.remote_id:
        yield f"  the bridge knows it as {record.remote_id}"


def _arrived(record: TransferRecord, words: Words) -> str:
    terms = record.terms
    if record.received is not None:
        came = words.amount(record.received, terms.destination_chain, terms.asset)
        return f"{came} did"
    if record.place == DONE:
        return "ended by hand"
    return "nothing has yet"


def _venue_fact(new: NewTransfer, words: Words) -> Iterator[str]:
    if new.invest is not None:
        terms = new.terms
        part = words.amount(new.invest.amount, terms.destination_chain, terms.asset)
        yield f"  then {part} go into {new.invest.venue}"


def _event(event: TransferEvent) -> str:
    way = event.end.text
    if event.start is not None and event.start != event.end:
        way = f"{event.start.text} -> {event.end.text}"
    cause = "" if event.cause is None else f" ({event.cause.lower().replace('_', ' ')})"
    return f"{moment(event.at)}  {way}{cause}: {event.text}"


def _intent(record: IntentRecord, words: Words) -> str:
    where = words.chain(record.intent.chain_id)
    return f"{record.intent_id} on {where}: {record.state.lower()}"
