"""Batches that wait for approval: verified by the chains, opened on each chain, then started.

A batch starts when all its plans are open. Nothing leaves before that, so the whole batch may still
be refused. All state is in the database: a pass may be interrupted anywhere.
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
from keepers.model.transaction_states import StepState
from keepers.runs.approvals.ports import ApprovalDependencies
from keepers.runs.approvals.state import holding, key_of, refusal_of, ticket_state
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.instructions import take_instructions
from keepers.transfers.inventory.notifications import batch_key
from keepers.transfers.inventory.simulation import calls_on, run_dry
from keepers.transfers.machine.calls import CallState, CallStatus, status_of_step, submit_call
from keepers.transfers.machine.dependencies import FAULTS
from keepers.transfers.machine.notifications import report_fault

ENDS = {
    StepState.DONE: RunStatus.DONE,
    StepState.SKIPPED: RunStatus.REFUSED,
    StepState.FAILED: RunStatus.FAILED,
}


async def open_batches(ports: InventoryDependencies) -> bool:
    """Advance every waiting batch as far as its approvals allow; return whether anything changed.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper holds the lease.
        StoreUnavailableError: The database cannot be written; nothing was sent after that.
    """
    changed = False
    for batch in ports.transfers.live_batches():
        if batch.state is BatchState.WAITING:
            try:
                changed = await _advance(ports, batch) or changed
            except ChainError as error:
                ports.machine.progress(f"batch {batch.batch_id[:8]} waits: {error}")
            except FAULTS as error:
                report_fault(ports.machine, f"batch {batch.batch_id[:8]}", error)
    for plan in ports.transfers.open_plans():
        changed = await _settle(ports, plan) or changed
    return changed


async def _advance(ports: InventoryDependencies, batch: BatchRecord) -> bool:
    plans = ports.transfers.plans_of(batch.batch_id)
    states = [await _state_of(ports, each) for each in plans]
    for plan, state in zip(plans, states, strict=True):
        if state in REFUSED_TICKETS:
            reason = refusal_of(_ticket(ports, plan)) or state.lower()
            return await _refuse(ports, batch, f"{_where(plan)}: {reason}")
    if any(state is not TicketState.GRANTED for state in states):
        return False
    if ports.transfers.now() >= batch.deadline:
        return await _refuse(ports, batch, "its approvals arrived after the deadline")
    return await _open(ports, batch, plans)


async def _state_of(ports: InventoryDependencies, plan: PlanRecord) -> TicketState:
    chain = ports.machine.chain(plan.plan.chain_id)
    approvals = _approvals(ports, plan)
    view = await chain.read_view(())
    return await ticket_state(approvals, _ticket(ports, plan), view.at)


async def _open(
    ports: InventoryDependencies, batch: BatchRecord, plans: tuple[PlanRecord, ...]
) -> bool:
    """Open the plans that are not open; return whether anything was submitted or refused."""
    openings: list[CallState] = []
    changed = False
    for plan in plans:
        asked = await _asked(ports, plan)
        if asked.state is CallState.UNASKED:
            problem = await _ask(ports, batch, plan)
            if problem is not None:
                return await _refuse(ports, batch, problem)
            changed = True
        if asked.state is CallState.FAILED:
            reason = f"{_where(plan)}: the plan was not opened: {asked.reason}"
            return await _refuse(ports, batch, reason)
        openings.append(asked.state)
    if any(each is not CallState.DONE for each in openings):
        return changed
    over = (batch_key(batch.batch_id), f"batch {batch.batch_id[:8]} is approved and starts")
    ports.transfers.move_batch(batch.batch_id, BatchState.RUNNING, None, Notification(over=(over,)))
    ports.machine.progress(over[1])
    return True


async def _asked(ports: InventoryDependencies, plan: PlanRecord) -> CallStatus:
    """Return the status of a plan's opening, after a pass of its chain's engine if submitted."""
    chain = ports.machine.chain(plan.plan.chain_id)
    view = None
    if ports.transfers.intents(plan.plan.run_id):
        view = await chain.transactions.run_pass()
    records = ports.transfers.plans_of(plan.batch_id)
    now = next(each for each in records if each.step_id == plan.step_id)
    intents = ports.transfers.intents(plan.plan.run_id)
    return status_of_step(chain, intents, plan.step_id, now.state, {chain.chain_id: view})


async def _ask(ports: InventoryDependencies, batch: BatchRecord, plan: PlanRecord) -> str | None:
    """Simulate the opening and all later calls, then submit it; return a reason if impossible.

    Raises:
        ChainError: A node does not respond; the next pass retries.
    """
    chain = ports.machine.chain(plan.plan.chain_id)
    record = _ticket(ports, plan)
    signatures = await holding(_approvals(ports, plan), record)
    if signatures is None:
        return f"{_where(plan)}: the remaining approvals are not enough"
    call = ports.plans[chain.chain_id].open_call(record.ticket.treasury_plan, signatures)
    transfers = [each.new for each in ports.transfers.of_batch(batch.batch_id)]
    placements = [each.new for each in ports.transfers.placements_of(batch.batch_id)]
    following = calls_on(chain, transfers, placements)
    problem = await run_dry(ports, chain.chain_id, [ValuedCall(call), *following])
    if problem is not None:
        return f"the approved plan can no longer be executed: {problem}"
    await submit_call(
        chain,
        call,
        step_id=plan.step_id,
        key=f"{plan.plan.run_id}:opening",
        expires_at=batch.deadline,
    )
    return None


async def _refuse(ports: InventoryDependencies, batch: BatchRecord, reason: str) -> bool:
    """Refuse a batch of which nothing has left; plans already open on a chain are never used."""
    for plan in ports.transfers.plans_of(batch.batch_id):
        if _ticket(ports, plan).state not in REFUSED_TICKETS:
            text = f"the batch was refused: {reason}"
            over = (key_of(plan.plan.run_id), f"{_where(plan)}: the plan will not be executed")
            ports.tickets.decide(
                plan.plan.run_id, TicketState.VOID, text, Notification(over=(over,))
            )
        await _call_off(ports, plan, reason)
    over = (batch_key(batch.batch_id), f"batch {batch.batch_id[:8]} was refused: {reason}")
    notification = Notification(over=(over,))
    ports.transfers.move_batch(batch.batch_id, BatchState.REFUSED, reason, notification)
    ports.machine.progress(over[1])
    return True


async def _call_off(ports: InventoryDependencies, plan: PlanRecord, reason: str) -> None:
    """Skip the opening, or withdraw it if nothing is signed; a signed transaction proceeds."""
    if plan.state is StepState.PENDING:
        ports.transfers.skip_step(plan.step_id, reason)
        return
    chain = ports.machine.chain(plan.plan.chain_id)
    for intent in ports.transfers.intents(plan.plan.run_id):
        if not intent.has_ended and not intent.is_signed:
            await chain.transactions.withdraw(intent.intent_id, reason)


async def _settle(ports: InventoryDependencies, plan: PlanRecord) -> bool:
    """Close the run of a plan whose batch no longer waits, once its opening is final."""
    if ports.transfers.batch(plan.batch_id).state is BatchState.WAITING:
        return False
    chain = ports.machine.chains.get(plan.plan.chain_id)
    intents = ports.transfers.intents(plan.plan.run_id)
    if any(not each.has_ended for each in intents):
        if chain is not None:
            await chain.transactions.run_pass()
        return False
    if plan.state not in ENDS:
        return False
    ports.transfers.settle_plan(plan.plan.run_id, ENDS[plan.state], plan.reason)
    return True


def _ticket(ports: InventoryDependencies, plan: PlanRecord) -> TicketRecord:
    record = ports.tickets.ticket(plan.plan.run_id)
    if record is None:
        raise NoTicketError(plan.plan.run_id)
    return record


def _approvals(ports: InventoryDependencies, plan: PlanRecord) -> ApprovalDependencies:
    return ApprovalDependencies(_where(plan), ports.tickets, ports.plans[plan.plan.chain_id])


def _where(plan: PlanRecord) -> str:
    return f"treasury on {state_machine_id(plan.plan.chain_id)}"


async def advance_inventory(ports: InventoryDependencies) -> bool:
    """Process instructions and advance waiting batches; return whether anything changed.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper holds the lease.
        StoreUnavailableError: The database cannot be written.
    """
    taken = await take_instructions(ports, armed=True)
    opened = await open_batches(ports)
    return bool(taken) or opened
