"""Driver of runs of every kind: open, record stages, add steps, submit, settle, close, recover.

A kind of runs (tiers, weights, maintenance, recurring) decides what is due, plans, checks,
simulates and verifies, and hands its steps to the driver. What differs while a run is recovered
or closed is its `RunStrategy`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias
from uuid import uuid4

from structlog.contextvars import bound_contextvars

from keepers.model.chain import ContractCall
from keepers.model.errors import BallastError
from keepers.model.errors.run import (
    ArmRequiredError,
    AwaitingFundsError,
    StoreUnavailableError,
)
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError, StaleLeaseError
from keepers.model.notice import NOTHING, Notification
from keepers.model.ports import Clock, Journal, Progress
from keepers.model.run import JsonObject, NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.step import NewStep
from keepers.model.tick import ALONE, Occasion
from keepers.model.transactions.records import IntentRecord, NewIntent
from keepers.model.transactions.states import Hold, IntentState, RequestedAction
from keepers.runs.policy import RunPolicy
from keepers.runs.results import (
    Ending,
    StepResult,
    has_open_steps,
    result_of,
    results_detail,
    summary_of,
)
from keepers.transactions.engine import TransactionEngine

DRY = "nothing sent; use --arm"

STAYS_OPEN = (
    NotSettledError,
    AwaitingFundsError,
    StoreUnavailableError,
    LeaseHeldError,
    StaleLeaseError,
)
"""Errors that end no run: the next call resolves it."""

Tell: TypeAlias = Callable[[str, RunRecord], Notification]
Stages: TypeAlias = Callable[[], Awaitable[Ending | None]]
"""The stages of one run; their ending, or None where the run waits for approval."""


class OtherChainError(BallastError):
    """The vault's interrupted run was on another chain than the settings name now."""

    def __init__(self, run_id: str, then: int, now: int) -> None:
        super().__init__(
            f"run {run_id} was interrupted on chain {then}, but the settings say {now}; "
            "put the settings back and run again, so that it can be resolved"
        )
        self.run_id = run_id


class RunRefusedError(BallastError):
    """A check refused the plan; nothing was sent."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


class RunPorts(Protocol):
    """Ports that runs of every kind need."""

    @property
    def vault(self) -> str:
        """Scope of the runs: at most one of a kind is open in it."""
        ...

    @property
    def chain_id(self) -> int:
        """Chain of the runs."""
        ...

    @property
    def keeper(self) -> str:
        """Account that sends."""
        ...

    @property
    def journal(self) -> Journal:
        """Store of the runs."""
        ...

    @property
    def transactions(self) -> TransactionEngine:
        """Transaction engine."""
        ...

    @property
    def clock(self) -> Clock:
        """Clock."""
        ...

    @property
    def policy(self) -> RunPolicy:
        """Limits and waiting times."""
        ...

    @property
    def progress(self) -> Progress:
        """Receiver of progress lines."""
        ...


def _no_telling(vault: str, record: RunRecord) -> Notification:
    del vault, record
    return NOTHING


def _no_successor(record: RunRecord) -> NewRun | None:
    del record
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStrategy:
    """Differences between kinds of runs while they are recovered and closed.

    Attributes:
        interruption: Progress line of a recovery, with `{vault}` and `{run_id}`.
        interrupted: Reason with which an interrupted run is closed.
        has_summary: Whether the record stage keeps a summary.
        telling: Messages about a run that ends.
        successor: The run that does the rest of an interrupted one, opened as that closes.
    """

    interruption: str
    interrupted: str
    has_summary: bool = False
    telling: Tell = _no_telling
    successor: Callable[[RunRecord], NewRun | None] = _no_successor


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequest:
    """The call of a step, to be submitted once under its key.

    Attributes:
        step_id: The step.
        key: Idempotency key.
        call: The call.
        gas_cap: The most gas that it may take.
        expires_at: Not signed after this time.
    """

    step_id: int
    key: str
    call: ContractCall
    gas_cap: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RunDriver:
    """Driver of the runs of one kind in one vault."""

    ports: RunPorts
    strategy: RunStrategy

    def new_run(
        self,
        trigger: str,
        *,
        armed: bool,
        follows: str | None = None,
        occasion: Occasion = ALONE,
    ) -> NewRun:
        """Return a run that begins now; nothing is stored."""
        return NewRun(
            run_id=str(uuid4()),
            vault=self.ports.vault,
            chain_id=self.ports.chain_id,
            trigger=trigger,
            armed=armed,
            started_at=self.ports.clock.now(),
            follows=follows,
            tick_id=occasion.tick_id,
            handles=occasion.handles,
        )

    def open(self, trigger: str, *, armed: bool, occasion: Occasion = ALONE) -> NewRun:
        """Open a run."""
        run = self.new_run(trigger, armed=armed, occasion=occasion)
        self.ports.journal.open_run(run)
        return run

    def record(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Record a stage's result."""
        self.ports.journal.record_stage(run_id, stage, detail)

    def record_once(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Record a stage's result, unless the run reached a later stage before a kill."""
        order = list(Stage)
        reached = (each.stage for each in self.ports.journal.run(run_id).stages)
        if all(order.index(each) <= order.index(stage) for each in reached):
            self.record(run_id, stage, detail)

    def plan(self, run_id: str, detail: JsonObject, steps: Sequence[NewStep]) -> tuple[int, ...]:
        """Record the plan and add its steps; returns their ids in order."""
        self.record(run_id, Stage.PLAN, detail)
        return self.ports.journal.add_steps(run_id, steps)

    async def conduct(self, run: NewRun, stages: Stages) -> Ending | None:
        """Take an open run through its stages.

        Returns:
            How it ends; None where it waits for approval. A refusal is an ending, and so is an
            error while no step is under way.

        Raises:
            BallastError: How a step ended is not known; the run stays open for the next call.
        """
        try:
            with bound_contextvars(run=run.run_id, vault=self.ports.vault):
                return await stages()
        except RunRefusedError as refusal:
            return Ending(RunStatus.REFUSED, refusal.reason)
        except STAYS_OPEN:
            raise
        except BallastError as error:
            if has_open_steps(self.ports.journal.run(run.run_id)):
                raise
            return Ending(RunStatus.FAILED, str(error))

    async def submit(self, requests: Sequence[StepRequest]) -> tuple[int, ...]:
        """Submit calls of steps, in order; returns their intents.

        Today each call is one intent. A plan in one transaction would be made here.
        """
        return tuple(
            [await self.ports.transactions.submit(self._intent(each)) for each in requests]
        )

    async def settle(self, intent_id: int, *, waits: bool = False) -> StepResult:
        """Wait until an intent counts; one that waits for funds or a person is called off.

        Args:
            intent_id: The intent.
            waits: Whether it stays requested while funds are missing, as approved steps do.

        Raises:
            NotSettledError: It takes too long; the run stays open, and the next one resolves it.
            AwaitingFundsError: It waits for funds; so does the run.
        """
        ports = self.ports
        seconds = ports.policy.confirmation_timeout_seconds
        record = await ports.transactions.settle(intent_id, seconds, ports.progress)
        if waits and record.hold is Hold.FUNDS:
            raise AwaitingFundsError(ports.keeper, record.reason or "its coins do not suffice")
        if record.hold is not None:
            reason = f"called off: {record.reason}"
            await ports.transactions.withdraw(intent_id, reason)
            record = await ports.transactions.intent(intent_id)
        return result_of(record, await ports.transactions.step(record.intent.step_id))

    def finish(
        self, run_id: str, results: Mapping[int, StepResult], shortfall: str | None = None
    ) -> RunRecord:
        """Record the execution and close the run: done, in part, or failed for the first reason.

        Args:
            run_id: The run.
            results: Results by the steps' indices; steps that were skipped have none.
            shortfall: Why a step achieved less than it should although its transaction succeeded.
        """
        self.record(run_id, Stage.EXECUTION, results_detail(results))
        done = [each.status is StepStatus.DONE for each in results.values()]
        status = RunStatus.PARTIAL if any(done) else RunStatus.FAILED
        if all(done) and shortfall is None:
            status = RunStatus.DONE
        errors = (each.error for each in results.values() if each.error is not None)
        return self.close(run_id, status, next(errors, shortfall))

    def close(
        self,
        run_id: str,
        status: RunStatus,
        reason: str | None,
        then: NewRun | None = None,
        *,
        telling: Tell | None = None,
    ) -> RunRecord:
        """Skip pending steps, record the summary, and close the run with its messages.

        Args:
            run_id: The run.
            status: How it ended.
            reason: Why, where it did not simply succeed.
            then: The run that does its rest, opened in the same transaction.
            telling: The messages, where they are not those of its kind.
        """
        journal = self.ports.journal
        for record in journal.run(run_id).steps:
            if record.status is StepStatus.PENDING:
                journal.skip_step(record.step_id, reason or "the run has ended")
        ended = journal.run(run_id)
        if self.strategy.has_summary and all(
            each.stage is not Stage.RECORD for each in ended.stages
        ):
            self.record(run_id, Stage.RECORD, summary_of(ended, status))
        tell = telling or self.strategy.telling
        ending = tell(self.ports.vault, replace(ended, status=status, reason=reason))
        journal.close_run(run_id, status, reason, then, ending)
        return journal.run(run_id)

    def was_shown(self, steps: Sequence[NewStep]) -> bool:
        """Return whether the newest run was a recent dry run of the same calls."""
        last = self.ports.journal.last_run_of(self.ports.vault)
        if last is None or last.status is not RunStatus.DRY_RUN or last.finished_at is None:
            return False
        since = self.ports.clock.now() - last.finished_at
        is_recent = since < timedelta(seconds=self.ports.policy.repeat_seconds)
        return is_recent and [each.step.call for each in last.steps] == [
            each.call for each in steps
        ]

    def interrupted(self) -> RunRecord | None:
        """Return the vault's open run.

        Raises:
            OtherChainError: It cannot be resolved on this chain.
        """
        record = self.ports.journal.open_run_of(self.ports.vault)
        if record is not None and record.run.chain_id != self.ports.chain_id:
            raise OtherChainError(record.run.run_id, record.run.chain_id, self.ports.chain_id)
        return record

    async def recover(self, *, armed: bool) -> RunRecord | None:
        """Resolve the open run that a killed process left, and close it as interrupted.

        What is signed is found in a block, sent again byte for byte, or loses its nonce to another
        transaction. What is not signed is withdrawn, and pending steps are skipped: what is still
        due is planned anew.

        Returns:
            The closed run; None where none was open.

        Raises:
            OtherChainError: It cannot be resolved on this chain.
            ArmRequiredError: Bytes would have to be sent, and this run is not armed.
            NotSettledError: A transaction still has no known end.
        """
        record = self.interrupted()
        if record is None:
            return None
        run_id = record.run.run_id
        self.ports.progress(
            self.strategy.interruption.format(vault=self.ports.vault, run_id=run_id)
        )
        await self.interrupt_run(run_id, self.strategy.interrupted, armed=armed)
        then = self.strategy.successor(self.ports.journal.run(run_id))
        return self.close(run_id, RunStatus.INTERRUPTED, self.strategy.interrupted, then)

    async def interrupt_run(self, run_id: str, reason: str, *, armed: bool) -> None:
        """Withdraw what is not signed of a run, then wait for the rest.

        Waiting first would sign what is not signed. Raises as `interrupt`.
        """
        found = await self.ports.transactions.of_run(run_id)
        for intent in sorted(found, key=lambda each: each.is_signed):
            await self.interrupt(run_id, intent, reason, armed=armed)

    async def interrupt(
        self, run_id: str, intent: IntentRecord, reason: str, *, armed: bool
    ) -> None:
        """Withdraw an intent, or wait for its end where it is signed; nothing more is signed.

        Args:
            run_id: Its run.
            intent: The intent.
            reason: Why, for the record.
            armed: Whether stored bytes may be sent; without it only receipts are looked for.

        Raises:
            ArmRequiredError: Bytes would have to be sent, and nothing may be.
            NotSettledError: It has no known end in time.
        """
        transactions = self.ports.transactions
        if intent.has_ended:
            return
        if not intent.is_signed and intent.state is not IntentState.DISPLACED:
            await transactions.withdraw(intent.intent_id, reason)
            return
        if not armed:
            await transactions.run_pass()
            if not (await transactions.intent(intent.intent_id)).is_included:
                raise ArmRequiredError(run_id, intent.intent_id)
            return
        await transactions.want(intent.intent_id, RequestedAction.STOP, reason)
        seconds = self.ports.policy.confirmation_timeout_seconds
        ended = await transactions.settle(intent.intent_id, seconds)
        self.ports.progress(f"transaction {ended.intent_id}: {ended.state.lower()}")

    def _intent(self, request: StepRequest) -> NewIntent:
        return NewIntent(
            step_id=request.step_id,
            idempotency_key=request.key,
            chain_id=self.ports.chain_id,
            sender=self.ports.keeper,
            target=request.call.target,
            calldata=request.call.calldata,
            value=0,
            gas_cap=request.gas_cap,
            expires_at=request.expires_at,
        )
