"""Driver of runs of every kind: opens a run, takes it through its stages and closes it.

The stages are plan, risk, approval, simulation, execution, verification and record. Each is stored
before the next begins. Each kind of run supplies its specifics as a `RunStrategy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeAlias
from uuid import uuid4

from structlog.contextvars import bound_contextvars

from keepers.model.errors import BallastError
from keepers.model.errors.run import AwaitingFundsError, StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError, StaleLeaseError
from keepers.model.json_document import JsonObject
from keepers.model.notice import Notification
from keepers.model.ports import RunStore
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.step import NewStep
from keepers.model.tick import ALONE, Occasion
from keepers.model.transaction_records import IntentRecord, NewCall, NewIntent, NewPlanStep
from keepers.model.transaction_states import Hold
from keepers.runs.recovery import interrupt_run, interrupted_run
from keepers.runs.results import (
    Ending,
    StepResult,
    has_open_steps,
    result_of,
    results_detail,
    summary_of,
)
from keepers.runs.strategy import (
    GroupRequest,
    PlanRequest,
    PlanT,
    RequestT,
    RunPorts,
    RunRefusedError,
    RunStrategy,
    Sent,
    StepExecution,
    StepRequest,
)

STAYS_OPEN = (
    NotSettledError,
    AwaitingFundsError,
    StoreUnavailableError,
    LeaseHeldError,
    StaleLeaseError,
)
"""Errors that leave the run open; the next call resolves it."""

Notify: TypeAlias = Callable[[str, RunRecord], Notification]
"""Returns the messages about a vault run that finishes."""


@dataclass(frozen=True, slots=True)
class RunDriver(Generic[RequestT, PlanT]):
    """Driver of the runs of one kind in one vault."""

    ports: RunPorts
    strategy: RunStrategy[RequestT, PlanT]

    def open(self, trigger: str, *, armed: bool, occasion: Occasion = ALONE) -> NewRun:
        """Open a run."""
        run = new_run(self.ports, trigger, armed=armed, occasion=occasion)
        self.ports.store.open_run(run)
        return run

    async def conduct(self, run: NewRun, request: RequestT) -> RunRecord:
        """Take an open run through its stages, and close it unless it waits for approval.

        A refusal closes the run, and so does an error while no step is in progress.

        Raises:
            BallastError: The outcome of a step is unknown; the run stays open for the next call.
        """
        ending = await self.ending(run, request)
        if ending is None:
            return self.ports.store.run(run.run_id)
        return self.close(run.run_id, ending)

    async def ending(self, run: NewRun, request: RequestT) -> Ending | None:
        """Take an open run through its stages; return None if it waits. Raises as `conduct`."""
        try:
            with bound_contextvars(run=run.run_id, vault=self.ports.vault):
                return await self._stages(run, request)
        except RunRefusedError as refusal:
            return Ending(RunStatus.REFUSED, refusal.reason)
        except STAYS_OPEN:
            raise
        except BallastError as error:
            is_under_way = has_open_steps(self.ports.store.run(run.run_id))
            if is_under_way or not self.strategy.ends_on_errors:
                raise
            return Ending(RunStatus.FAILED, str(error))

    async def _stages(self, run: NewRun, request: RequestT) -> Ending | None:
        kind = self.strategy
        plan = await kind.plan(run, request)
        for stage in (kind.assess_risk, kind.ask_approval, kind.simulate):
            if plan is None or isinstance(plan, Ending):
                return plan
            plan = await stage(run, plan)
        if plan is None or isinstance(plan, Ending):
            return plan
        if not run.armed:
            return Ending(RunStatus.DRY_RUN, kind.dry_reason(plan))
        execution = await kind.execution(run, plan)
        if isinstance(execution, Ending):
            return execution
        return await kind.verify(run, plan, await self.execute(run, execution))

    async def execute(self, run: NewRun, execution: StepExecution) -> Mapping[int, StepResult]:
        """Execute the steps group by group, and return the results by step index.

        Raises:
            NotSettledError: A step did not settle in time; the next run resolves it.
            AwaitingFundsError: A step waits for funds, and so does the run.
        """
        results: dict[int, StepResult] = {}
        sent: dict[int, Sent] = {}
        for group in execution.groups:
            await self._settle_again(sent, results)
            asked = await execution.request(group, results)
            results |= asked.results
            submitted = await self._submitted(asked)
            sent |= submitted
            settled: dict[int, IntentRecord] = {}
            for index in group:
                if index in submitted:
                    each = submitted[index]
                    if each.intent_id not in settled:
                        waits = execution.waits_for_funds
                        settled[each.intent_id] = await self._settled(each.intent_id, waits=waits)
                    results[index] = await self._result(settled[each.intent_id], each)
                self.ports.progress(execution.progress_of(index, results[index]))
        await self._settle_again(sent, results)
        record_once(self.ports.store, run.run_id, Stage.EXECUTION, results_detail(results))
        return results

    async def _settle_again(self, sent: Mapping[int, Sent], results: dict[int, StepResult]) -> None:
        """Wait again for transactions removed by a reorganisation; their results may change."""
        transactions = self.ports.transactions
        for index, each in sent.items():
            known = await transactions.intent(each.intent_id)
            if known.is_included or known.has_ended:
                results[index] = await self._result(known, each)
            else:
                self.ports.progress(
                    f"action {index + 1}: a reorganisation removed its block; waiting for it again"
                )
                results[index] = await self.settle(each)

    async def _submitted(self, asked: GroupRequest) -> Mapping[int, Sent]:
        """Submit the calls of a group in order; return the intents of all its steps."""
        sent = dict(asked.sent)
        for index, request in asked.calls.items():
            sent[index] = await self.submit(request)
        if asked.plan is not None:
            plan, carried = asked.plan, tuple(asked.plan.step_ids.values())
            steps = NewPlanStep(run_id=plan.run_id, detail=plan.detail, carried=carried)
            intent_id = await self.ports.transactions.submit_plan(steps, self._call(plan))
            for index, step_id in plan.step_ids.items():
                sent[index] = Sent(intent_id=intent_id, step_id=step_id)
        return sent

    async def submit(self, request: StepRequest) -> Sent:
        """Submit the call of one step."""
        intent_id = await self.ports.transactions.submit(self._intent(request))
        return Sent(intent_id=intent_id, step_id=request.step_id)

    async def settle(self, sent: Sent, *, waits: bool = False) -> StepResult:
        """Wait until an intent is confirmed; withdraw one that waits for funds or an operator.

        Args:
            sent: The intent, and the step whose result is returned.
            waits: Whether to keep the intent while funds are missing, as approved steps do.

        Raises:
            NotSettledError: The timeout passed; the run stays open and the next one resolves it.
            AwaitingFundsError: The intent waits for funds, and so does the run.
        """
        return await self._result(await self._settled(sent.intent_id, waits=waits), sent)

    async def _settled(self, intent_id: int, *, waits: bool) -> IntentRecord:
        ports = self.ports
        seconds = ports.policy.confirmation_timeout_seconds
        record = await ports.transactions.settle(intent_id, seconds, ports.progress)
        if waits and record.hold is Hold.FUNDS:
            raise AwaitingFundsError(
                ports.keeper, record.reason or "its native token balance is too low"
            )
        if record.hold is not None:
            reason = f"cancelled: {record.reason}"
            await ports.transactions.withdraw(intent_id, reason)
            record = await ports.transactions.intent(intent_id)
        return record

    async def _result(self, record: IntentRecord, sent: Sent) -> StepResult:
        return result_of(record, await self.ports.transactions.step(sent.step_id))

    def close(self, run_id: str, ending: Ending, notify: Notify | None = None) -> RunRecord:
        """Skip pending steps, record the summary, and close the run with its messages.

        The follow-up run is opened in the same transaction.

        Args:
            run_id: The run.
            ending: The final status and reason.
            notify: Returns the messages, if not those of the run's kind.
        """
        store, kind = self.ports.store, self.strategy
        status, reason = ending.status, ending.reason
        for step in store.run(run_id).steps:
            if step.status is StepStatus.PENDING:
                store.skip_step(step.step_id, reason or "the run has ended")
        record = store.run(run_id)
        is_recorded = any(each.stage is Stage.RECORD for each in record.stages)
        if kind.has_summary and not is_recorded:
            store.record_stage(run_id, Stage.RECORD, summary_of(record, status))
        ended = replace(record, status=status, reason=reason)
        messages = (notify or kind.notification)(self.ports.vault, ended)
        store.close_run(run_id, status, reason, kind.follower(ended), messages)
        return store.run(run_id)

    def was_shown(self, steps: Sequence[NewStep]) -> bool:
        """Return whether the newest run was a recent dry run of the same calls."""
        last = self.ports.store.last_run_of(self.ports.vault)
        if last is None or last.status is not RunStatus.DRY_RUN or last.finished_at is None:
            return False
        since = self.ports.clock.now() - last.finished_at
        is_recent = since < timedelta(seconds=self.ports.policy.repeat_seconds)
        return is_recent and [each.step.call for each in last.steps] == [
            each.call for each in steps
        ]

    async def recover(self, *, armed: bool) -> RunRecord | None:
        """Resolve the open run left by a killed process, and close it as interrupted.

        Signed transactions are found in a block, resent byte for byte, or lose their nonce to
        another transaction. Unsigned intents are withdrawn and pending steps skipped; what is still
        due is planned again.

        Returns:
            The closed run; None if none was open.

        Raises:
            OtherChainError: The run cannot be resolved on this chain.
            ArmRequiredError: A transaction must be resent, and this run is not armed.
            NotSettledError: The outcome of a transaction is still unknown.
        """
        record = interrupted_run(self.ports)
        if record is None:
            return None
        run_id, kind = record.run.run_id, self.strategy
        self.ports.progress(kind.interruption.format(vault=self.ports.vault, run_id=run_id))
        await interrupt_run(self.ports, run_id, kind.interrupted, armed=armed)
        return self.close(run_id, Ending(RunStatus.INTERRUPTED, kind.interrupted))

    def _intent(self, request: StepRequest) -> NewIntent:
        return self._call(request).of_step(request.step_id)

    def _call(self, request: StepRequest | PlanRequest) -> NewCall:
        return NewCall(
            idempotency_key=request.key,
            chain_id=self.ports.chain_id,
            sender=self.ports.keeper,
            target=request.call.target,
            calldata=request.call.calldata,
            value=0,
            gas_cap=request.gas_cap,
            expires_at=request.expires_at,
        )


def new_run(
    ports: RunPorts,
    trigger: str,
    *,
    armed: bool,
    follows: str | None = None,
    occasion: Occasion = ALONE,
) -> NewRun:
    """Return a run that starts now, without storing it."""
    return NewRun(
        run_id=str(uuid4()),
        vault=ports.vault,
        chain_id=ports.chain_id,
        trigger=trigger,
        armed=armed,
        started_at=ports.clock.now(),
        follows=follows,
        tick_id=occasion.tick_id,
        handles=occasion.handles,
    )


def record_once(store: RunStore, run_id: str, stage: Stage, detail: JsonObject) -> None:
    """Record a stage's result, unless the run reached a later stage before the process ended."""
    order = list(Stage)
    reached = (each.stage for each in store.run(run_id).stages)
    if all(order.index(each) <= order.index(stage) for each in reached):
        store.record_stage(run_id, stage, detail)
