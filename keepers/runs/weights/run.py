"""One weights run: a portfolio's assets move to their targets in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.errors import BallastError
from keepers.model.money import WHOLE_BPS, format_rounded
from keepers.model.notice import Notification
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import WeightsSimulation
from keepers.runs.driver import RunDriver
from keepers.runs.policy import SWAP_FACTOR
from keepers.runs.results import Ending, StepResult, ending_of
from keepers.runs.strategy import IndependentSteps, RunStrategy, StepRequest
from keepers.runs.tiers.notifications import notification_of as tiers_notification_of
from keepers.runs.tiers.verification import compared, take_sample
from keepers.runs.weights.dependencies import WeightRunDependencies, tier_of, trigger_of
from keepers.runs.weights.details import PLACES, plan_detail, simulation_detail, step_of
from keepers.runs.weights.notifications import notification_of
from keepers.runs.weights.plan import WeightsDraft
from keepers.runs.weights.preview import WeightsPreview, preview_weights
from keepers.runs.weights.risk import WeightsRisk

Values = dict[str, int]


def verify_weights(
    ports: WeightRunDependencies,
    run_id: str,
    draft: WeightsDraft,
    simulated: WeightsSimulation,
    after: VaultSnapshot,
) -> bool:
    """Compare the vault at the receipt's block with the simulation, and record the result.

    Returns:
        Whether a deviation exceeds the tolerance, which raises an alert. A holding is measured as a
        share of its portfolio, a tier as a share of the vault.
    """
    tier, before = draft.portfolio.tier, draft.snapshot
    found, planned = _values(after, tier), dict(simulated.values)
    assert simulated.tier_values is not None  # noqa: S101 - the simulation passed
    worst = _deviation(planned, found)
    detail = {
        **compared(ports.runs, before.tier_values, simulated.tier_values, after, worst),
        "weights": {
            "before": _shares(_values(before, tier)),
            "planned": _shares(planned),
            "after": _shares(found),
        },
    }
    ports.runs.record(run_id, Stage.VERIFICATION, detail)
    take_sample(ports.runs, after, "after")
    return bool(detail["alert"])


def _deviation(planned: Values, found: Values) -> Fraction:
    """Return the largest deviation of a holding, in basis points of the portfolio."""
    total = sum(found.values())
    off = max((abs(planned.get(asset, 0) - value) for asset, value in found.items()), default=0)
    return Fraction(off * WHOLE_BPS, total) if total else Fraction(WHOLE_BPS if off else 0)


def _values(snapshot: VaultSnapshot, tier: Tier) -> Values:
    return {each.asset: each.value for each in snapshot.positions if each.tier == tier}


def _shares(values: Values) -> dict[str, str]:
    total = sum(values.values())
    return {
        asset: format_rounded(Fraction(value, total), PLACES) if total else "0"
        for asset, value in values.items()
    }


ASKED = "requested by an operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsOrder:
    """Request for a weights run.

    Attributes:
        tier: Tier of the portfolio.
        cause: Displayed reason.
        preview: The run's preview.
    """

    tier: Tier
    cause: str
    preview: WeightsPreview


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWeights:
    """The trades of a weights run in its stages; `step_id` is set once stored."""

    preview: WeightsPreview
    draft: WeightsDraft
    risk: WeightsRisk
    step_id: int | None = None

    @property
    def simulated(self) -> WeightsSimulation:
        """Return the simulated result of the call."""
        assert self.preview.simulated is not None  # noqa: S101 - else the run is closed
        return self.preview.simulated


@dataclass(frozen=True, slots=True)
class WeightsStrategy(RunStrategy[WeightsOrder, PlannedWeights]):
    """Strategy of weights runs; the stages record the findings of the preview."""

    ports: WeightRunDependencies

    interruption = "run {run_id} was interrupted; determining its outcome"
    interrupted = "interrupted; replanned"
    has_summary = True

    async def plan(self, run: NewRun, request: WeightsOrder) -> PlannedWeights | Ending:
        """Record the plan."""
        runs, found, tier = self.ports.runs, request.preview, request.tier
        block = found.snapshot.block_number
        runs.progress(f"weights of {tier.name}: block {block}: {request.cause}")
        runs.record(run.run_id, Stage.PLAN, plan_detail(found, tier, request.cause))
        for each in found.left_out:
            runs.progress(f"plan: {each.text}")
        if found.drafted is None:
            assert found.ending is not None  # noqa: S101 - set if nothing was planned
            return found.ending
        draft, risk = found.drafted
        return PlannedWeights(preview=found, draft=draft, risk=risk)

    async def assess_risk(self, run: NewRun, plan: PlannedWeights) -> PlannedWeights | Ending:
        """Record the risk, and close a run that was not simulated."""
        self.ports.runs.record(run.run_id, Stage.RISK, plan.risk.detail)
        for warning in plan.risk.warnings:
            self.ports.runs.progress(f"risk: warning: {warning}")
        for note in plan.risk.notes:
            self.ports.runs.progress(f"risk: note: {note}")
        if plan.preview.simulated is None:
            return plan.preview.ending or Ending(RunStatus.NOTHING_TO_DO, None)
        return plan

    async def simulate(self, run: NewRun, plan: PlannedWeights) -> PlannedWeights | Ending:
        """Record the simulation, and store the step if it passed."""
        runs = self.ports.runs
        runs.record(run.run_id, Stage.SIMULATION, simulation_detail(plan.simulated))
        if plan.preview.ending is not None:
            return plan.preview.ending
        (step_id,) = self.ports.store.add_steps(run.run_id, [step_of(plan.draft)])
        runs.progress(f"simulation: passed, {len(plan.draft.swaps)} trade(s)")
        return replace(plan, step_id=step_id)

    async def execution(self, run: NewRun, plan: PlannedWeights) -> IndependentSteps:
        """Return the single step."""
        runs, draft = self.ports.runs, plan.draft
        take_sample(runs, draft.snapshot, "before")
        assert draft.call is not None and plan.step_id is not None  # noqa: S101, PT018 - simulated
        request = StepRequest(
            step_id=plan.step_id,
            key=f"{run.run_id}:0",
            call=draft.call,
            gas_cap=runs.policy.gas_limit * SWAP_FACTOR,
            expires_at=draft.deadline,
        )
        titles = {0: f"weights of {draft.portfolio.tier.name}"}
        return IndependentSteps(requests={0: request}, titles=titles)

    async def verify(
        self, run: NewRun, plan: PlannedWeights, results: Mapping[int, StepResult]
    ) -> Ending:
        """Compare tiers and holdings with the simulation; an unreadable result counts as done."""
        ending, result = ending_of(results), results[0]
        if result.status is not StepStatus.DONE:
            return ending
        assert result.block is not None  # noqa: S101 - it is included in a block
        try:
            after = await self.ports.runs.chain.snapshot(result.block)
        except BallastError as error:
            return Ending(RunStatus.DONE, f"done, but the result cannot be verified: {error}")
        alert = verify_weights(self.ports, run.run_id, plan.draft, plan.simulated, after)
        text = "ALERT: not as simulated" if alert else "passed"
        self.ports.runs.progress(f"verification: {text}")
        return ending

    def notification(self, vault: str, record: RunRecord) -> Notification:
        """Return the messages about a finished run."""
        if record.status is RunStatus.INTERRUPTED:
            return tiers_notification_of(vault, record)
        return notification_of(tier_of(record.run.trigger), vault, record)


def driver_of(ports: WeightRunDependencies) -> RunDriver[WeightsOrder, PlannedWeights]:
    """Return the driver of a vault's weights runs."""
    return RunDriver(ports.runs, WeightsStrategy(ports))


async def rebalance_weights(
    ports: WeightRunDependencies,
    tier: Tier,
    *,
    armed: bool,
    cause: str = ASKED,
    preview: WeightsPreview | None = None,
) -> RunRecord:
    """Resolve an interrupted run, then plan and, if armed, trade once.

    Args:
        ports: The ports.
        tier: Tier of the portfolio.
        armed: Whether anything may be sent.
        cause: Displayed reason.
        preview: A recent preview of the run; made here if None.

    Returns:
        The stored run, including a refused or failed one.

    Raises:
        BallastError: The vault cannot be read, or the outcome of a transaction is unknown; then the
            run stays open and the next one resolves it.
    """
    driver = driver_of(ports)
    await driver.recover(armed=armed)
    if preview is None:
        preview = await preview_weights(ports, tier)
    run = driver.open(trigger_of(tier), armed=armed)
    return await driver.conduct(run, WeightsOrder(tier=tier, cause=cause, preview=preview))
