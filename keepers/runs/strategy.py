"""Interface between the run driver and the kinds of runs: ports, stages and steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Generic, Protocol, TypeVar

from keepers.model.chain import ContractCall
from keepers.model.errors import BallastError
from keepers.model.json_document import JsonObject
from keepers.model.notice import NOTHING, Notification
from keepers.model.ports import Clock, Progress, RunStore
from keepers.model.run import NewRun, RunRecord, Stage
from keepers.runs.policy import RunPolicy
from keepers.runs.results import Ending, StepResult, ending_of
from keepers.transactions.engine import TransactionEngine

DRY = "nothing sent; use --arm"

RequestT = TypeVar("RequestT")
PlanT = TypeVar("PlanT")


class RunRefusedError(BallastError):
    """A check refused the plan; nothing was sent."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPorts:
    """Ports shared by runs of every kind.

    Attributes:
        vault: Scope of the runs; at most one run of a kind is open in it.
        chain_id: Chain of the runs.
        keeper: Sending account.
        store: Store of the runs.
        transactions: Transaction engine.
        clock: Clock.
        policy: Limits and waiting times.
        progress: Receiver of progress lines.
    """

    vault: str
    chain_id: int
    keeper: str
    store: RunStore
    transactions: TransactionEngine
    clock: Clock
    policy: RunPolicy
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequest:
    """The call of a step, to be submitted once under its key.

    Attributes:
        step_id: The step.
        key: Idempotency key.
        call: The call.
        gas_cap: Gas limit of the call.
        expires_at: The call is not signed after this time.
    """

    step_id: int
    key: str
    call: ContractCall
    gas_cap: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """A call that executes several steps, to be submitted once under its key.

    Attributes:
        run_id: The run of the steps.
        step_ids: The steps, by their indices.
        detail: Details for the interpreter of its receipt.
        key: Idempotency key.
        call: The call.
        gas_cap: Gas limit of the call.
        expires_at: The call is not signed after this time.
    """

    run_id: str
    step_ids: Mapping[int, int]
    detail: JsonObject
    key: str
    call: ContractCall
    gas_cap: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Intent whose transaction executes a step."""

    intent_id: int
    step_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRequest:
    """What to do for the steps of a group.

    Attributes:
        calls: Calls of single steps, by their indices.
        plan: The call of several steps, if any.
        sent: Intents of steps whose call was submitted before, by their indices.
        results: Results of the steps that need no call, by their indices.
    """

    calls: Mapping[int, StepRequest] = field(default_factory=dict[int, StepRequest])
    plan: PlanRequest | None = None
    sent: Mapping[int, Sent] = field(default_factory=dict[int, Sent])
    results: Mapping[int, StepResult] = field(default_factory=dict[int, StepResult])


class StepExecution(Protocol):
    """Steps of one run in the order of their execution."""

    @property
    def groups(self) -> Sequence[Sequence[int]]:
        """Return the step indices by group; the steps of a group are submitted together."""
        ...

    @property
    def waits_for_funds(self) -> bool:
        """Return whether steps stay requested while funds are missing, as approved ones do."""
        ...

    async def request(
        self, group: Sequence[int], results: Mapping[int, StepResult]
    ) -> GroupRequest:
        """Return the calls of a group's steps after the results so far."""
        ...

    def progress_of(self, index: int, result: StepResult) -> str:
        """Return the progress line of a finished step."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependentSteps:
    """Steps that do not depend on each other.

    Attributes:
        requests: Calls by step index.
        titles: Titles of the progress lines, by step index.
        are_batched: Whether all are submitted before any is awaited.
    """

    requests: Mapping[int, StepRequest]
    titles: Mapping[int, str]
    are_batched: bool = False
    waits_for_funds: bool = False

    @property
    def groups(self) -> Sequence[Sequence[int]]:
        """Return one group of all steps, or one group per step."""
        indices = list(self.requests)
        return [indices] if self.are_batched else [[index] for index in indices]

    async def request(
        self, group: Sequence[int], results: Mapping[int, StepResult]
    ) -> GroupRequest:
        """Return the calls of a group's steps."""
        del results
        return GroupRequest(calls={index: self.requests[index] for index in group})

    def progress_of(self, index: int, result: StepResult) -> str:
        """Return the progress line of a finished step."""
        return f"{self.titles[index]}: {result.status.lower()}"


class RunStrategy(ABC, Generic[RequestT, PlanT]):
    """Specifics of a kind of run.

    A stage returns the plan for the next stage, or the ending of a run that stops there. By default
    a stage does nothing. A strategy is stateless: `RequestT` is what a run is opened for, `PlanT`
    the findings of its stages.

    Attributes:
        interruption: Progress line of a recovery, a format string with `{vault}` and `{run_id}`.
        interrupted: Reason recorded for an interrupted run.
        has_summary: Whether the record stage stores a summary.
        ends_on_errors: Whether an error closes a run without a step in progress; otherwise the run
            stays open for the next call.
    """

    interruption: ClassVar[str]
    interrupted: ClassVar[str]
    has_summary: ClassVar[bool] = False
    ends_on_errors: ClassVar[bool] = True

    @abstractmethod
    async def plan(self, run: NewRun, request: RequestT) -> PlanT | Ending:
        """Plan the steps and record the plan."""

    async def assess_risk(self, run: NewRun, plan: PlanT) -> PlanT | Ending:
        """Leave out what must not be done now."""
        del run
        return plan

    async def ask_approval(self, run: NewRun, plan: PlanT) -> PlanT | Ending | None:
        """Request approval; return None if the run waits for it."""
        del run
        return plan

    async def simulate(self, run: NewRun, plan: PlanT) -> PlanT | Ending:
        """Simulate the calls and leave out those that would fail."""
        del run
        return plan

    def dry_reason(self, plan: PlanT) -> str:
        """Return the reason recorded when an unarmed run finishes."""
        del plan
        return DRY

    @abstractmethod
    async def execution(self, run: NewRun, plan: PlanT) -> StepExecution | Ending:
        """Return the steps to execute."""

    async def verify(self, run: NewRun, plan: PlanT, results: Mapping[int, StepResult]) -> Ending:
        """Compare the chain with the plan."""
        del run, plan
        return ending_of(results)

    def notification(self, vault: str, record: RunRecord) -> Notification:
        """Return the messages about a run that finishes."""
        del vault, record
        return NOTHING

    def follower(self, record: RunRecord) -> NewRun | None:
        """Return the follow-up run of one that finishes, or None."""
        del record
        return None
