"""JSON document of all treasuries: balances, limits, work in progress; exact decimal strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keepers.model.batch import BatchRecord
from keepers.model.inventory_state import (
    SIZE_DECIMALS,
    InventorySettings,
    InventorySnapshot,
    state_machine_id,
)
from keepers.model.json_document import Json
from keepers.model.money import format_exact, format_units
from keepers.model.transaction_records import Pause
from keepers.model.transfer import TransferStage
from keepers.model.transfer_record import TREASURY, PlacementRecord, TransferRecord
from keepers.model.treasury import TreasuryView
from keepers.planning.inventory.position import InventoryPosition, coming_by_stage, positions_of
from keepers.reports.amounts import WEI_DECIMALS
from keepers.reports.transaction_document import pause_document
from keepers.reports.transfer_document import batch_brief, transfer_brief
from keepers.reports.vault_status import limit_document


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryStatus:
    """State of all treasuries, with unfinished transfers and placements, stuck ones first."""

    snapshot: InventorySnapshot
    settings: InventorySettings
    names: Mapping[int, str]
    treasuries: Mapping[int, str]
    fallback_waits: Mapping[str, Mapping[int, datetime]]
    transfers: Sequence[TransferRecord]
    placements: Sequence[PlacementRecord]
    batches: Sequence[BatchRecord]
    pauses: Sequence[Pause]
    price_waits: Sequence[Json] = ()


def treasury_document(status: TreasuryStatus) -> dict[str, Json]:
    """Return the document shown by `ballast status --vault treasury`."""
    return {
        "vault": TREASURY,
        "chains": [_chain(status, *each) for each in sorted(status.names.items())],
        "balances": list[Json](_balances(status)),
        "limits": list[Json](_limits(status)),
        "batches": [batch_brief(each) for each in status.batches],
        "transfers": [transfer_brief(each) for each in status.transfers],
        "placements": [_placement(status, each) for each in status.placements],
        "unreadable": {
            asset: list[Json](status.snapshot.unreadable_of(asset))
            for asset in status.settings.assets
            if status.snapshot.unreadable_of(asset)
        },
        "switched_off": {
            state_machine_id(chain_id): name
            for chain_id, name in sorted(status.settings.switched_off.items())
        },
        "off_transfers": [
            each.transfer_id
            for each in status.transfers
            if {each.terms.source_chain, each.terms.destination_chain}
            & status.settings.switched_off.keys()
        ],
        "fallback_waits": [
            {
                "asset": asset,
                "chain": state_machine_id(chain_id),
                "since": since.isoformat(),
                "used_from": (since + status.settings.fallback_patience).isoformat(),
            }
            for asset, waits in sorted(status.fallback_waits.items())
            for chain_id, since in sorted(waits.items())
        ],
        "pauses": [pause_document(each) for each in status.pauses],
        "waiting_for_gas": list(status.price_waits),
    }


def _chain(status: TreasuryStatus, chain_id: int, name: str) -> dict[str, Json]:
    view = status.snapshot.views.get(chain_id)
    known: dict[str, Json] = {
        "chain": state_machine_id(chain_id),
        "name": name,
        "treasury": status.treasuries.get(chain_id),
    }
    if view is None:
        return {**known, "is_readable": False}
    bands = view.bands
    return {
        **known,
        "is_readable": True,
        "block": {
            "number": view.block_number,
            "hash": view.block_hash,
            "at": view.at.isoformat(),
        },
        "paused": view.paused,
        "keeper": view.keeper_limits.keeper,
        "coins": format_units(view.keeper_balance_wei, WEI_DECIMALS),
        "single_above": format_units(bands.single_above, SIZE_DECIMALS),
        "dual_above": format_units(bands.dual_above, SIZE_DECIMALS),
    }


def _balances(status: TreasuryStatus) -> Iterator[dict[str, Json]]:
    stages = coming_by_stage(status.snapshot, status.transfers)
    for each in positions_of(status.settings, status.snapshot):
        coming = stages.get((each.asset, each.chain_id), {})
        yield {
            **_position(each),
            "name": status.names.get(each.chain_id, ""),
            "venues": _venues(status, each),
            "coming_from": {
                stage.value: format_units(coming[stage], each.decimals)
                for stage in TransferStage
                if stage in coming
            },
        }


def _position(each: InventoryPosition) -> dict[str, Json]:
    def amount(units: int) -> str:
        return format_units(units, each.decimals)

    is_wanted, threshold = each.base is not None, each.threshold
    return {
        "asset": each.asset,
        "chain": state_machine_id(each.chain_id),
        "decimals": each.decimals,
        "idle": amount(each.idle),
        "invested": amount(each.invested),
        "base": None if each.base is None else amount(each.base),
        "threshold": None if threshold is None else format_exact(threshold / 10**each.decimals),
        "leaving": amount(each.leaving),
        "coming": amount(each.coming),
        "to_invest": amount(each.withheld),
        "to_divest": amount(each.released),
        "effective": amount(each.effective),
        "deficit": amount(each.deficit) if is_wanted else None,
        "surplus": amount(each.surplus) if is_wanted else None,
        "triggered": each.is_triggered,
    }


def _venues(status: TreasuryStatus, each: InventoryPosition) -> list[Json]:
    positions = status.snapshot.views[each.chain_id].holdings[each.asset].positions
    return [
        {
            "venue": position.venue,
            "value": format_units(position.value, each.decimals),
            "withdrawable": format_units(position.withdrawable, each.decimals),
            "shares": str(position.shares),
        }
        for position in positions
    ]


def _limits(status: TreasuryStatus) -> Iterator[dict[str, Json]]:
    """Yield limits: keeper limits in US dollars, route and venue limits in whole tokens."""
    for chain_id, view in sorted(status.snapshot.views.items()):
        if chain_id in status.settings.chains:
            yield from _limits_on(status, chain_id, view)


def _limits_on(
    status: TreasuryStatus, chain_id: int, view: TreasuryView
) -> Iterator[dict[str, Json]]:
    where: dict[str, Json] = {"chain": state_machine_id(chain_id)}
    keeper = view.keeper_limits
    for kind, limit in (("AUTOMATIC", keeper.automatic), ("REDUCING", keeper.reducing)):
        document = limit_document(limit, SIZE_DECIMALS, view.at)
        yield {**where, "limit": kind, "asset": None, "of": keeper.keeper, **document}
    for (asset, route), limit in sorted(view.route_limits.items()):
        document = limit_document(limit, status.settings.decimals(chain_id, asset), view.at)
        yield {**where, "limit": "ROUTE", "asset": asset, "of": route, **document}
    for asset, each in sorted(status.settings.chains[chain_id].assets.items()):
        for venue in each.venues:
            document = limit_document(view.venue_limits[venue], each.decimals, view.at)
            yield {**where, "limit": "VENUE", "asset": asset, "of": venue, **document}


def _placement(status: TreasuryStatus, record: PlacementRecord) -> dict[str, Json]:
    new = record.new
    asset = status.settings.asset(new.chain_id, new.asset)
    return {
        "id": new.placement_id,
        "batch": new.batch_id,
        "chain": state_machine_id(new.chain_id),
        "asset": new.asset,
        "verb": new.verb.value,
        "venue": new.move.venue,
        "amount": None if asset is None else format_units(new.move.amount, asset.decimals),
        "state": record.state.value,
        "created_at": record.created_at.isoformat(),
    }
