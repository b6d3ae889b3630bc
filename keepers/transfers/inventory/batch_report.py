"""What became of a batch, against what was planned. Pure; amounts in whole tokens, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from keepers.model.batch import BatchRecord
from keepers.model.inventory_state import InventorySettings, InventorySnapshot, state_machine_id
from keepers.model.numerals import format_rounded, format_units
from keepers.model.transactions.states import StepState
from keepers.model.transfer_record import PlacementRecord, TransferRecord
from keepers.planning.files.canonical import Json


def report_of(
    settings: InventorySettings,
    batch: BatchRecord,
    transfers: Sequence[TransferRecord],
    placements: Sequence[PlacementRecord],
    snapshot: InventorySnapshot,
) -> dict[str, Json]:
    """Each movement with its fee and its time, and how the chains stand now.

    Args:
        settings: Decimals and bases.
        batch: The batch.
        transfers: All of it.
        placements: All of it.
        snapshot: A look after it has ended.

    Returns:
        `problems` names what is not as planned; nothing if all is.
    """
    touched = {(each.terms.asset, each.terms.source_chain) for each in transfers}
    touched |= {(each.terms.asset, each.terms.destination_chain) for each in transfers}
    touched |= {(each.new.asset, each.new.chain_id) for each in placements}
    return {
        "batch_id": batch.batch_id,
        "origin": str(batch.origin),
        "state": str(batch.state),
        "reason": batch.reason,
        "created_at": batch.created_at.isoformat(),
        "ended_at": None if batch.ended_at is None else batch.ended_at.isoformat(),
        "transfers": [_transfer(settings, each) for each in transfers],
        "placements": [_placement(settings, each) for each in placements],
        "fees": format_rounded(sum((_fee(settings, each) for each in transfers), Fraction(0)), 6),
        "balances": [_balance(settings, snapshot, *each) for each in sorted(touched)],
        "problems": list(_problems(batch, transfers, placements)),
    }


def _problems(
    batch: BatchRecord,
    transfers: Sequence[TransferRecord],
    placements: Sequence[PlacementRecord],
) -> Iterator[str]:
    if batch.reason is not None:
        yield batch.reason
    for each in transfers:
        name = f"transfer {each.transfer_id[:10]}"
        if not each.has_ended:
            yield f"{name} stands at {each.place.text}"
        elif each.received is None:
            yield f"{name} did not arrive by its own calls"
        elif each.received < each.terms.min_received:
            yield f"{name} arrived short"
    for placement in placements:
        if placement.state is not StepState.DONE:
            name = f"placement {placement.new.placement_id[:10]}"
            yield f"{name} is {placement.state.lower()}: {placement.reason or 'not done yet'}"


def _transfer(settings: InventorySettings, record: TransferRecord) -> dict[str, Json]:
    terms = record.terms
    left = settings.decimals(terms.source_chain, terms.asset)
    come = settings.decimals(terms.destination_chain, terms.asset)
    received = record.received
    return {
        "transfer_id": record.transfer_id,
        "asset": terms.asset,
        "source": state_machine_id(terms.source_chain),
        "destination": state_machine_id(terms.destination_chain),
        "route": terms.route,
        "place": record.place.text,
        "sent": format_units(terms.amount, left),
        "received": None if received is None else format_units(received, come),
        "fee": format_rounded(_fee(settings, record), 6),
        "seconds": int((record.moved_at - record.created_at).total_seconds()),
        "expected_seconds": record.new.seconds,
    }


def _placement(settings: InventorySettings, record: PlacementRecord) -> dict[str, Json]:
    new = record.new
    return {
        "placement_id": new.placement_id,
        "asset": new.asset,
        "chain": state_machine_id(new.chain_id),
        "verb": str(new.verb),
        "venue": new.move.venue,
        "amount": format_units(new.move.amount, settings.decimals(new.chain_id, new.asset)),
        "state": str(record.state),
        "reason": record.reason,
    }


def _fee(settings: InventorySettings, record: TransferRecord) -> Fraction:
    """What was lost on the way; nothing as long as nothing has arrived."""
    if record.received is None:
        return Fraction(0)
    terms = record.terms
    left = settings.decimals(terms.source_chain, terms.asset)
    come = settings.decimals(terms.destination_chain, terms.asset)
    return Fraction(terms.amount, 10**left) - Fraction(record.received, 10**come)


def _balance(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str, chain_id: int
) -> dict[str, Json]:
    found = settings.asset(chain_id, asset)
    decimals = settings.decimals(chain_id, asset)
    base = None if found is None or found.base is None else found.base
    effective = snapshot.effective(asset, chain_id)
    return {
        "asset": asset,
        "chain": state_machine_id(chain_id),
        "base": None if base is None else format_units(base, decimals),
        "idle": format_units(snapshot.idle(asset, chain_id), decimals),
        "effective": format_units(effective, decimals),
        "at_base": None if base is None else effective >= base,
    }
