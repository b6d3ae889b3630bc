"""Undoing a run: a plan like any other, from what was received, with approval always."""

from __future__ import annotations

from keepers.model.errors.run import NothingToUndoError, UnknownRunError
from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.planning.rollback.plan import executed_of, plan_rollback
from keepers.runs.tiers.build_actions import positions_of
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.pipeline import run_proposal
from keepers.runs.tiers.request import request_of
from keepers.runs.tiers.tier_plan import Proposal


async def roll_back(ports: TierRunDependencies, run_id: str, *, armed: bool) -> RunRecord:
    """Plan the reverse of what a run has done, on the vault as it is now, and ask for approval.

    Raises:
        UnknownRunError: There is no such run of this vault.
        NothingToUndoError: It is still open, or has done nothing.
    """
    record = ports.journal.run(run_id)
    if record.run.vault != ports.vault:
        raise UnknownRunError(run_id)
    if record.status is RunStatus.OPEN or not executed_of(record):
        raise NothingToUndoError(run_id, record.status)

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return await _proposal(ports, record, snapshot)

    return await run_proposal(ports, str(TriggerKind.MANUAL), source, armed=armed)


async def _proposal(
    ports: TierRunDependencies, record: RunRecord, snapshot: VaultSnapshot
) -> Proposal:
    positions = await positions_of(ports, snapshot)
    config = ports.policy.tiers
    state = request_of(snapshot, config, TriggerKind.MANUAL, weekly=False).state
    run_id = record.run.run_id
    undone = plan_rollback(executed_of(record), positions, state, config, run_id=run_id)
    return Proposal(identity=f"rollback-{run_id}", plan=undone.plan, orders=undone.orders)
