"""One run of maintenance: everything that is due now, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from structlog.contextvars import bound_contextvars

from keepers.model.errors.chain import FeeAboveCapError
from keepers.model.maintenance import MaintenanceTask
from keepers.model.ports import Chain, Clock, Journal, Progress
from keepers.model.run import RunRecord, RunStatus
from keepers.model.step import MaintenanceStep
from keepers.model.vault import VaultSnapshot
from keepers.runs.driver import DRY, RunDriver, RunStrategy, StepRequest
from keepers.runs.policy import RunPolicy
from keepers.runs.results import StepResult
from keepers.transactions.engine import TransactionEngine


class Chores(Protocol):
    """Finds what is due."""

    async def due(self, snapshot: VaultSnapshot) -> tuple[MaintenanceTask, ...]:
        """Return the tasks that would have an effect if they were sent now, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceDependencies:
    """The ports of one vault's upkeep; `keeper` is who sends.

    The journal is one of runs of upkeep, of which a vault has at most one that is open.
    """

    vault: str
    chain_id: int
    journal: Journal
    chain: Chain
    chores: Chores
    keeper: str
    transactions: TransactionEngine
    clock: Clock
    policy: RunPolicy
    progress: Progress


TRIGGER = "upkeep"

STRATEGY = RunStrategy(
    interruption="upkeep {run_id} was interrupted; finding out how it ended",
    interrupted="interrupted; looked for anew",
)


async def run_maintenance(
    world: MaintenanceDependencies, snapshot: VaultSnapshot | None = None, *, armed: bool
) -> RunRecord | None:
    """Resolve what was interrupted, then do what is due, if armed.

    Args:
        world: The ports.
        snapshot: The vault as a tick has just read it, so that a tick without tasks costs no
            request; read anew where something was interrupted, or without one.
        armed: Whether to send.

    Returns:
        The run as it is stored; None where nothing is due, or where nothing is sent and the last
        run has shown the same: then nothing is opened.

    Raises:
        NotSettledError: How a transaction ended is not known; the run stays open, and the next one
            finds out.
    """
    driver = RunDriver(world, STRATEGY)
    interrupted = await driver.recover(armed=armed)
    if interrupted or snapshot is None:
        snapshot = await world.chain.snapshot()
    chores = await world.chores.due(snapshot)
    if not chores:
        return None
    if armed and not await _is_affordable(world):
        return None
    planned = [_step(index, each) for index, each in enumerate(chores)]
    if not armed and driver.was_shown(planned):
        return None
    run = driver.open(TRIGGER, armed=armed)
    with bound_contextvars(run=run.run_id, vault=world.vault):
        steps = driver.plan(run.run_id, {"chores": [_detail(each) for each in chores]}, planned)
        for each in chores:
            world.progress(f"upkeep: {each.reason}")
        if not armed:
            return driver.close(run.run_id, RunStatus.DRY_RUN, DRY)
        expires = snapshot.at + timedelta(seconds=world.policy.plan_expiry_seconds)
        results: dict[int, StepResult] = {}
        for index, (step_id, chore) in enumerate(zip(steps, chores, strict=True)):
            request = StepRequest(
                step_id=step_id,
                key=f"{run.run_id}:{chore.key}",
                call=chore.call,
                gas_cap=world.policy.gas_limit,
                expires_at=expires,
            )
            (intent_id,) = await driver.submit([request])
            results[index] = await driver.settle(intent_id)
            status = results[index].status.lower()
            world.progress(f"upkeep: {chore.kind.lower()} of {chore.symbol}: {status}")
        return driver.finish(run.run_id, results)


async def _is_affordable(world: MaintenanceDependencies) -> bool:
    """Return False where the fee limit would keep a run waiting; the next check finds it again."""
    try:
        await world.transactions.fees()
    except FeeAboveCapError as error:
        world.progress(f"upkeep: put off: {error}")
        return False
    return True


def _step(index: int, chore: MaintenanceTask) -> MaintenanceStep:
    return MaintenanceStep(
        index=index,
        kind=chore.kind,
        reason=chore.reason,
        target=chore.call.target,
        calldata=chore.call.calldata,
        subject=chore.subject,
        symbol=chore.symbol,
        shares=chore.shares,
        assets=chore.assets,
    )


def _detail(chore: MaintenanceTask) -> dict[str, Any]:
    return {
        "kind": chore.kind,
        "key": chore.key,
        "symbol": chore.symbol,
        "shares": str(chore.shares),
        "assets": str(chore.assets),
        "reason": chore.reason,
    }
