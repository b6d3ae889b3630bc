"""Execution of a plan by transactions; actions that depend on a failed one are skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from keepers.model.approval import ApprovablePlan
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import ChainError
from keepers.model.money import format_units
from keepers.model.order import OrderKind
from keepers.model.run import StepRecord, StepStatus
from keepers.runs.amounts import affordable
from keepers.runs.approvals.state import refusal_of
from keepers.runs.results import StepResult
from keepers.runs.strategy import GroupRequest, PlanRequest, Sent, StepRequest
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.transactions import (
    Gas,
    approved_call,
    minimum_of,
    trades_of,
    transactions_of,
)

Results = Mapping[int, StepResult]


@dataclass(frozen=True, slots=True)
class ActionExecution:
    """The actions of a run as steps to execute.

    Attributes:
        ports: The ports.
        run_id: The run.
        actions: The actions, including those already executed.
        step_ids: Step ids in the order of `actions`.
        gas: Most gas of each action in a transaction with others.
        approved: The approved plan, if any; its actions are executed unchanged.
    """

    ports: TierRunDependencies
    run_id: str
    actions: Sequence[Action]
    step_ids: Sequence[int]
    gas: Gas
    approved: ApprovablePlan | None = None

    @property
    def groups(self) -> Sequence[Sequence[int]]:
        """Return the actions by transaction, by priority."""
        grouped = transactions_of(self.actions, self.gas, self.ports.policy)
        return [[each.step.index for each in group] for group in grouped]

    @property
    def waits_for_funds(self) -> bool:
        """Return whether actions stay requested while funds are missing."""
        return self.approved is not None

    async def request(self, group: Sequence[int], results: Results) -> GroupRequest:
        """Return the call of a group's actions, which are skipped if a dependency failed."""
        actions = [self._action(index) for index in group]
        sent = await self._sent(actions)
        ended = dict[int, StepResult]()
        left = list[Action]()
        for action in actions:
            if action.step.index in sent:
                continue
            found = self._unneeded(action, {**results, **ended}, {each.step.index for each in left})
            if found is None and len(actions) > 1:
                found = await self._untradable(action)
            if found is None:
                left.append(action)
            else:
                ended[action.step.index] = found
        if len(left) > 1:
            return GroupRequest(plan=await self._together(left, results), sent=sent, results=ended)
        calls = dict[int, StepRequest]()
        for action in left:
            found = await self._alone(action, results)
            if isinstance(found, StepRequest):
                calls[action.step.index] = found
            else:
                ended[action.step.index] = found
        return GroupRequest(calls=calls, sent=sent, results=ended)

    async def _sent(self, actions: Sequence[Action]) -> dict[int, Sent]:
        """Return the intents of actions whose common call was submitted before, by index."""
        carriers = {each.step.index: self._stored(each).carrier_id for each in actions}
        if not any(carriers.values()):
            return {}
        intents = await self.ports.transactions.of_run(self.run_id)
        by_step = {each.intent.step_id: each.intent_id for each in intents}
        return {
            each.step.index: Sent(intent_id=by_step[carrier], step_id=self._step_id(each))
            for each in actions
            if (carrier := carriers[each.step.index]) is not None
        }

    def _unneeded(
        self, action: Action, results: Results, beside: AbstractSet[int]
    ) -> StepResult | None:
        """Return the result of an action that needs no call, None for one that does.

        Args:
            action: The action.
            results: Results so far.
            beside: Actions before it in the same transaction, on which it may depend.
        """
        ended = self._ended(action) or self._refused(action)
        if ended is not None:
            return ended
        needed = [each for each in action.step.depends_on if each not in beside]
        for other in needed:
            if results[other].status is not StepStatus.DONE:
                status = results[other].status.lower()
                return self._skip(action, f"needs action {other + 1}, which was {status}")
        if len(needed) == len(action.step.depends_on) and self._amount(action, results) == 0:
            return self._skip(action, "the preceding sales had no proceeds")
        return None

    async def _untradable(self, action: Action) -> StepResult | None:
        """Fail an action whose market cannot be reached, so that it does not stop the others."""
        if self.approved is not None:
            return None
        kind, position, amount = action.order.kind, action.position, action.step.amount_in
        try:
            await self.ports.market.terms(
                kind, position, amount_in=amount, deadline=action.deadline
            )
        except ChainError as error:
            return self._fail(action, error)
        return None

    async def _alone(self, action: Action, results: Results) -> StepRequest | StepResult:
        """Return the call of one action, or its result if the call cannot be made."""
        try:
            call = await self._call(action, self._amount(action, results))
        except ChainError as error:
            return self._fail(action, error)
        return StepRequest(
            step_id=self._step_id(action),
            key=f"{self.run_id}:{action.step.index}",
            call=call,
            gas_cap=self.ports.policy.gas_limit_of(action.position.kind),
            expires_at=action.deadline,
        )

    async def _together(self, actions: Sequence[Action], results: Results) -> PlanRequest:
        """Return the call of several actions."""
        positions = [self.actions.index(each) for each in actions]
        if self.approved is None:
            indices = list(range(len(actions)))
            amounts = {each.step.index: self._amount(each, results) for each in actions}
            call = await self.ports.market.call_together(trades_of(actions, self.gas, amounts))
        else:
            indices = positions
            call = approved_call(self.ports, self.approved, self.actions, actions, self.gas)
        return PlanRequest(
            run_id=self.run_id,
            step_ids={each.step.index: self._step_id(each) for each in actions},
            detail={"target": call.target, "indices": indices},
            key=f"{self.run_id}:{actions[0].step.index}",
            call=call,
            gas_cap=self.ports.policy.plan_gas_limit,
            expires_at=min(each.deadline for each in actions),
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

        An approved action spends the signed amount; losses of its sales are taken from L1. The
        controller bounds a purchase by sales of the same transaction.
        """
        is_bound = any(each in results for each in action.step.depends_on)
        if action.order.kind is OrderKind.SALE or self.approved is not None or not is_bound:
            return action.step.amount_in
        orders = {each.step.index: each.order for each in self.actions}
        proceeds = {index: result.received for index, result in results.items()}
        return min(action.step.amount_in, affordable(action.order, proceeds, orders))

    async def _call(self, action: Action, amount: int) -> ContractCall:
        """Return the planned call, or a smaller one with a proportional minimum output."""
        if self.approved is not None:
            return approved_call(self.ports, self.approved, self.actions, [action], self.gas)
        if amount == action.step.amount_in:
            return action.call
        return await self.ports.market.call(
            action.order.kind,
            action.position,
            amount_in=amount,
            minimum_out=minimum_of(action, amount),
            deadline=action.deadline,
        )

    def _fail(self, action: Action, error: ChainError) -> StepResult:
        self.ports.store.fail_step(self._step_id(action), str(error))
        return StepResult(StepStatus.FAILED, error=str(error))

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
