"""One check of the inventory: look at everything, then plan asset by asset.

Assets do not wait for each other. What cannot be read stops its own asset and is told; whatever is
begun changes what the next asset sees, so all is looked at again then.
"""

from __future__ import annotations

from keepers.domain.batch import BatchOrigin, BatchRecord, BatchState
from keepers.domain.demand import Demand
from keepers.domain.errors import InputError
from keepers.domain.inventory_state import InventorySnapshot
from keepers.engine.inventory.batching import checked_draft, store, store_refusal
from keepers.engine.inventory.declined import is_declined
from keepers.engine.inventory.draft import Draft
from keepers.engine.inventory.looking import look_at_all
from keepers.engine.inventory.refusing import BatchRefusedError, ObjectionKind
from keepers.engine.inventory.rulebook import rulebook_demand
from keepers.engine.inventory.telling import tell_uncovered, tell_unreadable
from keepers.engine.inventory.world import InventoryWorld
from keepers.planning.inventory.policy import policy_demand


async def check_inventory(world: InventoryWorld, *, armed: bool) -> tuple[BatchRecord, ...]:
    """Look, plan, and make a batch of each asset that needs one.

    Returns:
        The batches that this check made: running, waiting for approval, refused, or a dry run.

    Raises:
        LeaseHeld, StaleLease: Another keeper does this.
        JournalUnavailable: The database cannot be written; nothing was begun.
    """
    made: list[BatchRecord] = []
    snapshot = await look_at_all(world)
    for asset in world.settings.assets:
        batch = await _check_asset(world, snapshot, asset, armed=armed)
        if batch is not None:
            made.append(batch)
            snapshot = await look_at_all(world)
    return tuple(made)


async def _check_asset(
    world: InventoryWorld, snapshot: InventorySnapshot, asset: str, *, armed: bool
) -> BatchRecord | None:
    reasons = snapshot.unreadable.get(asset, ())
    tell_unreadable(world, asset, reasons)
    if reasons or asset in instructed_assets(world):
        return None
    try:
        planned = await rulebook_demand(world, snapshot, asset)
    except InputError as error:
        tell_unreadable(world, asset, [str(error)])
        return None
    if planned is None:
        tell_uncovered(world, asset, (), ())
    else:
        tell_uncovered(world, asset, planned.plan.uncovered, planned.closed)
    if planned is None:
        demand = policy_demand(world.settings, snapshot, asset)
        return None if demand is None else await make_batch(world, snapshot, demand, armed=armed)
    if planned.demand is None or _is_known(world, planned.demand):
        return None
    try:
        draft = await checked_draft(world, snapshot, planned.demand)
    except BatchRefusedError as error:
        return await _planned_anew(world, snapshot, planned.demand, error, armed=armed)
    return _stored(world, snapshot, draft, armed=armed)


async def make_batch(
    world: InventoryWorld, snapshot: InventorySnapshot, demand: Demand, *, armed: bool
) -> BatchRecord | None:
    """Make a batch of a demand, or keep why not; None if it was made, or refused so, before."""
    if _is_known(world, demand):
        return None
    try:
        draft = await checked_draft(world, snapshot, demand)
    except BatchRefusedError as error:
        return store_refusal(world, demand, error)
    return _stored(world, snapshot, draft, armed=armed)


def _stored(
    world: InventoryWorld, snapshot: InventorySnapshot, draft: Draft, *, armed: bool
) -> BatchRecord | None:
    if is_declined(world, draft):
        world.machine.say(f"{', '.join(draft.demand.assets)}: people said no to the same")
        return None
    return store(world, snapshot, draft, armed=armed)


def instructed_assets(world: InventoryWorld) -> frozenset[str]:
    """Assets of instructions that are being carried out; the rulebook leaves them alone."""
    found: set[str] = set()
    for batch in world.transfers.live_batches():
        if batch.origin is BatchOrigin.INSTRUCTION:
            found |= {each.terms.asset for each in world.transfers.of_batch(batch.batch_id)}
            found |= {each.new.asset for each in world.transfers.placements_of(batch.batch_id)}
    return frozenset(found)


async def _planned_anew(
    world: InventoryWorld,
    snapshot: InventorySnapshot,
    demand: Demand,
    error: BatchRefusedError,
    *,
    armed: bool,
) -> BatchRecord | None:
    """Once more, where a bridge's word has changed between plan and terms; else refused."""
    changing = {ObjectionKind.QUOTE, ObjectionKind.SHORT, ObjectionKind.FLOOR}
    if not changing & set(error.kinds):
        return store_refusal(world, demand, error)
    planned = await rulebook_demand(world, snapshot, demand.assets[0])
    if planned is None or planned.demand is None:
        return store_refusal(world, demand, error)
    return await make_batch(world, snapshot, planned.demand, armed=armed)


def _is_known(world: InventoryWorld, demand: Demand) -> bool:
    known = world.transfers.batch_of_key(demand.key)
    return known is not None and known.state is not BatchState.DRY_RUN
