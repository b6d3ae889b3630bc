"""One run of weights: a portfolio's assets go to their targets in one transaction."""

from __future__ import annotations

from functools import partial

from keepers.model.errors import BallastError
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import Tier
from keepers.model.weights_run import WeightsSimulation
from keepers.runs.driver import DRY, RunDriver, RunStrategy, StepRequest
from keepers.runs.policy import SWAP_FACTOR
from keepers.runs.results import Ending, StepResult, results_detail
from keepers.runs.tiers.notifications import telling_of as tiers_telling_of
from keepers.runs.tiers.verification import take_sample
from keepers.runs.weights.dependencies import WeightRunDependencies, trigger_of
from keepers.runs.weights.details import plan_detail, simulation_detail, step_of
from keepers.runs.weights.notifications import telling_of
from keepers.runs.weights.plan import WeightsDraft
from keepers.runs.weights.preview import Look, look
from keepers.runs.weights.verification import verify_weights

ASKED = "asked for by a person"

STRATEGY = RunStrategy(
    interruption="run {run_id} was interrupted; finding out how it ended",
    interrupted="interrupted; planned anew",
    has_summary=True,
    telling=tiers_telling_of,
)


def driver_of(world: WeightRunDependencies) -> RunDriver:
    """Return the driver of a vault's runs of weights."""
    return RunDriver(world.runs, STRATEGY)


async def rebalance_weights(
    world: WeightRunDependencies,
    tier: Tier,
    *,
    armed: bool,
    cause: str = ASKED,
    found: Look | None = None,
) -> RunRecord:
    """Resolve what was interrupted, then plan and, if armed, trade once.

    Args:
        world: The ports.
        tier: Whose portfolio.
        armed: Whether anything may be sent.
        cause: Why, for people.
        found: What was found of the portfolio a moment ago; found out where it is not given.

    Returns:
        The run as the journal holds it; one that was refused or failed is a result too.

    Raises:
        BallastError: The vault cannot be read; or how a transaction ended is not known, and then
            the run stays open, and the next one finds out.
    """
    driver = driver_of(world)
    await driver.recover(armed=armed)
    if found is None:
        found = await look(world, tier)
    run = driver.open(trigger_of(tier), armed=armed)
    ending = await driver.conduct(run, partial(_stages, world, run, tier, cause, found))
    assert ending is not None  # noqa: S101 - runs of weights do not wait for approval
    return driver.close(run.run_id, ending.status, ending.reason, telling=partial(telling_of, tier))


async def _stages(
    world: WeightRunDependencies, run: NewRun, tier: Tier, cause: str, found: Look
) -> Ending:
    """How the run ends."""
    runs, run_id = world.runs, run.run_id
    runs.progress(f"weights of {tier.name}: block {found.snapshot.block_number}: {cause}")
    runs.record(run_id, Stage.PLAN, plan_detail(found, tier, cause))
    for each in found.left_out:
        runs.progress(f"plan: {each.text}")
    if found.drafted is None:
        assert found.ending is not None  # noqa: S101 - nothing was planned for a reason
        return found.ending
    made, risk = found.drafted
    runs.record(run_id, Stage.RISK, risk.detail)
    for warning in risk.warnings:
        runs.progress(f"risk: warning: {warning}")
    if found.simulated is not None:
        runs.record(run_id, Stage.SIMULATION, simulation_detail(found.simulated))
    if found.ending is not None or found.simulated is None:
        return found.ending or Ending(RunStatus.NOTHING_TO_DO, None)
    (step_id,) = world.journal.add_steps(run_id, [step_of(made)])
    runs.progress(f"simulation: passed, {len(made.swaps)} trade(s)")
    if not run.armed:
        return Ending(RunStatus.DRY_RUN, DRY)
    return await _trade(world, run_id, step_id, made, found.simulated)


async def _trade(
    world: WeightRunDependencies,
    run_id: str,
    step_id: int,
    made: WeightsDraft,
    simulated: WeightsSimulation,
) -> Ending:
    runs = world.runs
    take_sample(runs, made.snapshot, "before")
    assert made.call is not None  # noqa: S101 - there is a step
    request = StepRequest(
        step_id=step_id,
        key=f"{run_id}:0",
        call=made.call,
        gas_cap=runs.policy.gas_limit * SWAP_FACTOR,
        expires_at=made.deadline,
    )
    driver = driver_of(world)
    (intent_id,) = await driver.submit([request])
    result = await driver.settle(intent_id)
    runs.record(run_id, Stage.EXECUTION, results_detail({0: result}))
    runs.progress(f"weights of {made.scales.tier.name}: {result.status.lower()}")
    if result.status is not StepStatus.DONE:
        return Ending(RunStatus.FAILED, result.error)
    return await _verified(world, run_id, made, simulated, result)


async def _verified(
    world: WeightRunDependencies,
    run_id: str,
    made: WeightsDraft,
    simulated: WeightsSimulation,
    result: StepResult,
) -> Ending:
    """Whatever can be read afterwards, it is done."""
    assert result.block is not None  # noqa: S101 - it is in a block
    at = made.scales.tier, result.block
    try:
        alert = await verify_weights(world, run_id, made.snapshot, simulated, at)
    except BallastError as error:
        return Ending(RunStatus.DONE, f"done, but the result cannot be verified: {error}")
    world.runs.progress(
        "verification: ALERT: not as simulated" if alert else "verification: passed"
    )
    return Ending(RunStatus.DONE, None)
