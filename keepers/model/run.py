"""Run of the rebalance pipeline and its records: states, steps, attempts.

Origin: engine document, sections 4.1 (stages) and 4.3 (results); design, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from keepers.model.chain_events import Handled
from keepers.model.json_document import JsonObject
from keepers.model.step import NewStep, TradeStep
from keepers.model.transaction_records import Inclusion, NonceSlot, SignedBytes, SlotAttempt
from keepers.model.transaction_states import (
    FOREIGN_SLOTS,
    UNSENT,
    AttemptKind,
    AttemptState,
    StepState,
)

ACTION = "ACTION"
"""Kind of the steps of a rebalance."""

OPENING = "OPENING"
"""Kind of the step that opens an approved plan on chain."""

PLAN = "PLAN"
"""Kind of the step whose call executes several actions of a plan in one transaction."""

NOT_ACTIONS = frozenset({OPENING, PLAN})
"""Kinds of steps that are no action of a plan themselves."""


class Stage(StrEnum):
    """Stage of a run; the seven stages in order."""

    PLAN = "PLAN"
    RISK = "RISK"
    APPROVAL = "APPROVAL"
    SIMULATION = "SIMULATION"
    EXECUTION = "EXECUTION"
    VERIFICATION = "VERIFICATION"
    RECORD = "RECORD"


class RunKind(StrEnum):
    """Kind of a run. The limit of one open run per vault applies to rebalances only."""

    REBALANCE = "REBALANCE"
    WEIGHTS = "WEIGHTS"
    """Rebalances a portfolio's weights."""
    TRANSFER = "TRANSFER"
    UPKEEP = "UPKEEP"
    REPAIR = "REPAIR"


class RunStatus(StrEnum):
    """Status of a run. Every status but OPEN is final."""

    OPEN = "OPEN"
    NOTHING_TO_DO = "NOTHING_TO_DO"
    DRY_RUN = "DRY_RUN"
    DONE = "DONE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    INTERRUPTED = "INTERRUPTED"


class StepStatus(StrEnum):
    """Status of one action of a plan. A reorganisation may revert DONE and FAILED."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


STEP_STATUS: Mapping[StepState, StepStatus] = MappingProxyType(
    {
        StepState.PENDING: StepStatus.PENDING,
        StepState.ACTIVE: StepStatus.SENDING,
        StepState.DONE: StepStatus.DONE,
        StepState.FAILED: StepStatus.FAILED,
        StepState.SKIPPED: StepStatus.SKIPPED,
    }
)
"""Status of a step for reports, by its state."""


class AttemptStatus(StrEnum):
    """Status of one signed transaction, for reports.

    REFUSED must not be submitted; CANCELLED was included in place of the call; REPLACED lost its
    nonce to another attempt of this keeper, LOST to an external transaction.
    """

    STORED = "STORED"
    REFUSED = "REFUSED"
    BROADCAST = "BROADCAST"
    SUCCEEDED = "SUCCEEDED"
    REVERTED = "REVERTED"
    CANCELLED = "CANCELLED"
    REPLACED = "REPLACED"
    LOST = "LOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """Run to open.

    `follows` is the run that it continues, if any; `tick_id` and `handles` are those of its
    occasion.
    """

    run_id: str
    vault: str
    chain_id: int
    trigger: str
    armed: bool
    started_at: datetime
    follows: str | None = None
    tick_id: int | None = None
    handles: Handled = field(default_factory=Handled)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """Outcome of an attempt that is no longer pending.

    Attributes:
        received: Amount of a success, from the controller's event, in the units of the call.
        slippage_bps: Slippage of a success against the oracle.
        error: Reason why its step is not done.
    """

    received: int | None = None
    slippage_bps: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAttempt:
    """Signed transaction of a step, with its nonce, status and outcome."""

    slot: NonceSlot
    attempt: SlotAttempt
    outcome: AttemptOutcome | None

    @property
    def nonce(self) -> int:
        """Return the nonce."""
        return self.slot.nonce

    @property
    def signed(self) -> SignedBytes:
        """Return the signed bytes."""
        return self.attempt.signed

    @property
    def status(self) -> AttemptStatus:
        """Return the status for reports."""
        return attempt_status(self.slot, self.attempt)

    @property
    def inclusion(self) -> Inclusion | None:
        """Return the inclusion in a block, if any."""
        return self.attempt.inclusion


def attempt_status(slot: NonceSlot, attempt: SlotAttempt) -> AttemptStatus:
    """Return the status of an attempt of a nonce slot."""
    if attempt.inclusion is not None:
        if attempt.signed.kind is AttemptKind.CANCEL:
            return AttemptStatus.CANCELLED
        succeeded = attempt.inclusion.succeeded
        return AttemptStatus.SUCCEEDED if succeeded else AttemptStatus.REVERTED
    if attempt.state in UNSENT:
        return AttemptStatus.STORED
    if attempt.state is AttemptState.BROADCAST:
        return AttemptStatus.BROADCAST
    if attempt.refused_at is not None:
        return AttemptStatus.REFUSED
    return AttemptStatus.LOST if slot.state in FOREIGN_SLOTS else AttemptStatus.REPLACED


def step_attempt(
    slot: NonceSlot, attempt: SlotAttempt, reason: str | None, outcome: JsonObject | None
) -> StepAttempt:
    """Return an attempt of a step, with its outcome from the step's reason and outcome."""
    found = outcome or {}
    status = attempt_status(slot, attempt)
    if status in {AttemptStatus.STORED, AttemptStatus.BROADCAST}:
        return StepAttempt(slot=slot, attempt=attempt, outcome=None)
    succeeded = status is AttemptStatus.SUCCEEDED
    received = found.get("received") if succeeded else None
    ended = AttemptOutcome(
        received=None if received is None else int(received),
        slippage_bps=found.get("slippage_bps") if succeeded else None,
        error=reason,
    )
    return StepAttempt(slot=slot, attempt=attempt, outcome=ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """Stored step; attempts in order of creation.

    `carrier_id` is the step whose call executes this step, if it is not its own; the attempts are
    then that step's.
    """

    step_id: int
    step: NewStep
    status: StepStatus
    error: str | None
    attempts: tuple[StepAttempt, ...]
    carrier_id: int | None = None

    @property
    def trade(self) -> TradeStep:
        """Return the step of a tier run; raises AssertionError for another kind."""
        assert isinstance(self.step, TradeStep)  # noqa: S101 - a mistake of the caller
        return self.step


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """Stored result of one stage."""

    stage: Stage
    at: datetime
    detail: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Stored run with its records; `openings` are the steps that open its plan on chain."""

    run: NewRun
    status: RunStatus
    finished_at: datetime | None
    reason: str | None
    stages: tuple[StageRecord, ...]
    steps: tuple[StepRecord, ...]
    openings: tuple[StepAttempt, ...] = ()

    @property
    def transactions(self) -> tuple[StepAttempt, ...]:
        """Return all attempts once, those of openings first."""
        of_steps = (attempt for step in self.steps for attempt in step.attempts)
        found = {each.attempt.attempt_id: each for each in (*self.openings, *of_steps)}
        return tuple(found.values())

    @property
    def ending(self) -> str:
        """Return the status as text: `failed: the reason`."""
        words = self.status.lower().replace("_", " ")
        return f"{words}: {self.reason}" if self.reason else words


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSample:
    """Tier values at one block, for charts over time. Values in settlement base units."""

    vault: str
    chain_id: int
    block_number: int
    at: datetime
    values: tuple[int, int, int]
    label: str | None = None


RUN_MOVES: Mapping[RunStatus | None, frozenset[RunStatus]] = MappingProxyType(
    {
        None: frozenset({RunStatus.OPEN}),
        RunStatus.OPEN: frozenset(RunStatus) - {RunStatus.OPEN},
    }
)
"""Legal transitions; a run starts open and is closed once."""
