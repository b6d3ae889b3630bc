"""Create batches from demands: quotes, risk, approvals, simulation, and storage.

The transfer machine executes stored batches. A batch and its records are stored in one transaction,
under a unique key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from keepers.model.approval import NewTicket
from keepers.model.batch import BatchPlan, BatchRecord, BatchState, Demand, NewBatch
from keepers.model.inventory_state import InventorySnapshot
from keepers.model.json_document import JsonObject
from keepers.model.notice import NOTHING, Notification
from keepers.transfers.inventory.dependencies import Draft, InventoryDependencies, run_id_of
from keepers.transfers.inventory.documents import draft_document, lines_of
from keepers.transfers.inventory.draft_transfers import draft_of
from keepers.transfers.inventory.notifications import begun, refused
from keepers.transfers.inventory.objections import BatchRefusedError
from keepers.transfers.inventory.risk import objections_to
from keepers.transfers.inventory.simulation import simulate


def tickets_of(
    ports: InventoryDependencies, snapshot: InventorySnapshot, draft: Draft
) -> tuple[NewTicket, ...]:
    """Return the approval requests, by chain id; their times are chain times."""
    return tuple(
        NewTicket(
            run_id=each.run_id,
            plan=each.plan,
            plan_hash=ports.plans[chain_id].hash_of(each.plan),
            required=each.required,
            asked_at=snapshot.views[chain_id].at,
            deadline=snapshot.views[chain_id].at + ports.settings.approval_window,
        )
        for chain_id, each in sorted(draft.plans.items())
    )


async def checked_draft(
    ports: InventoryDependencies, snapshot: InventorySnapshot, demand: Demand
) -> Draft:
    """Return a draft without objections.

    Raises:
        BatchRefusedError: There are objections to the draft.
    """
    draft = await draft_of(ports, snapshot, demand)
    objections = objections_to(ports.settings, snapshot, draft)
    if objections:
        raise BatchRefusedError(objections)
    await simulate(ports, draft)
    return draft


def store(
    ports: InventoryDependencies, snapshot: InventorySnapshot, draft: Draft, *, armed: bool
) -> BatchRecord | None:
    """Store a batch and notify; return None if its key already exists.

    A dry run stores what would be done under a separate key, and executes nothing.
    """
    demand, detail = draft.demand, draft_document(ports.settings, snapshot, draft)
    if not armed:
        key = f"{demand.key}:dry"
        return _kept(ports, _ended(demand, key, BatchState.DRY_RUN, detail, ports.transfers.now()))
    tickets = tickets_of(ports, snapshot, draft)
    new = NewBatch(
        batch_id=draft.batch_id,
        client_key=demand.key,
        origin=demand.origin,
        state=BatchState.WAITING if tickets else BatchState.RUNNING,
        reason=None,
        detail=detail,
        deadline=draft.deadline,
        transfers=draft.transfers,
        placements=draft.placements,
        plans=tuple(
            BatchPlan(chain_id=chain_id, run_id=each.run_id)
            for chain_id, each in sorted(draft.plans.items())
        ),
        tickets=tickets,
        instruction_id=demand.instruction_id,
    )
    return _kept(ports, new, begun(demand, draft, lines_of(ports.settings, draft)))


def store_refusal(
    ports: InventoryDependencies, demand: Demand, error: BatchRefusedError
) -> BatchRecord | None:
    """Store why a batch is refused and notify, once for a demand and a set of objection kinds.

    The demand's own key stays free, since limits refill, fees fall and native tokens are topped up.
    """
    key = f"{demand.key}:{run_id_of(*error.kinds)}"
    objections = [{"kind": str(each.kind), "text": each.text} for each in error.objections]
    detail = {**demand.detail, "objections": objections}
    new = _ended(demand, key, BatchState.REFUSED, detail, ports.transfers.now())
    return _kept(ports, replace(new, reason=str(error)), refused(demand, str(error)))


def _ended(
    demand: Demand, key: str, state: BatchState, detail: JsonObject, now: datetime
) -> NewBatch:
    """Return a batch of which nothing is executed."""
    return NewBatch(
        batch_id=run_id_of(key),
        client_key=key,
        origin=demand.origin,
        state=state,
        reason=None,
        detail=detail,
        deadline=now,
    )


def _kept(
    ports: InventoryDependencies, new: NewBatch, notification: Notification = NOTHING
) -> BatchRecord | None:
    if not ports.transfers.begin_batch(new, notification):
        return None
    ports.machine.progress(f"batch {new.batch_id[:8]} ({new.origin.lower()}): {new.state.lower()}")
    return ports.transfers.batch(new.batch_id)
