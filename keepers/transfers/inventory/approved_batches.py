"""Batches that wait for approval: judged by the chains, opened on each, and then begun.

A batch begins when all its plans are open. Until then nothing of it leaves, so it may still be
refused as a whole. All that is known is in the database: a pass may end anywhere.
"""

from __future__ import annotations

from keepers.model.approval import REFUSED_TICKETS, TicketRecord, TicketState
from keepers.model.batch import BatchRecord, BatchState, PlanRecord
from keepers.model.chain import ValuedCall
from keepers.model.errors.chain import ChainError
from keepers.model.errors.run import NoTicketError
from keepers.model.inventory_state import state_machine_id
from keepers.model.notice import Notification
from keepers.model.run import RunStatus
from keepers.model.transactions.states import StepState
from keepers.runs.approvals.ports import ApprovalDependencies
from keepers.runs.approvals.state import holding, judge, key_of, refusal_of
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.instructions import take_instructions
from keepers.transfers.inventory.notifications import batch_key
from keepers.transfers.inventory.simulation import calls_on, run_dry
from keepers.transfers.machine.calls import Asked, Standing, ask, asked_for
from keepers.transfers.machine.dependencies import FAULTS
from keepers.transfers.machine.notifications import tell_fault

ENDS = {
    StepState.DONE: RunStatus.DONE,
    StepState.SKIPPED: RunStatus.REFUSED,
    StepState.FAILED: RunStatus.FAILED,
}


async def open_batches(world: InventoryDependencies) -> bool:
    """Bring every batch that waits as far as its approvals let it; whether anything has changed.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper does this.
        StoreUnavailableError: The database cannot be written; nothing was sent since.
    """
    changed = False
    for batch in world.transfers.live_batches():
        if batch.state is BatchState.WAITING:
            try:
                changed = await _bring_on(world, batch) or changed
            except ChainError as error:
                world.machine.progress(f"batch {batch.batch_id[:8]} waits: {error}")
            except FAULTS as error:
                tell_fault(world.machine, f"batch {batch.batch_id[:8]}", error)
    for plan in world.transfers.open_plans():
        changed = await _settle(world, plan) or changed
    return changed


async def _bring_on(world: InventoryDependencies, batch: BatchRecord) -> bool:
    plans = world.transfers.plans_of(batch.batch_id)
    states = [await _judged(world, each) for each in plans]
    for plan, state in zip(plans, states, strict=True):
        if state in REFUSED_TICKETS:
            reason = refusal_of(_ticket(world, plan)) or state.lower()
            return await _refuse(world, batch, f"{_where(plan)}: {reason}")
    if any(state is not TicketState.GRANTED for state in states):
        return False
    if world.transfers.now() >= batch.deadline:
        return await _refuse(world, batch, "its approvals came too late")
    return await _open(world, batch, plans)


async def _judged(world: InventoryDependencies, plan: PlanRecord) -> TicketState:
    chain = world.machine.chain(plan.plan.chain_id)
    desk = _desk(world, plan)
    view = await chain.look(())
    return await judge(desk, _ticket(world, plan), view.at)


async def _open(
    world: InventoryDependencies, batch: BatchRecord, plans: tuple[PlanRecord, ...]
) -> bool:
    """Open what is not open; answers whether anything was asked for, or has ended."""
    standings: list[Standing] = []
    changed = False
    for plan in plans:
        asked = await _asked(world, plan)
        if asked.standing is Standing.UNASKED:
            problem = await _ask(world, batch, plan)
            if problem is not None:
                return await _refuse(world, batch, problem)
            changed = True
        if asked.standing is Standing.FAILED:
            reason = f"{_where(plan)}: the plan was not opened: {asked.reason}"
            return await _refuse(world, batch, reason)
        standings.append(asked.standing)
    if any(each is not Standing.DONE for each in standings):
        return changed
    over = (batch_key(batch.batch_id), f"batch {batch.batch_id[:8]} is approved, and begins")
    world.transfers.move_batch(batch.batch_id, BatchState.RUNNING, None, Notification(over=(over,)))
    world.machine.progress(over[1])
    return True


async def _asked(world: InventoryDependencies, plan: PlanRecord) -> Asked:
    """How the opening stands, after a pass of its chain's engine where it was asked for."""
    chain = world.machine.chain(plan.plan.chain_id)
    view = None
    if world.transfers.intents(plan.plan.run_id):
        view = await chain.transactions.run_pass()
    records = world.transfers.plans_of(plan.batch_id)
    now = next(each for each in records if each.step_id == plan.step_id)
    intents = world.transfers.intents(plan.plan.run_id)
    return asked_for(chain, intents, plan.step_id, now.state, {chain.chain_id: view})


async def _ask(world: InventoryDependencies, batch: BatchRecord, plan: PlanRecord) -> str | None:
    """Simulate the opening with all that follows, and ask for it; why that cannot be, if it can't.

    Raises:
        ChainError: A node does not answer; it is tried again.
    """
    chain = world.machine.chain(plan.plan.chain_id)
    record = _ticket(world, plan)
    signatures = await holding(_desk(world, plan), record)
    if signatures is None:
        return f"{_where(plan)}: the approvals do not suffice any more"
    call = world.plans[chain.chain_id].open_call(record.ticket.treasury_plan, signatures)
    transfers = [each.new for each in world.transfers.of_batch(batch.batch_id)]
    placements = [each.new for each in world.transfers.placements_of(batch.batch_id)]
    following = calls_on(chain, transfers, placements)
    problem = await run_dry(world, chain.chain_id, [ValuedCall(call), *following])
    if problem is not None:
        return f"what was approved cannot be done any more: {problem}"
    await ask(
        chain,
        call,
        step_id=plan.step_id,
        key=f"{plan.plan.run_id}:opening",
        expires_at=batch.deadline,
    )
    return None


async def _refuse(world: InventoryDependencies, batch: BatchRecord, reason: str) -> bool:
    """End a batch of which nothing has left; what is open on a chain is never used."""
    for plan in world.transfers.plans_of(batch.batch_id):
        if _ticket(world, plan).state not in REFUSED_TICKETS:
            text = f"the batch is refused: {reason}"
            over = (key_of(plan.plan.run_id), f"{_where(plan)}: the plan will not run")
            world.tickets.decide(
                plan.plan.run_id, TicketState.VOID, text, Notification(over=(over,))
            )
        await _call_off(world, plan, reason)
    over = (batch_key(batch.batch_id), f"batch {batch.batch_id[:8]} is not made: {reason}")
    told = Notification(over=(over,))
    world.transfers.move_batch(batch.batch_id, BatchState.REFUSED, reason, told)
    world.machine.progress(over[1])
    return True


async def _call_off(world: InventoryDependencies, plan: PlanRecord, reason: str) -> None:
    """Skip the opening, or withdraw it where nothing is signed; what is signed goes its way."""
    if plan.state is StepState.PENDING:
        world.transfers.skip_step(plan.step_id, reason)
        return
    chain = world.machine.chain(plan.plan.chain_id)
    for intent in world.transfers.intents(plan.plan.run_id):
        if not intent.has_ended and not intent.is_signed:
            await chain.transactions.withdraw(intent.intent_id, reason)


async def _settle(world: InventoryDependencies, plan: PlanRecord) -> bool:
    """Close the run of a plan whose batch waits no longer, once its opening is final."""
    if world.transfers.batch(plan.batch_id).state is BatchState.WAITING:
        return False
    chain = world.machine.chains.get(plan.plan.chain_id)
    intents = world.transfers.intents(plan.plan.run_id)
    if any(not each.has_ended for each in intents):
        if chain is not None:
            await chain.transactions.run_pass()
        return False
    if plan.state not in ENDS:
        return False
    world.transfers.settle_plan(plan.plan.run_id, ENDS[plan.state], plan.reason)
    return True


def _ticket(world: InventoryDependencies, plan: PlanRecord) -> TicketRecord:
    record = world.tickets.ticket(plan.plan.run_id)
    if record is None:
        raise NoTicketError(plan.plan.run_id)
    return record


def _desk(world: InventoryDependencies, plan: PlanRecord) -> ApprovalDependencies:
    return ApprovalDependencies(_where(plan), world.tickets, world.plans[plan.plan.chain_id])


def _where(plan: PlanRecord) -> str:
    return f"treasury on {state_machine_id(plan.plan.chain_id)}"


async def tend_inventory(world: InventoryDependencies) -> bool:
    """Take up instructions and bring on what waits; whether anything has changed.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper does this.
        StoreUnavailableError: The database cannot be written.
    """
    taken = await take_instructions(world, armed=True)
    opened = await open_batches(world)
    return bool(taken) or opened
