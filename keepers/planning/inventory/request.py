"""Requests to the planner from a snapshot, and the snapshot's idempotency key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keepers.model.inventory import (
    Balance,
    BalanceTrigger,
    InFlight,
    InventoryRequest,
    Route,
    SharedLimit,
)
from keepers.model.inventory_state import (
    InventorySettings,
    InventorySnapshot,
    state_machine_id,
)
from keepers.model.json_document import Json, plan_id
from keepers.model.money import format_units

KEY = "inventory check"


def bases_of(settings: InventorySettings, asset: str) -> dict[int, int]:
    """Return the bases of an asset by chain id."""
    return {
        chain_id: each.base for chain_id, each in settings.chains_of(asset) if each.base is not None
    }


def unknown_chains(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> dict[int, tuple[str, ...]]:
    """Chains on which an asset can neither give nor get, with the reasons, by chain id.

    Whatever is under way to or from such a chain concerns the balance there alone: of a transfer
    the other chain shows its own leg. So the others are planned without it.
    """
    found: dict[int, tuple[str, ...]] = {}
    for chain_id in bases_of(settings, asset):
        reasons = snapshot.unreadable.get((asset, chain_id), ())
        if not reasons and snapshot.effective(asset, chain_id) < 0:
            reasons = (f"{state_machine_id(chain_id)}: more is about to leave than there is",)
        if reasons:
            found[chain_id] = reasons
    return found


def known_bases(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> dict[int, int]:
    """The bases of the chains that can be planned, by chain id."""
    unknown = unknown_chains(settings, snapshot, asset)
    bases = bases_of(settings, asset)
    return {each: base for each, base in bases.items() if each not in unknown}


def request_for(
    settings: InventorySettings,
    snapshot: InventorySnapshot,
    asset: str,
    bases: dict[int, int],
    *,
    routes: tuple[Route, ...] = (),
    limits: tuple[SharedLimit, ...] = (),
) -> InventoryRequest:
    """The balances of one asset, as they will be, and not more to give than is there now.

    Raises:
        InputError: More is about to leave a chain than there is.
    """
    named = {state_machine_id(each): each for each in bases}
    flights = tuple(
        each
        for each in snapshot.in_flight
        if each.asset == asset and {each.source, each.destination} <= named.keys()
    )
    balances = {
        name: Balance(
            base=bases[chain_id],
            balance=_plannable(snapshot, asset, chain_id, bases[chain_id])
            - sum(_share(each, name) for each in flights),
            decimals=settings.decimals(chain_id, asset),
        )
        for name, chain_id in named.items()
    }
    return InventoryRequest(
        trigger_percentage=settings.trigger_percentage,
        assets={asset: balances},
        in_flight=flights,
        routes=routes,
        limits=limits,
        time_limit=settings.time_limit,
    )


def snapshot_key(
    settings: InventorySettings,
    snapshot: InventorySnapshot,
    asset: str,
    triggers: tuple[BalanceTrigger, ...],
) -> str:
    """Return the idempotency key of an asset's snapshot: the same whoever reads it and when.

    The batch before belongs to it: what was carried out once is not the same any more, even if all
    balances come to be so again.
    """
    bases = bases_of(settings, asset)
    document: Json = {
        "asset": asset,
        "trigger_percentage": str(settings.trigger_percentage),
        "bases": {str(each): str(base) for each, base in sorted(bases.items())},
        "idle": {str(each): str(snapshot.idle(asset, each)) for each in sorted(bases)},
        "under_way": list(snapshot.under_way.get(asset, ())),
        "triggers": [f"{each.chain} {each.deficit}" for each in triggers],
        "predecessor": snapshot.predecessor,
    }
    return plan_id(KEY, document)


def balances_document(settings: InventorySettings, snapshot: InventorySnapshot, asset: str) -> Json:
    """An asset on all chains, for reports; amounts in whole tokens."""
    return {
        state_machine_id(chain_id): {
            "idle": format_units(snapshot.idle(asset, chain_id), each.decimals),
            "effective": format_units(snapshot.effective(asset, chain_id), each.decimals),
            "base": None if each.base is None else format_units(each.base, each.decimals),
            "block": snapshot.views[chain_id].block_number,
        }
        for chain_id, each in settings.chains_of(asset)
        if chain_id in snapshot.views
    }


def _plannable(snapshot: InventorySnapshot, asset: str, chain_id: int, base: int) -> int:
    """Return the future balance; above base no more than can leave now."""
    effective = snapshot.effective(asset, chain_id)
    if effective <= base:
        return effective
    return max(base, min(effective, snapshot.available(asset, chain_id)))


def _share(flight: InFlight, name: str) -> int:
    """Return the amount that a transfer adds to a balance in the planner's sum."""
    coming = flight.arriving if flight.destination == name and not flight.credited else 0
    leaving = flight.amount if flight.source == name and not flight.debited else 0
    return coming - leaving


@dataclass(frozen=True, slots=True)
class InventoryQuestion:
    """A request, from a file or from the chains.

    Attributes:
        closed: Why routes cannot be used now.
        unreadable: Chains that cannot be read, by asset; they are not in the request.
    """

    request: InventoryRequest
    closed: tuple[str, ...] = ()
    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
