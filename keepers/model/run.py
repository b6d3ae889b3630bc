"""A run of the rebalance pipeline and what it leaves behind: states, steps, attempts.

Origin: engine document, sections 4.1 (stages) and 4.3 (results); design, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from keepers.model.chain_events import Handled
from keepers.model.step import NewStep, TradeStep

JsonObject = Mapping[str, Any]

ACTION = "ACTION"
"""The kind of the steps of a rebalance."""

OPENING = "OPENING"
"""The kind of the step that opens an approved plan on chain."""


class Stage(StrEnum):
    """The seven stages of a run, in order."""

    PLAN = "PLAN"
    RISK = "RISK"
    APPROVAL = "APPROVAL"
    SIMULATION = "SIMULATION"
    EXECUTION = "EXECUTION"
    VERIFICATION = "VERIFICATION"
    RECORD = "RECORD"


class RunKind(StrEnum):
    """Kind of a run. Only of rebalances may a vault have no more than one open."""

    REBALANCE = "REBALANCE"
    WEIGHTS = "WEIGHTS"
    """Of a portfolio's weights."""
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
    """Status of one action of a plan. DONE and FAILED may be taken back by a reorganisation."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class AttemptStatus(StrEnum):
    """Status of one signed transaction, for reports.

    REFUSED may not leave; CANCELLED took the call's place and was included; REPLACED lost its nonce
    to another attempt of ours, LOST to a stranger's transaction.
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
    """Run to be opened.

    `follows` is the run whose rest it does, if it does one's; `tick_id` and `handles` are those of
    its occasion.
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
class SignedAttempt:
    """A signed transaction, stored before a byte of it leaves. Fees in wei.

    Without hash and bytes as long as they are in a box that only the validator opens.
    """

    chain_id: int
    sender: str
    nonce: int
    transaction_hash: str | None
    raw: str | None
    gas_limit: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """Receipt of an attempt; `received` is from the controller's event, in the call's units."""

    status: AttemptStatus
    block_number: int | None = None
    block_hash: str | None = None
    gas_used: int | None = None
    effective_gas_price: int | None = None
    received: int | None = None
    slippage_bps: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """An attempt as the journal holds it."""

    attempt_id: int
    step_id: int
    attempt: SignedAttempt
    status: AttemptStatus
    outcome: AttemptOutcome | None
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """A step as the journal holds it, its attempts in the order of their making."""

    step_id: int
    step: NewStep
    status: StepStatus
    error: str | None
    attempts: tuple[AttemptRecord, ...]

    @property
    def trade(self) -> TradeStep:
        """The step of a run of tiers, which has no other steps."""
        assert isinstance(self.step, TradeStep)  # noqa: S101 - a mistake of the caller
        return self.step


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """The durable result of one stage."""

    stage: Stage
    at: datetime
    detail: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run with everything that belongs to it; `openings` opened its approved plan on chain."""

    run: NewRun
    status: RunStatus
    finished_at: datetime | None
    reason: str | None
    stages: tuple[StageRecord, ...]
    steps: tuple[StepRecord, ...]
    openings: tuple[AttemptRecord, ...] = ()

    @property
    def ending(self) -> str:
        """Return the status as text: `failed: the reason`."""
        words = self.status.lower().replace("_", " ")
        return f"{words}: {self.reason}" if self.reason else words


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSample:
    """Tier values at one block, for drawing tiers over time. Values in settlement base units."""

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
"""A run begins open, and is closed once."""
