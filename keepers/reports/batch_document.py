"""JSON document of a batch: plan and outcome; amounts in whole tokens, exact.

All data is from the database. Balances are those the batch was planned from, changed only by its
own transfers; other movements since then are not included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.approval import TicketRecord
from keepers.model.batch import BatchRecord
from keepers.model.inventory_state import state_machine_id
from keepers.model.json_document import Json
from keepers.model.money import format_rounded, format_units
from keepers.model.transaction_records import IntentRecord
from keepers.model.transfer import CROSS, DONE, INVEST, TransferPosition
from keepers.model.transfer_record import PlacementRecord, TransferEvent, TransferRecord
from keepers.reports.amounts import iso_time
from keepers.reports.detail import Detail
from keepers.reports.transfer_document import TransferLabels, batch_brief

PLACES = 18
"""Decimal places of a difference between tokens of different decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStory:
    """A batch with all related records.

    Attributes:
        timelines: Events by transfer id.
        intents: Intents by run id.
    """

    batch: BatchRecord
    transfers: Sequence[TransferRecord]
    timelines: Mapping[str, Sequence[TransferEvent]]
    placements: Sequence[PlacementRecord]
    tickets: Sequence[TicketRecord]
    intents: Mapping[str, Sequence[IntentRecord]]


def batch_document(story: BatchStory, labels: TransferLabels) -> dict[str, Json]:
    """Return the document that compares plan and outcome."""
    return {
        **batch_brief(story.batch),
        "transfers": [_transfer(story, each, labels) for each in story.transfers],
        "placements": [_placement(story, each, labels) for each in story.placements],
        "approvals": [_approval(each) for each in story.tickets],
        "openings": [
            {"chain": state_machine_id(each.chain_id), **_transactions(story, each.run_id)}
            for each in story.batch.plans
        ],
        "verification": list[Json](_verified(story, labels)),
    }


def _transfer(story: BatchStory, record: TransferRecord, labels: TransferLabels) -> dict[str, Json]:
    terms, events = record.terms, story.timelines[record.transfer_id]
    left, arrived = _when(events, CROSS[0]), _when(events, INVEST[0], DONE)
    has_arrived = arrived if record.received is not None else None
    return {
        "id": record.transfer_id,
        "asset": terms.asset,
        "source": state_machine_id(terms.source_chain),
        "destination": state_machine_id(terms.destination_chain),
        "route": terms.route,
        "place": record.position.text,
        "stuck": None if record.trouble is None else record.trouble.reason,
        "amount": _amount(labels, terms.amount, terms.source_chain, terms.asset),
        "must_arrive": _amount(labels, terms.min_received, terms.destination_chain, terms.asset),
        "arrived": _amount(labels, record.received, terms.destination_chain, terms.asset),
        "fee_planned": _fee(record, terms.min_received, labels),
        "fee_paid": _fee(record, record.received, labels),
        "native_fee_at_most_wei": str(record.new.native_fee),
        "seconds_planned": record.new.seconds,
        "seconds": _seconds(left, has_arrived),
        "planned_at": record.created_at.isoformat(),
        "left_at": iso_time(left),
        "arrived_at": iso_time(has_arrived),
        **_transactions(story, record.new.run_id),
    }


def _placement(
    story: BatchStory, record: PlacementRecord, labels: TransferLabels
) -> dict[str, Json]:
    new = record.new
    return {
        "id": new.placement_id,
        "chain": state_machine_id(new.chain_id),
        "asset": new.asset,
        "verb": new.verb.value,
        "venue": new.move.venue,
        "amount": _amount(labels, new.move.amount, new.chain_id, new.asset),
        "state": record.state.value,
        "reason": record.reason,
        **_transactions(story, new.run_id),
    }


def _approval(record: TicketRecord) -> dict[str, Json]:
    ticket = record.ticket
    return {
        "run": ticket.run_id,
        "chain": state_machine_id(ticket.treasury_plan.chain_id),
        "plan_hash": ticket.plan_hash,
        "state": record.state.value,
        "reason": record.reason,
        "required": ticket.required,
        "asked_at": ticket.asked_at.isoformat(),
        "given": [
            {"signer": each.signer, "owner": each.owner, "at": each.given_at.isoformat()}
            for each in record.approvals
        ],
    }


def _transactions(story: BatchStory, run_id: str) -> dict[str, Json]:
    """Return the included transactions with their gas costs."""
    rows: list[Json] = []
    for intent in story.intents.get(run_id, ()):
        attempts = (each for slot in intent.slots for each in slot.attempts)
        for each in attempts:
            seen = each.inclusion
            if seen is not None:
                rows.append(
                    {
                        "chain": state_machine_id(intent.intent.chain_id),
                        "transaction": each.signed.transaction_hash,
                        "block": seen.block_number,
                        "succeeded": seen.succeeded,
                        "gas_fee_wei": str(seen.gas_used * seen.effective_gas_price),
                    }
                )
    return {"transactions": rows}


def _verified(story: BatchStory, labels: TransferLabels) -> Iterator[dict[str, Json]]:
    """Yield each affected chain's balance compared with its base."""
    changed: defaultdict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for record in story.transfers:
        terms = record.terms
        ends = ((terms.source_chain, -terms.amount), (terms.destination_chain, record.received))
        for chain_id, units in ends:
            decimals = labels.decimals(chain_id, terms.asset)
            if decimals is not None:
                changed[terms.asset, chain_id] += Fraction(units or 0, 10**decimals)
    sources = {(each.terms.asset, each.terms.source_chain) for each in story.transfers}
    for (asset, chain_id), change in sorted(changed.items()):
        chain = state_machine_id(chain_id)
        known = Detail(story.batch.detail)["balances"][asset][chain]
        before, base = known["effective"].ratio(), known["base"].ratio()
        after = None if before is None else before + change
        yield {
            "asset": asset,
            "chain": chain,
            "role": "source" if (asset, chain_id) in sources else "destination",
            "before": known["effective"].text(),
            "after": None if after is None else format_rounded(after, PLACES),
            "base": known["base"].text(),
            "at_base": None if after is None or base is None else after >= base,
            "above_base": None
            if after is None or base is None
            else format_rounded(after - base, PLACES),
        }


def _when(events: Sequence[TransferEvent], *ends: TransferPosition) -> datetime | None:
    """Return when a transfer first reached one of the positions."""
    found = [each.at for each in events if each.end in ends and each.start != each.end]
    return found[0] if found else None


def _fee(record: TransferRecord, arrived: int | None, labels: TransferLabels) -> str | None:
    terms = record.terms
    here, there = (
        labels.decimals(each, terms.asset) for each in (terms.source_chain, terms.destination_chain)
    )
    if arrived is None or here is None or there is None:
        return None
    kept = Fraction(terms.amount, 10**here) - Fraction(arrived, 10**there)
    return format_rounded(kept, PLACES)


def _amount(labels: TransferLabels, units: int | None, chain_id: int, asset: str) -> str | None:
    decimals = labels.decimals(chain_id, asset)
    return None if units is None or decimals is None else format_units(units, decimals)


def _seconds(since: datetime | None, until: datetime | None) -> int | None:
    return None if since is None or until is None else round((until - since).total_seconds())
