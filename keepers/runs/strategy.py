"""Interface between the driver of runs and their kinds: ports, stages, and steps to execute."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Protocol, TypeVar

from keepers.model.chain import ContractCall
from keepers.model.errors import BallastError
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
    """Ports that runs of every kind need.

    Attributes:
        vault: Scope of the runs: at most one of a kind is open in it.
        chain_id: Chain of the runs.
        keeper: Account that sends.
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
        gas_cap: The most gas that it may take.
        expires_at: Not signed after this time.
    """

    step_id: int
    key: str
    call: ContractCall
    gas_cap: int
    expires_at: datetime


class StepExecution(Protocol):
    """Steps of one run in the order of their execution."""

    @property
    def groups(self) -> Sequence[Sequence[int]]:
        """Indices of steps; those of a group are submitted together, then awaited."""
        ...

    @property
    def waits_for_funds(self) -> bool:
        """Whether a step stays requested while funds are missing, as approved ones do."""
        ...

    async def request(
        self, index: int, results: Mapping[int, StepResult]
    ) -> StepRequest | StepResult:
        """Return the call of a step after the results so far, or the result where it has none."""
        ...

    def progress_of(self, index: int, result: StepResult) -> str:
        """Return the progress line of a step that has ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependentSteps:
    """Steps of which none depends on another.

    Attributes:
        requests: Calls by the steps' indices.
        titles: Beginnings of their progress lines, by the same indices.
        are_batched: Whether all are submitted before any is awaited.
    """

    requests: Mapping[int, StepRequest]
    titles: Mapping[int, str]
    are_batched: bool = False
    waits_for_funds: bool = False

    @property
    def groups(self) -> Sequence[Sequence[int]]:
        """One group of all steps, or one for each."""
        indices = list(self.requests)
        return [indices] if self.are_batched else [[index] for index in indices]

    async def request(
        self, index: int, results: Mapping[int, StepResult]
    ) -> StepRequest | StepResult:
        """Return the call of a step."""
        del results
        return self.requests[index]

    def progress_of(self, index: int, result: StepResult) -> str:
        """Return the progress line of a step that has ended."""
        return f"{self.titles[index]}: {result.status.lower()}"


class RunStrategy(ABC, Generic[RequestT, PlanT]):
    """Differences between kinds of runs.

    A stage returns the plan for the next stage, or how the run ends without one. By default a
    stage does nothing. A strategy has no state: `RequestT` is what a run is opened for, `PlanT`
    all that its stages have found out.

    Attributes:
        interruption: Progress line of a recovery, with `{vault}` and `{run_id}`.
        interrupted: Reason with which an interrupted run is closed.
        has_summary: Whether the record stage keeps a summary.
        ends_on_errors: Whether an error ends a run of which no step is under way; otherwise the
            run stays open for the next call.
    """

    interruption: ClassVar[str]
    interrupted: ClassVar[str]
    has_summary: ClassVar[bool] = False
    ends_on_errors: ClassVar[bool] = True

    @abstractmethod
    async def plan(self, run: NewRun, request: RequestT) -> PlanT | Ending:
        """Plan the steps and record the plan."""

    async def assess_risk(self, run: NewRun, plan: PlanT) -> PlanT | Ending:
        """Leave out what may not be done now."""
        del run
        return plan

    async def ask_approval(self, run: NewRun, plan: PlanT) -> PlanT | Ending | None:
        """Ask for approval; None where the run waits for it."""
        del run
        return plan

    async def simulate(self, run: NewRun, plan: PlanT) -> PlanT | Ending:
        """Simulate the calls and leave out what would fail."""
        del run
        return plan

    def dry_reason(self, plan: PlanT) -> str:
        """Return the reason with which a run ends that is not armed."""
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
        """Return the messages about a run that ends."""
        del vault, record
        return NOTHING

    def follower(self, record: RunRecord) -> NewRun | None:
        """Return the run that does the rest of one that ends."""
        del record
        return None
