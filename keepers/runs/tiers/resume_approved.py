"""A run whose plan needs approval, once that was asked for: waiting, opening, executing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from keepers.model.approval import (
    REFUSED_TICKETS,
    ApprovablePlan,
    Signature,
    TicketRecord,
    TicketState,
)
from keepers.model.chain import ContractCall
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import Tier, TierValues
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.approvals.state import has_moved, holding, judge, key_of, refusal_of
from keepers.runs.driver import StepRequest
from keepers.runs.results import Ending, detail_of, status_of
from keepers.runs.tiers.action import Action, restored, simulated_of
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.execution import Execution, execute_and_verify
from keepers.runs.tiers.notifications import telling_of
from keepers.runs.tiers.simulation import simulate_calls
from keepers.runs.tiers.strategy import driver_of
from keepers.runs.tiers.tier_plan import propose

OPENING_FACTOR = 2
"""Opening a plan values every holding and checks signatures: so many times an action's gas."""

SUPERSEDED = "L1 needs cash first; the rest is planned anew"


async def resume_approved(
    world: TierRunDependencies, record: RunRecord, ticket: TicketRecord, *, armed: bool
) -> RunRecord:
    """Bring a run as far as its approval lets it: it still waits, or it has ended.

    A keeper that only looks decides nothing, since it tells nobody.

    Raises:
        NotSettledError: How a transaction ends is not known in time; the next call goes on.
        AwaitingFundsError: What is approved waits for coins.
        StoreUnavailableError, LeaseHeldError, StaleLeaseError: Nothing can be written; the next
            call goes on.
    """
    if not armed:
        return record
    run_id, known = record.run.run_id, ticket.state
    snapshot = await world.chain.snapshot()
    state = await judge(world.approvals, ticket, snapshot.at)
    begun = any(each.status is not StepStatus.PENDING for each in record.steps) or record.openings
    if state not in REFUSED_TICKETS and not begun:
        state = _outlived(world, ticket, snapshot) or state
    ticket = world.tickets.ticket(run_id) or ticket
    refusal = refusal_of(ticket)
    if refusal is not None:
        was_granted = TicketState.GRANTED in {known, state} or _was_granted(record)
        return await _refused(world, record, refusal, was_granted=was_granted)
    if state is TicketState.WAITING:
        return record
    return await _finish(world, record, ticket)


def _outlived(
    world: TierRunDependencies, ticket: TicketRecord, snapshot: VaultSnapshot
) -> TicketState | None:
    """Void a request that the vault has outlived, so that people are not asked for nothing."""
    run_id, tolerance = ticket.ticket.run_id, world.policy.moved_state_bps
    moved = has_moved(ticket.ticket.vault_plan.state, snapshot.tier_values, tolerance)
    reason = None
    if _needs_cash(world, snapshot):
        reason = SUPERSEDED
    elif moved is not None:
        reason = f"{Tier(moved).name} has moved by more than {tolerance} bps of the vault since"
    if reason is None:
        return None
    world.tickets.decide(run_id, TicketState.VOID, reason)
    world.progress(f"run {run_id} waits for approval no longer: {reason}")
    return TicketState.VOID


def _needs_cash(world: TierRunDependencies, snapshot: VaultSnapshot) -> bool:
    plan = propose(world, snapshot, TriggerKind.LIQUIDITY).plan
    return any(leg.to_tier is Tier.L1 for leg in plan.actions)


async def _refused(
    world: TierRunDependencies, record: RunRecord, reason: str, *, was_granted: bool
) -> RunRecord:
    """End it, however it was refused; what is signed goes its way first, the rest is called off.

    Who has heard that it is approved hears of its end too. A refusal that comes when all is done
    refuses nothing.
    """
    run_id = record.run.run_id
    await driver_of(world).interrupt_run(run_id, reason, armed=True)
    ended = world.journal.run(run_id)
    is_begun = any(each.status is StepStatus.DONE for each in ended.steps)
    if is_begun and status_of(ended) is RunStatus.DONE:
        return driver_of(world).close(run_id, RunStatus.DONE, None)
    status = RunStatus.PARTIAL if is_begun else RunStatus.REFUSED

    def tell(vault: str, record: RunRecord) -> Notification:
        told = telling_of(vault, record) if was_granted or is_begun else NOTHING
        over = (key_of(run_id), f"vault {vault}: the plan will not run: {reason}")
        return replace(told, over=(*told.over, over))

    return driver_of(world).close(run_id, status, reason, telling=tell)


def _was_granted(record: RunRecord) -> bool:
    return bool((detail_of(record, Stage.APPROVAL) or {}).get("granted"))


async def _finish(world: TierRunDependencies, record: RunRecord, ticket: TicketRecord) -> RunRecord:
    driver, run_id = driver_of(world), record.run.run_id
    ending = await driver.conduct(record.run, partial(_execute, world, record, ticket))
    assert ending is not None  # noqa: S101 - it waits no longer
    status = ending.status
    if status is RunStatus.FAILED and _refusal(world, run_id) is not None:
        status = RunStatus.REFUSED
    return driver.close(run_id, status, ending.reason)


async def _execute(world: TierRunDependencies, record: RunRecord, ticket: TicketRecord) -> Ending:
    run_id, plan = record.run.run_id, ticket.ticket.vault_plan
    actions = restored(record)
    after = await _open(world, record, ticket, actions)
    if isinstance(after, str):
        return Ending(RunStatus.FAILED, after)
    places = {each.step.index: each.step_id for each in record.steps}
    step_ids = [places[each.step.index] for each in actions]
    execution = Execution(world, actions, step_ids, approved=plan)
    return await execute_and_verify(execution, run_id, plan.state, after)


async def _open(
    world: TierRunDependencies, record: RunRecord, ticket: TicketRecord, actions: Sequence[Action]
) -> TierValues | str:
    """Simulate and open the plan, once; the tiers as simulated, or why it cannot be opened."""
    run_id, plan = record.run.run_id, ticket.ticket.vault_plan
    simulated = simulated_of(record)
    opening = await _opening_of(world, run_id)
    if opening is None:
        signatures = await holding(world.approvals, ticket)
        if signatures is None:
            return "an approver was removed since; the approvals do not suffice any more"
        _note_granted(world, record, signatures)
        calls = _calls(world, plan, signatures, len(actions))
        titles = ["the opening of the plan", *(each.title for each in actions)]
        simulated = await simulate_calls(world, run_id, calls, titles)
        world.progress("simulation: passed")
        refusal = _refusal(world, run_id)
        if refusal is not None:
            return refusal
        opening = await _submit_opening(world, run_id, plan, calls[0])
    result = await driver_of(world).settle(opening, waits=True)
    if result.status is not StepStatus.DONE:
        return f"the plan was not opened: {result.error}"
    assert simulated is not None  # noqa: S101 - nothing is opened that was not simulated
    return simulated


async def _submit_opening(
    world: TierRunDependencies, run_id: str, plan: ApprovablePlan, call: ContractCall
) -> int:
    """Submit the call that opens an approved plan, once, until its deadline."""
    detail = {"plan_hash": world.plans.hash_of(plan), "target": call.target}
    request = StepRequest(
        step_id=world.journal.open_step(run_id, detail),
        key=f"{run_id}:opening",
        call=call,
        gas_cap=world.policy.gas_limit * OPENING_FACTOR,
        expires_at=datetime.fromtimestamp(plan.deadline, UTC),
    )
    (intent_id,) = await driver_of(world).submit([request])
    return intent_id


def _refusal(world: TierRunDependencies, run_id: str) -> str | None:
    """Why people do not want it any more; None if they do."""
    ticket = world.tickets.ticket(run_id)
    return None if ticket is None else refusal_of(ticket)


def _calls(
    world: TierRunDependencies, plan: ApprovablePlan, signatures: Sequence[Signature], count: int
) -> list[ContractCall]:
    """Everything in the order in which it runs."""
    executing = [world.plans.execute_call(plan, index) for index in range(count)]
    return [world.plans.open_call(plan, signatures), *executing]


def _note_granted(
    world: TierRunDependencies, record: RunRecord, signatures: Sequence[Signature]
) -> None:
    known = detail_of(record, Stage.APPROVAL) or {}
    granted = {"granted": len(signatures), "approved_by": [each.signer for each in signatures]}
    if detail_of(record, Stage.SIMULATION) is None:
        world.record(record.run.run_id, Stage.APPROVAL, {**known, **granted})
    world.progress(f"approval: by {', '.join(each.signer for each in signatures)}")


async def _opening_of(world: TierRunDependencies, run_id: str) -> int | None:
    """The opening that was asked for already; its signatures may have been others."""
    for intent in await world.transactions.of_run(run_id):
        if intent.intent.idempotency_key == f"{run_id}:opening":
            return intent.intent_id
    return None
