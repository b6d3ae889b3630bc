"""One maintenance run: everything that is due now, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from keepers.model.errors.chain import FeeAboveCapError
from keepers.model.maintenance import MaintenanceTask
from keepers.model.ports import Chain
from keepers.model.run import NewRun, RunRecord, Stage
from keepers.model.step import MaintenanceStep
from keepers.model.vault import VaultSnapshot
from keepers.runs.driver import RunDriver
from keepers.runs.strategy import IndependentSteps, RunPorts, RunStrategy, StepRequest

TRIGGER = "upkeep"


class MaintenanceTasks(Protocol):
    """Finder of due maintenance tasks."""

    async def due(self, snapshot: VaultSnapshot) -> tuple[MaintenanceTask, ...]:
        """Return the tasks that would have an effect if sent now, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceDependencies(RunPorts):
    """Ports of one vault's maintenance."""

    chain: Chain
    chores: MaintenanceTasks


@dataclass(frozen=True, slots=True)
class DueTasks:
    """Due tasks in order, and the time after which none of them is sent."""

    tasks: tuple[MaintenanceTask, ...]
    expires_at: datetime
    step_ids: tuple[int, ...] = ()

    @property
    def steps(self) -> list[MaintenanceStep]:
        """The tasks as steps."""
        return [_step(index, each) for index, each in enumerate(self.tasks)]


@dataclass(frozen=True, slots=True)
class MaintenanceStrategy(RunStrategy[DueTasks, DueTasks]):
    """Strategy of maintenance runs: one transaction per task, one after the other."""

    ports: MaintenanceDependencies

    interruption = "maintenance run {run_id} was interrupted; determining its outcome"
    interrupted = "interrupted; replanned"
    ends_on_errors = False

    async def plan(self, run: NewRun, request: DueTasks) -> DueTasks:
        """Record the tasks."""
        ports, tasks = self.ports, request.tasks
        detail = {"chores": [_detail(each) for each in tasks]}
        ports.store.record_stage(run.run_id, Stage.PLAN, detail)
        step_ids = ports.store.add_steps(run.run_id, request.steps)
        for each in tasks:
            ports.progress(f"maintenance: {each.reason}")
        return DueTasks(tasks, request.expires_at, step_ids)

    async def execution(self, run: NewRun, plan: DueTasks) -> IndependentSteps:
        """Return the tasks as steps."""
        requests = {
            index: StepRequest(
                step_id=step_id,
                key=f"{run.run_id}:{task.key}",
                call=task.call,
                gas_cap=self.ports.policy.gas_limit,
                expires_at=plan.expires_at,
            )
            for index, (step_id, task) in enumerate(zip(plan.step_ids, plan.tasks, strict=True))
        }
        titles = [f"maintenance: {each.kind.lower()} of {each.symbol}" for each in plan.tasks]
        return IndependentSteps(requests=requests, titles=dict(enumerate(titles)))


async def run_maintenance(
    ports: MaintenanceDependencies, snapshot: VaultSnapshot | None = None, *, armed: bool
) -> RunRecord | None:
    """Resolve an interrupted run, then execute the due tasks, if armed.

    Args:
        ports: The ports.
        snapshot: The vault as just read by a tick, to save requests; read again if absent or after
            an interrupted run.
        armed: Whether to send.

    Returns:
        The stored run; None if nothing is due, if the fee limit is exceeded, or if the last dry run
        showed the same tasks.

    Raises:
        NotSettledError: The outcome of a transaction is unknown; the run stays open and the next
            one resolves it.
    """
    driver = RunDriver(ports, MaintenanceStrategy(ports))
    interrupted = await driver.recover(armed=armed)
    if interrupted or snapshot is None:
        snapshot = await ports.chain.snapshot()
    expires_at = snapshot.at + timedelta(seconds=ports.policy.plan_expiry_seconds)
    due = DueTasks(await ports.chores.due(snapshot), expires_at)
    if not due.tasks:
        return None
    if armed and not await _is_affordable(ports):
        return None
    if not armed and driver.was_shown(due.steps):
        return None
    return await driver.conduct(driver.open(TRIGGER, armed=armed), due)


async def _is_affordable(ports: MaintenanceDependencies) -> bool:
    """Return False if the fee limit would keep a run waiting; the next check retries."""
    try:
        await ports.transactions.fees()
    except FeeAboveCapError as error:
        ports.progress(f"maintenance: postponed: {error}")
        return False
    return True


def _step(index: int, task: MaintenanceTask) -> MaintenanceStep:
    return MaintenanceStep(
        index=index,
        kind=task.kind,
        reason=task.reason,
        target=task.call.target,
        calldata=task.call.calldata,
        subject=task.subject,
        symbol=task.symbol,
        shares=task.shares,
        assets=task.assets,
    )


def _detail(task: MaintenanceTask) -> dict[str, Any]:
    return {
        "kind": task.kind,
        "key": task.key,
        "symbol": task.symbol,
        "shares": str(task.shares),
        "assets": str(task.assets),
        "reason": task.reason,
    }
