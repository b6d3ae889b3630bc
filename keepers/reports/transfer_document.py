"""JSON document of a transfer: amounts in base units as text, times in UTC, unrounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from keepers.model.batch import BatchRecord
from keepers.model.inventory_state import state_machine_id
from keepers.model.json_document import Json
from keepers.model.transaction_records import IntentRecord
from keepers.model.transfer_record import (
    OperatorRequestKind,
    TransferEvent,
    TransferRecord,
    VenueTerms,
)
from keepers.reports.amounts import NOTHING, exact, grouped, iso_time


def transfer_brief(record: TransferRecord) -> dict[str, Json]:
    """Return the list entry of a transfer; amounts in base units as text, unrounded."""
    terms = record.terms
    trouble = None if record.trouble is None else dict[str, Json](asdict(record.trouble))
    return {
        "id": record.transfer_id,
        "batch": record.new.batch_id,
        "run": record.new.run_id,
        "asset": terms.asset,
        "source": state_machine_id(terms.source_chain),
        "destination": state_machine_id(terms.destination_chain),
        "route": terms.route,
        "amount": str(terms.amount),
        "min_received": str(terms.min_received),
        "arriving": exact(record.arriving),
        "received": exact(record.received),
        "place": record.position.text,
        "stuck": trouble,
        "waits_for": record.wait,
        "created_at": record.created_at.isoformat(),
        "moved_at": record.moved_at.isoformat(),
        "settled": record.is_settled,
    }


def batch_brief(record: BatchRecord) -> dict[str, Json]:
    """Return the list entry of a batch."""
    return {
        "id": record.batch_id,
        "origin": record.origin,
        "state": record.state,
        "reason": record.reason,
        "instruction": record.instruction_id,
        "created_at": record.created_at.isoformat(),
        "ended_at": iso_time(record.ended_at),
        "deadline": record.deadline.isoformat(),
        "approvals": list[Json]([each.run_id for each in record.plans]),
        "detail": dict[str, Json](record.detail),
    }


def transfer_document(
    record: TransferRecord,
    events: Sequence[TransferEvent],
    intents: Sequence[IntentRecord],
    possible: Sequence[OperatorRequestKind],
) -> dict[str, Json]:
    """Return the full document of a transfer."""
    return {
        **transfer_brief(record),
        "nonce": str(record.terms.nonce),
        "options": f"0x{record.new.options.hex()}",
        "native_fee_wei": str(record.new.native_fee),
        "remote_id": record.remote_id,
        "proof": f"0x{record.proof.hex()}",
        "invest": _venue(record.new.invest),
        "steps": {work.value: record.states[work].value for work in record.steps},
        "timeline": list[Json]([_event_document(each) for each in events]),
        "transactions": list[Json]([each.intent_id for each in intents]),
        "possible": list[Json]([each.value.lower().replace("_", "-") for each in possible]),
    }


def _event_document(event: TransferEvent) -> dict[str, Json]:
    return {
        "at": event.at.isoformat(),
        "from": None if event.start is None else event.start.text,
        "to": event.end.text,
        "cause": event.cause,
        "text": event.text,
    }


def _venue(terms: VenueTerms | None) -> Json:
    if terms is None:
        return None
    return {"venue": terms.venue, "amount": str(terms.amount), "shares": str(terms.shares)}


Decimals = Callable[[int, str], int | None]
"""Returns the decimals of an asset on a chain, or None if unknown."""


@dataclass(frozen=True, slots=True)
class TransferLabels:
    """Chain names and token decimals of one configuration.

    Attributes:
        chains: Chain names by chain id.
        decimals: Decimals of an asset on a chain.
    """

    chains: Mapping[int, str]
    decimals: Decimals

    def chain(self, chain_id: int) -> str:
        """Return a chain's name, or its state machine id if it has none."""
        return self.chains.get(chain_id, state_machine_id(chain_id))

    def amount(self, units: int | None, chain_id: int, asset: str) -> str:
        """Return whole tokens, or base units if the decimals are unknown."""
        if units is None:
            return NOTHING
        decimals = self.decimals(chain_id, asset)
        return f"{units} units" if decimals is None else grouped(units, decimals)
