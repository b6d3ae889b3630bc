"""Documents of batches for reports; amounts are whole tokens, as text."""

from __future__ import annotations

from keepers.model.inventory_state import InventorySettings, InventorySnapshot, state_machine_id
from keepers.model.json_document import Json
from keepers.model.money import format_rounded, format_units
from keepers.model.transfer_record import NewPlacement, NewTransfer
from keepers.planning.inventory.request import balances_document
from keepers.transfers.inventory.dependencies import Draft
from keepers.transfers.inventory.risk import fees_of


def draft_document(
    settings: InventorySettings, snapshot: InventorySnapshot, draft: Draft
) -> dict[str, Json]:
    """Return the balances before, the movements, their cost, and the approvals required."""
    sent, lost = fees_of(settings, draft.transfers)
    assets = draft.demand.assets
    return {
        **draft.demand.detail,
        "balances": {each: balances_document(settings, snapshot, each) for each in assets},
        "transfers": [_transfer(settings, each) for each in draft.transfers],
        "placements": [_placement(settings, each) for each in draft.placements],
        "floors": {
            f"{asset} {state_machine_id(chain)}": str(each)
            for (asset, chain), each in sorted(draft.demand.floors.items())
        },
        "sent": format_rounded(sent, 6),
        "fees_at_most": format_rounded(lost, 6),
        "approvals": {state_machine_id(key): each.required for key, each in draft.plans.items()},
    }


def lines_of(settings: InventorySettings, draft: Draft) -> list[str]:
    """Return the same as text, one line for each movement."""
    return [
        *(_transfer_line(settings, each) for each in draft.transfers),
        *(_placement_line(settings, each) for each in draft.placements),
    ]


def _transfer(settings: InventorySettings, new: NewTransfer) -> dict[str, Json]:
    terms = new.terms
    left = settings.decimals(terms.source_chain, terms.asset)
    come = settings.decimals(terms.destination_chain, terms.asset)
    return {
        "transfer_id": new.transfer_id,
        "asset": terms.asset,
        "source": state_machine_id(terms.source_chain),
        "destination": state_machine_id(terms.destination_chain),
        "route": terms.route,
        "amount": format_units(terms.amount, left),
        "min_received": format_units(terms.min_received, come),
        "native_fee_wei": str(new.native_fee),
        "seconds": new.seconds,
        "invest": None if new.invest is None else new.invest.venue,
    }


def _placement(settings: InventorySettings, new: NewPlacement) -> dict[str, Json]:
    return {
        "placement_id": new.placement_id,
        "asset": new.asset,
        "chain": state_machine_id(new.chain_id),
        "verb": str(new.verb),
        "venue": new.move.venue,
        "amount": format_units(new.move.amount, settings.decimals(new.chain_id, new.asset)),
    }


def _transfer_line(settings: InventorySettings, new: NewTransfer) -> str:
    each = _transfer(settings, new)
    then = f", then invested in venue {each['invest']}" if each["invest"] else ""
    return (
        f"{each['source']} sends {each['amount']} {each['asset']} to {each['destination']} by "
        f"{each['route']}, of which {each['min_received']} must arrive{then}"
    )


def _placement_line(settings: InventorySettings, new: NewPlacement) -> str:
    each = _placement(settings, new)
    way = "into" if each["verb"] == "INVEST" else "out of"
    return f"{each['chain']} moves {each['amount']} {each['asset']} {way} venue {each['venue']}"
