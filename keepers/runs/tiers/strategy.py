"""Strategy of runs of tiers: how they are recovered and closed, and which run does their rest."""

from __future__ import annotations

from functools import partial

from keepers.model.run import NewRun, RunRecord, Stage, StepStatus
from keepers.runs.driver import RunDriver, RunStrategy
from keepers.runs.results import detail_of
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.notifications import telling_of

INTERRUPTED = "interrupted; planned anew"


def driver_of(world: TierRunDependencies) -> RunDriver:
    """Return the driver of a vault's runs of tiers."""
    strategy = RunStrategy(
        interruption="run {run_id} was interrupted; finding out how its actions ended",
        interrupted=INTERRUPTED,
        has_summary=True,
        telling=telling_of,
        successor=partial(_after_interruption, world),
    )
    return RunDriver(world, strategy)


def follower_of(world: TierRunDependencies, record: RunRecord) -> NewRun | None:
    """Return the run that asks for approval of what a run has left; None if it has left nothing."""
    origin = record.run.follows
    if origin is None:
        plan = detail_of(record, Stage.PLAN)
        origin = record.run.run_id if plan is not None and "rest" in plan else None
    if origin is None:
        return None
    return driver_of(world).new_run(record.run.trigger, armed=True, follows=origin)


def _after_interruption(world: TierRunDependencies, record: RunRecord) -> NewRun | None:
    """Return the follower, where nothing but the rest of the interrupted run is left."""
    is_done = bool(record.steps) and all(each.status is StepStatus.DONE for each in record.steps)
    return follower_of(world, record) if record.run.follows is not None or is_done else None
