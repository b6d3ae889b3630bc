"""Stages of a tier run, from a snapshot of the vault to the verified result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias

from keepers.model.notice import Notification
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import TierValues
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.driver import RunDriver, new_run
from keepers.runs.results import Ending, StepResult, detail_of
from keepers.runs.strategy import DRY, PlanT, RequestT, RunRefusedError, RunStrategy
from keepers.runs.tiers.approval import request_approval
from keepers.runs.tiers.build_actions import TierRunPlan, make_plan
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.execution import ActionExecution
from keepers.runs.tiers.notifications import notification_of
from keepers.runs.tiers.risk import (
    assess_risk,
    leave_waiting,
    nothing_tradable,
    shortfalls_of,
)
from keepers.runs.tiers.shape import refuse_turned_down
from keepers.runs.tiers.simulation import simulate
from keepers.runs.tiers.tier_plan import Proposal, rest_text
from keepers.runs.tiers.verification import take_sample, verified_ending

INTERRUPTED = "interrupted; replanned"
AFTER_APPROVAL = "it would wait for approval; it is simulated once approved"
MOVED = frozenset({RunStatus.DONE, RunStatus.PARTIAL})

Source: TypeAlias = Callable[[VaultSnapshot], Awaitable[Proposal]]
"""Proposes a plan for a vault's state."""


@dataclass(frozen=True, slots=True)
class TierRunStrategy(RunStrategy[RequestT, PlanT], Generic[RequestT, PlanT]):
    """Recovery, notifications and follow-up runs of tier runs, approved or not."""

    ports: TierRunDependencies

    interruption = "run {run_id} was interrupted; determining the outcome of its actions"
    interrupted = INTERRUPTED
    has_summary = True

    def notification(self, vault: str, record: RunRecord) -> Notification:
        """Return the messages about a finished run."""
        return notification_of(vault, record)

    def follower(self, record: RunRecord) -> NewRun | None:
        """Return the follow-up run that requests approval of the rest of the plan, or None.

        Runs that moved something are followed up, and interrupted runs of which only the rest is
        left. A follow-up run that is not interrupted has no follow-up itself.
        """
        is_follower = record.run.follows is not None
        if record.status is RunStatus.INTERRUPTED:
            is_done = all(each.status is StepStatus.DONE for each in record.steps)
            is_due = is_follower or (bool(record.steps) and is_done)
        else:
            is_due = record.run.armed and record.status in MOVED and not is_follower
        plan = detail_of(record, Stage.PLAN)
        has_rest = plan is not None and "rest" in plan
        origin = record.run.follows or (record.run.run_id if has_rest else None)
        if origin is None or not is_due:
            return None
        return new_run(self.ports, record.run.trigger, armed=True, follows=origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDraft:
    """A plan in the stages of its run.

    Attributes:
        proposal: The whole tier plan.
        planned: The part executed by this run.
        shortfalls: The parts that are not possible now.
        simulated: The tier values after the simulation, if any.
    """

    proposal: Proposal
    planned: TierRunPlan
    shortfalls: str = ""
    simulated: TierValues | None = None


@dataclass(frozen=True, slots=True)
class TierStrategy(TierRunStrategy[Source, TierDraft]):
    """Strategy of tier runs that plan a source's proposal and, if armed, execute it at once."""

    async def plan(self, run: NewRun, request: Source) -> TierDraft:
        """Read the vault, and create the orders of the proposal for it."""
        ports = self.ports
        snapshot = await ports.chain.snapshot()
        take_sample(ports, snapshot, "before")
        ports.progress(f"plan: vault {ports.vault} at block {snapshot.block_number}")
        proposal = await request(snapshot)
        planned = await make_plan(ports, run.run_id, proposal, snapshot)
        for cause in planned.plan.triggers:
            ports.progress(f"plan: {cause.reason}")
        for each in planned.left_out:
            ports.progress(f"plan: {each.text}")
        ports.progress(f"plan: {len(planned.actions)} action(s)")
        return TierDraft(proposal=proposal, planned=planned)

    async def assess_risk(self, run: NewRun, plan: TierDraft) -> TierDraft | Ending:
        """Leave actions that must not run now to a later run."""
        ports, planned = self.ports, plan.planned
        verdict = await assess_risk(ports, run.run_id, planned, ports.readings)
        for warning in verdict.warnings:
            ports.progress(f"risk: warning: {warning}")
        for note in verdict.notes:
            ports.progress(f"risk: note: {note}")
        if planned.plan.actions and not planned.actions:
            raise RunRefusedError(Stage.PLAN, nothing_tradable(planned))
        if not planned.actions:
            return Ending(RunStatus.NOTHING_TO_DO, plan.proposal.idle)
        ports.progress("risk: passed")
        leave_waiting(ports, planned, verdict.waiting)
        shortfalls = "; ".join(shortfalls_of(planned))
        return replace(plan, planned=verdict.admitted, shortfalls=shortfalls)

    async def ask_approval(self, run: NewRun, plan: TierDraft) -> TierDraft | Ending | None:
        """Request the approvals that the plan requires; an unarmed run requests none."""
        planned = plan.planned
        if run.trigger != TriggerKind.MANUAL:
            refuse_turned_down(self.ports, plan.proposal.plan, planned)
        if await request_approval(self.ports, run.run_id, planned, armed=run.armed):
            return None
        if planned.plan.approval.required:
            return Ending(RunStatus.DRY_RUN, _joined(DRY, AFTER_APPROVAL, plan.shortfalls))
        return plan

    async def simulate(self, run: NewRun, plan: TierDraft) -> TierDraft:
        """Leave out actions that would fail on the current chain state."""
        planned, simulated = await simulate(self.ports, run.run_id, plan.planned)
        self.ports.progress("simulation: passed")
        return replace(plan, planned=planned, simulated=simulated)

    def dry_reason(self, plan: TierDraft) -> str:
        """Return the reason, including the rest that an armed run would leave to a follow-up."""
        rest = rest_text(plan.proposal, plan.planned.plan)
        return "; ".join(filter(None, (DRY, rest, plan.shortfalls)))

    async def execution(self, run: NewRun, plan: TierDraft) -> ActionExecution:
        """Return the actions as steps."""
        planned = plan.planned
        return ActionExecution(
            self.ports, run.run_id, planned.actions, planned.step_ids, planned.gas
        )

    async def verify(
        self, run: NewRun, plan: TierDraft, results: Mapping[int, StepResult]
    ) -> Ending:
        """Compare the tiers with the simulation."""
        assert plan.simulated is not None  # noqa: S101 - only simulated plans are executed
        before = plan.planned.snapshot.tier_values
        ending = await verified_ending(self.ports, run.run_id, before, plan.simulated, results)
        return Ending(ending.status, _joined(ending.reason, plan.shortfalls))


def driver_of(ports: TierRunDependencies) -> RunDriver[Source, TierDraft]:
    """Return the driver of a vault's tier runs."""
    return RunDriver(ports, TierStrategy(ports))


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None
