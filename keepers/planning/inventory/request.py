"""Planner requests from a snapshot, and the snapshot's idempotency key."""

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
    """Return the chains where an asset can neither give nor receive, with reasons, by chain id.

    Movements to or from such a chain affect only its own balance, since the other chain shows its
    own leg of the transfer. The other chains are planned without it.
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
    """Return the bases of the plannable chains, by chain id."""
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
    """Build the request for one asset from future balances; surpluses are capped by current funds.

    Raises:
        InputError: More is about to leave a chain than it holds.
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
    """Return the idempotency key of an asset's snapshot, equal for every reader and time.

    It includes the previous batch, so that the same balances after an execution give a new key.
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
    """Return an asset's balances on all chains for reports, in whole tokens."""
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
    """Return the future balance; above base at most what can leave now."""
    effective = snapshot.effective(asset, chain_id)
    if effective <= base:
        return effective
    return max(base, min(effective, snapshot.available(asset, chain_id)))


def _share(flight: InFlight, name: str) -> int:
    """Return a transfer's pending change of a balance."""
    coming = flight.arriving if flight.destination == name and not flight.credited else 0
    leaving = flight.amount if flight.source == name and not flight.debited else 0
    return coming - leaving


@dataclass(frozen=True, slots=True)
class InventoryQuestion:
    """A request from a file or from chain snapshots.

    Attributes:
        closed: Reasons why routes are unusable now.
        unreadable: Unreadable chains by asset; they are not in the request.
    """

    request: InventoryRequest
    closed: tuple[str, ...] = ()
    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
