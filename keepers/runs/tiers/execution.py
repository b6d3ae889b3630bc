"""Execution of a plan's actions by priority; dependants of a failed action are skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keepers.model.approval import ApprovablePlan
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import ChainError
from keepers.model.money import format_units
from keepers.model.order import OrderKind
from keepers.model.run import StepRecord, StepStatus
from keepers.runs.amounts import affordable, ceil_share
from keepers.runs.approvals.state import refusal_of
from keepers.runs.results import StepResult
from keepers.runs.strategy import StepRequest
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.dependencies import TierRunDependencies

Results = Mapping[int, StepResult]


@dataclass(frozen=True, slots=True)
class ActionExecution:
    """The actions of a run as steps to execute.

    Attributes:
        ports: The ports.
        run_id: The run.
        actions: The actions, including those already executed.
        step_ids: Step ids in the order of `actions`.
        approved: The approved plan, if any; its actions are executed unchanged.
    """

    ports: TierRunDependencies
    run_id: str
    actions: Sequence[Action]
    step_ids: Sequence[int]
    approved: ApprovablePlan | None = None

    @property
    def groups(self) -> Sequence[Sequence[int]]:
        """Return one group per action, sorted by priority."""
        ordered = sorted(self.actions, key=lambda each: (each.step.priority, each.step.index))
        return [[each.step.index] for each in ordered]

    @property
    def waits_for_funds(self) -> bool:
        """Return whether actions stay requested while funds are missing."""
        return self.approved is not None

    async def request(self, index: int, results: Results) -> StepRequest | StepResult:
        """Return the call of an action, or its result if skipped, as when a dependency failed."""
        action = self._action(index)
        ended = self._ended(action) or self._refused(action)
        if ended is not None:
            return ended
        for other in action.step.depends_on:
            if results[other].status is not StepStatus.DONE:
                status = results[other].status.lower()
                return self._skip(action, f"needs action {other + 1}, which was {status}")
        amount = self._amount(action, results)
        if amount == 0:
            return self._skip(action, "the preceding sales had no proceeds")
        try:
            call = await self._call(action, amount)
        except ChainError as error:
            self.ports.store.fail_step(self._step_id(action), str(error))
            return StepResult(StepStatus.FAILED, error=str(error))
        return StepRequest(
            step_id=self._step_id(action),
            key=f"{self.run_id}:{index}",
            call=call,
            gas_cap=self.ports.policy.gas_limit_of(action.position.kind),
            expires_at=action.deadline,
        )

    def progress_of(self, index: int, result: StepResult) -> str:
        """Return the progress line of a finished action."""
        action = self._action(index)
        text = f"action {index + 1}, {action.title}: {result.status.lower()}"
        if result.status is not StepStatus.DONE:
            return f"{text}: {result.error}"
        if action.order.kind is OrderKind.SALE:
            return f"{text} in block {result.block}"
        received = format_units(result.received, action.position.decimals)
        return f"{text} in block {result.block}, received {received} {action.step.symbol}"

    def _ended(self, action: Action) -> StepResult | None:
        """Return the result of a finished action that was never submitted, else None."""
        known = self._stored(action)
        if known.attempts or known.status not in {StepStatus.FAILED, StepStatus.SKIPPED}:
            return None
        return StepResult(known.status, error=known.error)

    def _refused(self, action: Action) -> StepResult | None:
        """Skip an action refused by approvers during execution, unless it is in progress."""
        ticket = None if self.approved is None else self.ports.tickets.ticket(self.run_id)
        refusal = None if ticket is None else refusal_of(ticket)
        if refusal is None or self._stored(action).status is not StepStatus.PENDING:
            return None
        return self._skip(action, refusal)

    def _amount(self, action: Action, results: Results) -> int:
        """Return the amount to spend: at most as planned, and at most its sales' proceeds.

        An approved action spends the signed amount; losses of its sales are taken from L1.
        """
        if action.order.kind is OrderKind.SALE or self.approved is not None:
            return action.step.amount_in
        orders = {each.step.index: each.order for each in self.actions}
        proceeds = {index: result.received for index, result in results.items()}
        return min(action.step.amount_in, affordable(action.order, proceeds, orders))

    async def _call(self, action: Action, amount: int) -> ContractCall:
        """Return the planned call, or a smaller one with a proportional minimum output."""
        step = action.step
        if self.approved is not None:
            return self.ports.plans.execute_call(self.approved, self.actions.index(action))
        if amount == step.amount_in:
            return action.call
        return await self.ports.market.call(
            action.order.kind,
            action.position,
            amount_in=amount,
            minimum_out=ceil_share(step.minimum_out, amount, step.amount_in),
            deadline=action.deadline,
        )

    def _skip(self, action: Action, reason: str) -> StepResult:
        self.ports.store.skip_step(self._step_id(action), reason)
        return StepResult(StepStatus.SKIPPED, error=reason)

    def _stored(self, action: Action) -> StepRecord:
        steps, step_id = self.ports.store.run(self.run_id).steps, self._step_id(action)
        return next(each for each in steps if each.step_id == step_id)

    def _action(self, index: int) -> Action:
        return next(each for each in self.actions if each.step.index == index)

    def _step_id(self, action: Action) -> int:
        return self.step_ids[self.actions.index(action)]
