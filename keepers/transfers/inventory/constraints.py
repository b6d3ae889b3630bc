"""Constraints on a plan from a snapshot: pauses, keepers, native tokens, limits. Pure.

A chain that may not send is not a source, and a limit is a capacity. The planner avoids both and
finds another route, whereas an objection to the finished plan would end it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from keepers.model.bridge import to_units_down
from keepers.model.inventory import BalanceTrigger, SharedLimit, Surplus
from keepers.model.inventory_state import (
    SIZE_DECIMALS,
    InventorySettings,
    InventorySnapshot,
    chain_id_of,
    size_of,
    state_machine_id,
)
from keepers.model.limits import Limit
from keepers.model.money import format_units
from keepers.model.treasury import TreasuryView
from keepers.planning.inventory.needs import total_deficit
from keepers.transfers.inventory.objections import Objection, ObjectionKind

COIN_DECIMALS = 18


def constraints_on(
    settings: InventorySettings,
    snapshot: InventorySnapshot,
    triggers: Sequence[BalanceTrigger],
    surpluses: Sequence[Surplus],
) -> list[Objection]:
    """Return what keeps chains with a surplus from serving chains in need, by a snapshot."""
    found: list[Objection] = []
    wanted = total_deficit(triggers)
    for each in surpluses:
        found += _on_source(settings, snapshot, each, wanted)
    for each in triggers:
        found += _on_destination(settings, snapshot, chain_id_of(each.chain))
    return found


def limits_of(
    snapshot: InventorySnapshot, surpluses: Sequence[Surplus], objections: Sequence[Objection]
) -> tuple[SharedLimit, ...]:
    """Return the routes' limits and the amounts that objections still allow, as limits of a plan.

    The lowest of several limits on the same route counts. Limits above the surplus are left out.
    """
    lowest: dict[tuple[int, str | None], int] = {}
    for surplus in surpluses:
        chain_id = chain_id_of(surplus.chain)
        for (asset, route), limit in snapshot.views[chain_id].route_limits.items():
            left = max(0, limit.available - snapshot.leaving(asset, chain_id))
            if asset == surplus.asset and left < surplus.amount:
                lowest[chain_id, route] = left
    for each in objections:
        if each.admits is not None and each.source is not None:
            key = (each.source, each.route)
            lowest[key] = min(each.admits, lowest.get(key, each.admits))
    return tuple(
        SharedLimit(
            asset=surpluses[0].asset, source=state_machine_id(source), route=route, maximum=maximum
        )
        for (source, route), maximum in sorted(lowest.items(), key=str)
    )


def spoken_for(settings: InventorySettings, snapshot: InventorySnapshot, chain_id: int) -> int:
    """Return what pending sends will take from a keeper's limit, in US dollars of six decimals."""
    total = 0
    for asset, each in settings.chains[chain_id].assets.items():
        withheld = snapshot.withheld.get((asset, chain_id), 0)
        total += size_of(snapshot.leaving(asset, chain_id) + withheld, each.decimals)
    return total


def _on_source(
    settings: InventorySettings, snapshot: InventorySnapshot, surplus: Surplus, wanted: Fraction
) -> Iterator[Objection]:
    chain_id, name = chain_id_of(surplus.chain), surplus.chain
    view = snapshot.views[chain_id]
    if view.paused:
        text = f"{name} cannot send: its treasury is paused"
        yield Objection(ObjectionKind.PAUSED, text, source=chain_id)
    if not view.keeper_limits.allowed:
        text = f"{name} cannot send: {_keeper(view)} is not a keeper of its treasury"
        yield Objection(ObjectionKind.KEEPER, text, source=chain_id)
    if _lacks_gas(settings, view):
        text = f"{name} cannot send: {_balance_text(settings, view)}"
        yield Objection(ObjectionKind.COINS, text, source=chain_id)
    most = min(surplus.amount, int(wanted * 10**surplus.decimals // 1))
    yield from _automatic(settings, snapshot, surplus, most)
    leaving = snapshot.leaving(surplus.asset, chain_id)
    for (asset, route), limit in sorted(view.route_limits.items()):
        left = max(0, limit.available - leaving)
        if asset == surplus.asset and left < most:
            when = _when(limit, leaving + most, view, surplus.decimals, most)
            text = (
                f"{route} from {name}: its limit allows {format_units(left, surplus.decimals)} "
                f"now{when}"
            )
            yield Objection(
                ObjectionKind.ROUTE_LIMIT, text, source=chain_id, route=route, admits=left
            )


def _automatic(
    settings: InventorySettings, snapshot: InventorySnapshot, surplus: Surplus, most: int
) -> Iterator[Objection]:
    """Yield the keeper's limit, unless the amount is large enough to be approved by operators."""
    chain_id, decimals = chain_id_of(surplus.chain), surplus.decimals
    view = snapshot.views[chain_id]
    limit, taken = view.keeper_limits.automatic, spoken_for(settings, snapshot, chain_id)
    left = max(0, limit.available - taken)
    size = size_of(most, decimals)
    if view.bands.approvals_for(size) or size <= left or not view.keeper_limits.allowed:
        return
    when = _when(limit, taken + size, view, SIZE_DECIMALS, size)
    text = (
        f"{surplus.chain}: the keeper's limit allows {format_units(left, SIZE_DECIMALS)} USD "
        f"now{when}"
    )
    admits = to_units_down(left, SIZE_DECIMALS, decimals)
    yield Objection(ObjectionKind.AUTOMATIC_LIMIT, text, source=chain_id, admits=admits)


def _on_destination(
    settings: InventorySettings, snapshot: InventorySnapshot, chain_id: int
) -> Iterator[Objection]:
    view, name = snapshot.views[chain_id], state_machine_id(chain_id)
    if _lacks_gas(settings, view):
        text = f"{name} cannot receive: {_balance_text(settings, view)}"
        yield Objection(ObjectionKind.COINS, text, destination=chain_id)
    if not view.keeper_limits.allowed:
        for route in sorted(settings.chains[chain_id].keeper_only):
            text = f"{route} to {name}: {_keeper(view)} is not a keeper of its treasury"
            yield Objection(ObjectionKind.KEEPER, text, destination=chain_id, route=route)


def _lacks_gas(settings: InventorySettings, view: TreasuryView) -> bool:
    return view.keeper_balance_wei < settings.chains[view.chain_id].gas_reserve


def _balance_text(settings: InventorySettings, view: TreasuryView) -> str:
    has = format_units(view.keeper_balance_wei, COIN_DECIMALS)
    needs = format_units(settings.chains[view.chain_id].gas_reserve, COIN_DECIMALS)
    return f"the keeper has {has} native tokens, but {needs} are required for gas"


def _keeper(view: TreasuryView) -> str:
    return view.keeper_limits.keeper or "the account"


def _when(limit: Limit, wanted: int, view: TreasuryView, decimals: int, shown: int) -> str:
    """Return when a limit allows the full amount, or that it never does."""
    wait = limit.wait_for(wanted)
    if wait is None:
        return f", and never {format_units(shown, decimals)}: its maximum is " + format_units(
            limit.cap, decimals
        )
    return f", {format_units(shown, decimals)} from {view.at + wait:%Y-%m-%d %H:%M} UTC"
