"""Runs that wait for approval: checked again, then opened and executed as signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from keepers.model.approval import (
    REFUSED_TICKETS,
    ApprovablePlan,
    Signature,
    TicketRecord,
    TicketState,
)
from keepers.model.chain import ContractCall
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import Tier, TierValues
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.approvals.state import has_moved, holding, key_of, refusal_of, ticket_state
from keepers.runs.driver import RunDriver
from keepers.runs.recovery import interrupt_run
from keepers.runs.results import Ending, StepResult, detail_of, status_of
from keepers.runs.strategy import Sent, StepRequest
from keepers.runs.tiers.action import Action, restored, simulated_of
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.execution import ActionExecution
from keepers.runs.tiers.notifications import notification_of
from keepers.runs.tiers.simulation import simulate_approved
from keepers.runs.tiers.strategy import TierRunStrategy
from keepers.runs.tiers.tier_plan import propose
from keepers.runs.tiers.transactions import simulated_gas
from keepers.runs.tiers.verification import verified_ending

OPENING_FACTOR = 2
"""Gas factor of opening a plan, which values every holding and verifies signatures."""

SUPERSEDED = "L1 needs cash first; the rest is replanned"
TOO_FEW = "an approver was removed since; the remaining approvals are not enough"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedRun:
    """An approved plan in the stages of its run.

    Attributes:
        record: The run.
        plan: The plan as signed.
        actions: Its actions.
        signatures: The valid signatures; empty if the opening was submitted before.
        opening: The opening, if submitted before.
        opening_call: The call that opens the plan, if not submitted before.
        simulated: The tier values after the simulation.
    """

    record: RunRecord
    plan: ApprovablePlan
    actions: Sequence[Action]
    signatures: Sequence[Signature] = ()
    opening: Sent | None = None
    opening_call: ContractCall | None = None
    simulated: TierValues | None = None


@dataclass(frozen=True, slots=True)
class ApprovedStrategy(TierRunStrategy[TicketRecord, ApprovedRun]):
    """Strategy of runs with approved plans; plan and risk are recorded already."""

    async def plan(self, run: NewRun, request: TicketRecord) -> ApprovedRun:
        """Restore the signed plan."""
        record = self.ports.store.run(run.run_id)
        return ApprovedRun(
            record=record,
            plan=request.ticket.vault_plan,
            actions=restored(record),
            opening=await self._submitted_opening(run.run_id),
        )

    async def ask_approval(self, run: NewRun, plan: ApprovedRun) -> ApprovedRun | Ending:
        """Record the valid signatures, unless the opening was submitted before."""
        if plan.opening is not None:
            return plan
        ticket = self.ports.tickets.ticket(run.run_id)
        assert ticket is not None  # noqa: S101 - it is approved
        signatures = await holding(self.ports.approvals, ticket)
        if signatures is None:
            return Ending(RunStatus.FAILED, TOO_FEW)
        signers = [each.signer for each in signatures]
        if detail_of(plan.record, Stage.SIMULATION) is None:
            known = detail_of(plan.record, Stage.APPROVAL) or {}
            granted = {"granted": len(signers), "approved_by": signers}
            self.ports.record(run.run_id, Stage.APPROVAL, {**known, **granted})
        self.ports.progress(f"approval: by {', '.join(signers)}")
        return replace(plan, signatures=signatures)

    async def simulate(self, run: NewRun, plan: ApprovedRun) -> ApprovedRun | Ending:
        """Simulate the opening and all actions once."""
        if plan.opening is not None:
            return replace(plan, simulated=simulated_of(plan.record))
        opening = self.ports.plans.open_call(plan.plan, plan.signatures)
        simulated = await simulate_approved(
            self.ports, run.run_id, plan.plan, plan.actions, opening
        )
        self.ports.progress("simulation: passed")
        refusal = _refusal(self.ports, run.run_id)
        if refusal is not None:
            return Ending(RunStatus.FAILED, refusal)
        return replace(plan, opening_call=opening, simulated=simulated)

    async def execution(self, run: NewRun, plan: ApprovedRun) -> ActionExecution | Ending:
        """Open the plan on chain once, and return its actions as steps."""
        driver, opening = RunDriver(self.ports, self), plan.opening
        if opening is None:
            opening = await driver.submit(self._opening_request(run.run_id, plan))
        result = await driver.settle(opening, waits=True)
        if result.status is not StepStatus.DONE:
            return Ending(RunStatus.FAILED, f"the plan was not opened: {result.error}")
        ids = {each.step.index: each.step_id for each in plan.record.steps}
        step_ids = [ids[each.step.index] for each in plan.actions]
        record = self.ports.store.run(run.run_id)
        gas = simulated_gas(record, plan.actions, self.ports.policy)
        return ActionExecution(self.ports, run.run_id, plan.actions, step_ids, gas, plan.plan)

    async def verify(
        self, run: NewRun, plan: ApprovedRun, results: Mapping[int, StepResult]
    ) -> Ending:
        """Compare the tiers with the simulation."""
        assert plan.simulated is not None  # noqa: S101 - only simulated plans are opened
        before = plan.plan.state
        return await verified_ending(self.ports, run.run_id, before, plan.simulated, results)

    def _opening_request(self, run_id: str, plan: ApprovedRun) -> StepRequest:
        assert plan.opening_call is not None  # noqa: S101 - it was simulated
        ports, call = self.ports, plan.opening_call
        detail = {"plan_hash": ports.plans.hash_of(plan.plan), "target": call.target}
        return StepRequest(
            step_id=ports.store.open_step(run_id, detail),
            key=_opening_key(run_id),
            call=call,
            gas_cap=ports.policy.gas_limit * OPENING_FACTOR,
            expires_at=datetime.fromtimestamp(plan.plan.deadline, UTC),
        )

    async def _submitted_opening(self, run_id: str) -> Sent | None:
        """Return the previously submitted opening, whose signatures may have differed."""
        for intent in await self.ports.transactions.of_run(run_id):
            if intent.intent.idempotency_key == _opening_key(run_id):
                return Sent(intent_id=intent.intent_id, step_id=intent.intent.step_id)
        return None


async def resume_approved(
    ports: TierRunDependencies, record: RunRecord, ticket: TicketRecord, *, armed: bool
) -> RunRecord:
    """Advance a run as far as its approval allows; it then still waits or is closed.

    A keeper that is not armed decides nothing, since it sends no notices.

    Raises:
        NotSettledError: A transaction did not settle in time; the next call resumes the run.
        AwaitingFundsError: The approved plan waits for native tokens.
        StoreUnavailableError, LeaseHeldError, StaleLeaseError: Nothing can be written; the next
            call resumes the run.
    """
    if not armed:
        return record
    run_id, known = record.run.run_id, ticket.state
    snapshot = await ports.chain.snapshot()
    state = await ticket_state(ports.approvals, ticket, snapshot.at)
    begun = any(each.status is not StepStatus.PENDING for each in record.steps) or record.openings
    if state not in REFUSED_TICKETS and not begun:
        state = _void_outdated(ports, ticket, snapshot) or state
    refusal = _refusal(ports, run_id)
    if refusal is not None:
        was_granted = TicketState.GRANTED in {known, state} or _was_granted(record)
        return await _end_refused(ports, record, refusal, was_granted=was_granted)
    if state is TicketState.WAITING:
        return record
    driver = RunDriver(ports, ApprovedStrategy(ports))
    ending = await driver.ending(record.run, ticket)
    assert ending is not None  # noqa: S101 - the run no longer waits
    if ending.status is RunStatus.FAILED and _refusal(ports, run_id) is not None:
        ending = Ending(RunStatus.REFUSED, ending.reason)
    return driver.close(run_id, ending)


def _void_outdated(
    ports: TierRunDependencies, ticket: TicketRecord, snapshot: VaultSnapshot
) -> TicketState | None:
    """Void a request that the vault's state has made obsolete; return its state."""
    run_id, tolerance = ticket.ticket.run_id, ports.policy.moved_state_bps
    moved = has_moved(ticket.ticket.vault_plan.state, snapshot.tier_values, tolerance)
    reason = None
    if _needs_cash(ports, snapshot):
        reason = SUPERSEDED
    elif moved is not None:
        reason = (
            f"{Tier(moved).name} has changed by more than {tolerance} bps of the vault since the "
            "plan was made"
        )
    if reason is None:
        return None
    ports.tickets.decide(run_id, TicketState.VOID, reason)
    ports.progress(f"run {run_id} no longer waits for approval: {reason}")
    return TicketState.VOID


def _needs_cash(ports: TierRunDependencies, snapshot: VaultSnapshot) -> bool:
    plan = propose(ports, snapshot, TriggerKind.LIQUIDITY).plan
    return any(leg.to_tier is Tier.L1 for leg in plan.actions)


async def _end_refused(
    ports: TierRunDependencies, record: RunRecord, reason: str, *, was_granted: bool
) -> RunRecord:
    """Close a refused run: wait for signed transactions and withdraw the other intents.

    Operators who were notified of the approval are notified of the closing too. A refusal after all
    actions are done has no effect.
    """
    run_id, driver = record.run.run_id, RunDriver(ports, ApprovedStrategy(ports))
    await interrupt_run(ports, run_id, reason, armed=True)
    ended = ports.store.run(run_id)
    is_begun = any(each.status is StepStatus.DONE for each in ended.steps)
    if is_begun and status_of(ended) is RunStatus.DONE:
        return driver.close(run_id, Ending(RunStatus.DONE, None))
    ending = Ending(RunStatus.PARTIAL if is_begun else RunStatus.REFUSED, reason)

    def notify(vault: str, record: RunRecord) -> Notification:
        known = notification_of(vault, record) if was_granted or is_begun else NOTHING
        over = (key_of(run_id), f"vault {vault}: the plan will not be executed: {reason}")
        return replace(known, over=(*known.over, over))

    return driver.close(run_id, ending, notify)


def _was_granted(record: RunRecord) -> bool:
    return bool((detail_of(record, Stage.APPROVAL) or {}).get("granted"))


def _refusal(ports: TierRunDependencies, run_id: str) -> str | None:
    """Return why approvers refused the plan; None if they did not."""
    ticket = ports.tickets.ticket(run_id)
    return None if ticket is None else refusal_of(ticket)


def _opening_key(run_id: str) -> str:
    return f"{run_id}:opening"
