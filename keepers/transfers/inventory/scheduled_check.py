"""One check of the inventory: read everything, then plan asset by asset.

Assets and destinations are independent. Unreadable chains are left out, and so are chains with an
unfinished instruction. A new batch changes the balances of the next asset, so everything is then
read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from keepers.model.approval import TicketState
from keepers.model.batch import BatchOrigin, BatchRecord, BatchState, Demand
from keepers.model.inventory_state import InventorySnapshot, state_machine_id
from keepers.model.transfer import CALLED_OFF, TransferStage
from keepers.model.transfer_record import TransferRecord
from keepers.planning.inventory.policy import policy_demands
from keepers.transfers.inventory.batch import checked_draft, store, store_refusal
from keepers.transfers.inventory.dependencies import (
    Draft,
    InventoryCheck,
    InventoryDependencies,
    Leftover,
)
from keepers.transfers.inventory.notifications import report_uncovered, report_unreadable
from keepers.transfers.inventory.objections import BatchRefusedError
from keepers.transfers.inventory.replanning import (
    instructed_leftovers,
    plan_without_objections,
    uncovered_leftovers,
    unknown_leftovers,
    untracked_leftovers,
)
from keepers.transfers.inventory.rulebook import AssetPlanner
from keepers.transfers.inventory.snapshot import take_snapshot

QUIET = timedelta(days=1)
RECENT = 200
"""Number of the newest batches that are searched."""


def is_declined(ports: InventoryDependencies, draft: Draft) -> bool:
    """Return whether approvers rejected, or ignored, a batch for the same need within a day."""
    if not draft.plans:
        return False
    since = ports.transfers.now() - QUIET
    return any(
        batch.state is BatchState.REFUSED
        and batch.ended_at is not None
        and batch.ended_at > since
        and batch.origin is draft.demand.origin
        and batch.detail.get("need") == draft.demand.detail["need"]
        and _was_declined(ports, batch)
        for batch in ports.transfers.batches(RECENT)
    )


def _was_declined(ports: InventoryDependencies, batch: BatchRecord) -> bool:
    tickets = (ports.tickets.ticket(each.run_id) for each in batch.plans)
    declined = {TicketState.REJECTED, TicketState.EXPIRED}
    return any(each is not None and each.state in declined for each in tickets)


def instructed_chains(
    ports: InventoryDependencies, snapshot: InventorySnapshot, asset: str
) -> dict[int, str]:
    """Return the instructed transfer or placement that each chain waits for, by chain id.

    The store is read after the chains, so that an instruction processed in between keeps its chains
    out of the plan.
    """
    found: dict[int, str] = {}
    for batch in ports.transfers.live_batches():
        if batch.origin is BatchOrigin.INSTRUCTION:
            for chain_id, text in _touched(ports, snapshot, batch.batch_id, asset):
                found.setdefault(chain_id, text)
    return found


def _touched(
    ports: InventoryDependencies, snapshot: InventorySnapshot, batch_id: str, asset: str
) -> Iterator[tuple[int, str]]:
    for each in ports.transfers.of_batch(batch_id):
        if each.terms.asset == asset:
            yield from _ends(snapshot, each)
    for placement in ports.transfers.placements_of(batch_id):
        new = placement.new
        if new.asset == asset and not placement.has_ended:
            name = f"placement {new.placement_id[:10]} of an instruction"
            yield new.chain_id, f"until {name} has ended"


def _ends(snapshot: InventorySnapshot, record: TransferRecord) -> Iterator[tuple[int, str]]:
    """Yield the chains that a transfer still has to change."""
    name = f"transfer {record.transfer_id[:10]} of an instruction"
    if not _has_left(snapshot, record):
        yield record.terms.source_chain, f"until {name} has left"
    if not record.has_ended:
        yield record.terms.destination_chain, f"until {name} has arrived"


def _has_left(snapshot: InventorySnapshot, record: TransferRecord) -> bool:
    """Return whether a transfer has left and the balance that was read shows it."""
    if record.position == CALLED_OFF:
        return True
    view = snapshot.views.get(record.terms.source_chain)
    legs = None if view is None else view.legs.get(record.transfer_id)
    is_seen = legs is not None and legs.sent is not None
    return is_seen and record.position.stage is not TransferStage.TRANSFER_OUT


async def check_inventory(ports: InventoryDependencies, *, armed: bool) -> InventoryCheck:
    """Read, plan, and create the batches that are needed.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper holds the lease.
        StoreUnavailableError: The database cannot be written; no batch was started.
    """
    made: list[BatchRecord] = []
    left: list[Leftover] = []
    snapshot = await take_snapshot(ports)
    for asset in ports.settings.assets:
        found = await _check_asset(ports, snapshot, asset, armed=armed)
        left += found.leftovers
        if found.batches:
            made += found.batches
            snapshot = await take_snapshot(ports)
    left += untracked_leftovers(ports, snapshot)
    return InventoryCheck(tuple(made), tuple(left))


async def _check_asset(
    ports: InventoryDependencies, snapshot: InventorySnapshot, asset: str, *, armed: bool
) -> InventoryCheck:
    unknown = unknown_leftovers(ports.settings, snapshot, asset)
    report_unreadable(ports, asset, [each.text for each in unknown])
    instructed = instructed_chains(ports, snapshot, asset)
    planner = AssetPlanner(ports, snapshot, asset, instructed)
    left = [*unknown, *instructed_leftovers(planner, asset, instructed)]
    settled = await plan_without_objections(ports, snapshot, planner)
    planned = settled.planned
    objections = () if planned is None else planned.objections
    plan = None if planned is None else planned.plan
    planner.patience.remember(plan, objections, planner.unplanned)
    if planned is None:
        report_uncovered(ports, asset, (), planner.unplanned)
        made = () if instructed else await _by_policy(ports, snapshot, asset, armed=armed)
        return InventoryCheck(made, tuple(left))
    uncovered = uncovered_leftovers(asset, planned, [each.text for each in left])
    report_uncovered(ports, asset, uncovered, planner.unplanned)
    stored = [_stored(ports, snapshot, each, armed=armed) for each in settled.drafts]
    return InventoryCheck(
        tuple(each for each in stored if isinstance(each, BatchRecord)),
        (*left, *uncovered, *(each for each in stored if isinstance(each, Leftover))),
    )


async def _by_policy(
    ports: InventoryDependencies, snapshot: InventorySnapshot, asset: str, *, armed: bool
) -> tuple[BatchRecord, ...]:
    """Create a batch for each chain with something to invest; the batches are independent."""
    made = [
        await make_batch(ports, snapshot, demand, armed=armed)
        for demand in policy_demands(ports.settings, snapshot, asset)
    ]
    return tuple(each for each in made if each is not None)


async def make_batch(
    ports: InventoryDependencies, snapshot: InventorySnapshot, demand: Demand, *, armed: bool
) -> BatchRecord | None:
    """Create a batch or store its refusal; None if either was already stored."""
    if _known(ports, demand) is not None:
        return None
    try:
        draft = await checked_draft(ports, snapshot, demand)
    except BatchRefusedError as error:
        return store_refusal(ports, demand, error)
    stored = _stored(ports, snapshot, draft, armed=armed)
    return stored if isinstance(stored, BatchRecord) else None


def _stored(
    ports: InventoryDependencies, snapshot: InventorySnapshot, draft: Draft, *, armed: bool
) -> BatchRecord | Leftover:
    """Store the batch of a draft, or return why there is none."""
    name = ", ".join(_needs(draft)) or ", ".join(draft.demand.assets)
    known = _known(ports, draft.demand)
    if known is not None:
        reason = f": {known.reason}" if known.reason else ""
        text = (
            f"{name}: batch {known.batch_id[:8]} for the same demand was "
            f"{known.state.lower()}{reason}"
        )
        return Leftover(f"known:{name}", text)
    if is_declined(ports, draft):
        text = (
            f"{name}: the same demand was rejected or expired within a day; approval is not "
            "requested again yet"
        )
        return Leftover(f"declined:{name}", text)
    made = store(ports, snapshot, draft, armed=armed)
    if made is not None:
        return made
    text = f"{name}: would be served, according to an earlier dry run; this keeper is not armed"
    return Leftover(f"dry:{name}", text)


def _needs(draft: Draft) -> list[str]:
    """Return the assets and chains that a batch serves."""
    ends = {(e.terms.asset, e.terms.destination_chain) for e in draft.transfers}
    ends |= {(each.asset, each.chain_id) for each in draft.placements}
    return [f"{asset} on {state_machine_id(chain_id)}" for asset, chain_id in sorted(ends)]


def _known(ports: InventoryDependencies, demand: Demand) -> BatchRecord | None:
    known = ports.transfers.batch_of_key(demand.key)
    return None if known is None or known.state is BatchState.DRY_RUN else known
