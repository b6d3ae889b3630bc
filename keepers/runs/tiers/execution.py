"""Stage 5: the actions one after the other; what depends on a failed one is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keepers.model.approval import ApprovablePlan
from keepers.model.chain import ContractCall
from keepers.model.errors import BallastError
from keepers.model.errors.chain import ChainError
from keepers.model.numerals import format_units
from keepers.model.order import OrderKind
from keepers.model.run import Stage, StepRecord, StepStatus
from keepers.model.tier_config import TierValues
from keepers.runs.approvals.state import refusal_of
from keepers.runs.driver import RunDriver, StepRequest
from keepers.runs.results import (
    Ending,
    StepResult,
    failures_of,
    result_of,
    results_detail,
    status_of,
)
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.amounts import affordable, ceil_share
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.strategy import driver_of
from keepers.runs.tiers.verification import verify

Results = dict[int, StepResult]


@dataclass(slots=True)
class Execution:
    """The actions of a run and how those ended that have.

    Attributes:
        world: The ports.
        actions: What is to be done, each once, whatever was done of it before.
        step_ids: The actions' steps.
        approved: The plan by which they are approved, if they are; then nothing of them changes.
        results: How those ended that have.
    """

    world: TierRunDependencies
    actions: Sequence[Action]
    step_ids: Sequence[int]
    approved: ApprovablePlan | None = None
    results: Results = field(default_factory=Results)
    _intents: dict[int, int] = field(default_factory=dict[int, int])

    async def run(self, run_id: str) -> Mapping[int, StepResult]:
        """Execute by priority; independent actions go on when others fail.

        Raises:
            NotSettledError: How one ends is not known in time; the next run goes on.
            AwaitingFundsError: An approved action waits for coins; so does the run.
        """
        for action in sorted(self.actions, key=_order):
            await self._check_earlier()
            result = self._ended(run_id, action) or self._unwanted(run_id, action)
            if result is None:
                result = await self._one(run_id, action)
            self.results[action.step.index] = result
            self.world.progress(_line(action, result))
        await self._check_earlier()
        self._driver.record_once(run_id, Stage.EXECUTION, results_detail(self.results))
        return self.results

    async def _check_earlier(self) -> None:
        """What a reorganisation has taken back is waited for again, and may end otherwise."""
        for index, intent_id in self._intents.items():
            known = await self.world.transactions.intent(intent_id)
            if known.is_included or known.has_ended:
                step = await self.world.transactions.step(known.intent.step_id)
                self.results[index] = result_of(known, step)
            else:
                self.world.progress(f"action {index + 1}: its block is gone; waiting for it again")
                self.results[index] = await self._driver.settle(intent_id)

    def _ended(self, run_id: str, action: Action) -> StepResult | None:
        """How an action ended that was never asked for; what was is found by its intent."""
        known = self._known(run_id, action)
        if known.attempts or known.status not in {StepStatus.FAILED, StepStatus.SKIPPED}:
            return None
        return StepResult(known.status, error=known.error)

    def _unwanted(self, run_id: str, action: Action) -> StepResult | None:
        """Leave out what people refuse while the plan is executed, unless it is under way."""
        ticket = None if self.approved is None else self.world.tickets.ticket(run_id)
        refusal = None if ticket is None else refusal_of(ticket)
        if refusal is None or self._known(run_id, action).status is not StepStatus.PENDING:
            return None
        return self._skip(action, refusal)

    def _known(self, run_id: str, action: Action) -> StepRecord:
        step_id = self._step_id(action)
        return next(
            each for each in self.world.journal.run(run_id).steps if each.step_id == step_id
        )

    async def _one(self, run_id: str, action: Action) -> StepResult:
        for index in action.step.depends_on:
            if self.results[index].status is not StepStatus.DONE:
                status = self.results[index].status.lower()
                return self._skip(action, f"needs action {index + 1}, which was {status}")
        amount = self._amount(action)
        if amount == 0:
            return self._skip(action, "the sales before it brought nothing")
        step_id = self._step_id(action)
        try:
            call = await self._call(action, amount)
        except ChainError as error:
            self.world.journal.fail_step(step_id, str(error))
            return StepResult(StepStatus.FAILED, error=str(error))
        request = StepRequest(
            step_id=step_id,
            key=f"{run_id}:{action.step.index}",
            call=call,
            gas_cap=self.world.policy.gas_limit_of(action.position.kind),
            expires_at=action.deadline,
        )
        (intent_id,) = await self._driver.submit([request])
        self._intents[action.step.index] = intent_id
        return await self._driver.settle(intent_id, waits=self.approved is not None)

    def _amount(self, action: Action) -> int:
        """What is really spent: never more than planned, nor than the sales before it brought.

        What is approved is spent as it was signed; what its sales lost comes out of L1.
        """
        if action.order.kind is OrderKind.SALE or self.approved is not None:
            return action.step.amount_in
        orders = {each.step.index: each.order for each in self.actions}
        proceeds = {index: result.received for index, result in self.results.items()}
        return min(action.step.amount_in, affordable(action.order, proceeds, orders))

    async def _call(self, action: Action, amount: int) -> ContractCall:
        """The call as planned, or for less, with its minimum output in proportion."""
        step = action.step
        if self.approved is not None:
            return self.world.plans.execute_call(self.approved, self.actions.index(action))
        if amount == step.amount_in:
            return action.call
        return await self.world.market.call(
            action.order.kind,
            action.position,
            amount_in=amount,
            minimum_out=ceil_share(step.minimum_out, amount, step.amount_in),
            deadline=action.deadline,
        )

    def _skip(self, action: Action, reason: str) -> StepResult:
        self.world.journal.skip_step(self._step_id(action), reason)
        return StepResult(StepStatus.SKIPPED, error=reason)

    @property
    def _driver(self) -> RunDriver:
        return driver_of(self.world)

    def _step_id(self, action: Action) -> int:
        return self.step_ids[self.actions.index(action)]


async def execute_and_verify(
    execution: Execution, run_id: str, before: TierValues, simulated: TierValues
) -> Ending:
    """Execute the actions and verify the tiers; stages 5 and 6.

    Args:
        execution: The actions.
        run_id: Their run.
        before: The tiers that the plan was made from.
        simulated: The tiers as the simulation left them.

    Raises:
        NotSettledError, AwaitingFundsError: As `Execution.run`.
    """
    world = execution.world
    results = await execution.run(run_id)
    record = world.journal.run(run_id)
    status, reason = status_of(record), failures_of(record)
    try:
        alert = await verify(world, run_id, before, simulated, results)
    except BallastError as error:
        return Ending(status, reason or f"done, but the result cannot be verified: {error}")
    world.progress(
        "verification: ALERT: not as simulated" if alert else "verification: as simulated"
    )
    return Ending(status, reason)


def _order(action: Action) -> tuple[int, int]:
    return action.step.priority, action.step.index


def _line(action: Action, result: StepResult) -> str:
    what = f"action {action.step.index + 1}, {action.title}: {result.status.lower()}"
    if result.status is not StepStatus.DONE:
        return f"{what}: {result.error}"
    if action.order.kind is OrderKind.SALE:
        return f"{what} in block {result.block}"
    received = format_units(result.received, action.position.decimals)
    return f"{what} in block {result.block}, received {received} {action.step.symbol}"
