"""Batches of transfers, the demands that they serve, and instructions.

Amounts of an instruction are units of the token on its chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from keepers.model.approval import NewTicket
from keepers.model.json_document import JsonObject
from keepers.model.transaction_states import StepState
from keepers.model.transfer_record import NewPlacement, NewTransfer, PlacementVerb


class BatchOrigin(StrEnum):
    """Origin of a batch."""

    RULEBOOK = "RULEBOOK"
    INSTRUCTION = "INSTRUCTION"
    POLICY = "POLICY"
    """Idle amounts above base are invested."""


class BatchState(StrEnum):
    """State of a batch. WAITING for approvals and RUNNING are not ends."""

    DRY_RUN = "DRY_RUN"
    REFUSED = "REFUSED"
    """By risk, by an approver, or because approvals came too late."""
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


BATCH_MOVES: Mapping[BatchState | None, frozenset[BatchState]] = MappingProxyType(
    {
        None: frozenset(
            {BatchState.DRY_RUN, BatchState.REFUSED, BatchState.WAITING, BatchState.RUNNING}
        ),
        BatchState.WAITING: frozenset({BatchState.RUNNING, BatchState.REFUSED}),
        BatchState.RUNNING: frozenset({BatchState.DONE, BatchState.PARTIAL, BatchState.FAILED}),
    }
)
"""Legal moves between states, from nothing too."""

LIVE_BATCHES = frozenset({BatchState.WAITING, BatchState.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """The approved plan that a batch needs on one chain; the run opens it."""

    chain_id: int
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A batch's plan of one chain as the store holds it: its one step opens it."""

    batch_id: str
    plan: BatchPlan
    step_id: int
    state: StepState
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBatch:
    """Batch of transfers and placements.

    Attributes:
        client_key: Its idempotency key: a hash of snapshot and settings, or the instruction's key.
        detail: Snapshot, plan and risk, for reports.
        deadline: After it nothing of the batch is sent that was not sent before.
        plans: To be approved first; with any, it begins as WAITING.
    """

    batch_id: str
    client_key: str
    origin: BatchOrigin
    state: BatchState
    reason: str | None
    detail: JsonObject
    deadline: datetime
    plans: tuple[BatchPlan, ...] = ()
    instruction_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch(TransferBatch):
    """Planned batch with all that is stored with it; `tickets` are for its plans."""

    transfers: tuple[NewTransfer, ...] = ()
    placements: tuple[NewPlacement, ...] = ()
    tickets: tuple[NewTicket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord(TransferBatch):
    """Stored batch; its transfers and placements are read apart."""

    created_at: datetime
    ended_at: datetime | None


class InstructionState(StrEnum):
    """State of an instruction. RECEIVED is written into the table by a program."""

    RECEIVED = "RECEIVED"
    REFUSED = "REFUSED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


INSTRUCTION_MOVES: Mapping[InstructionState | None, frozenset[InstructionState]] = MappingProxyType(
    {
        None: frozenset({InstructionState.RECEIVED}),
        InstructionState.RECEIVED: frozenset(
            {InstructionState.REFUSED, InstructionState.RUNNING, InstructionState.DONE}
        ),
        InstructionState.RUNNING: frozenset(
            {InstructionState.DONE, InstructionState.PARTIAL, InstructionState.FAILED}
        ),
    }
)
"""Legal moves between states; an instruction without work is done at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionRecord:
    """An instruction as the store holds it; `body` is its text as it came."""

    instruction_id: int
    client_key: str
    body: str
    submitted_by: str
    state: InstructionState
    reason: str | None
    batch_id: str | None
    submitted_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTransfer:
    """Tokens from chain to chain.

    Attributes:
        receive: What must arrive, in units of the destination's token.
        venue: Where it is invested afterwards, all of what must arrive; None for nowhere.
    """

    asset: str
    source: int
    destination: int
    route: str
    receive: int
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlacement:
    """Tokens into a venue of their chain, or out of it; the amount in units of the token."""

    chain_id: int
    asset: str
    verb: PlacementVerb
    venue: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Demand for one batch.

    Attributes:
        key: What makes it the same: it is carried out once.
        detail: Why, for reports.
        floors: What must be left idle at least once all is done, by asset and chain id.
        instruction_id: Of the instruction that asks for it.
    """

    origin: BatchOrigin
    key: str
    detail: JsonObject
    transfers: tuple[WantedTransfer, ...] = ()
    placements: tuple[WantedPlacement, ...] = ()
    floors: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    instruction_id: int | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """Return the names of the assets that are moved."""
        return tuple(sorted({each.asset for each in (*self.transfers, *self.placements)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """A small one: a transfer from chain to chain.

    Attributes:
        amount: What must arrive, in units of the destination; fees come on top at the source.
        route: Which one; None for the cheapest that can carry it now.
        venue: Where it is invested afterwards; None for nowhere.
    """

    asset: str
    source: int
    destination: int
    amount: int
    route: str | None = None
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTarget:
    """Target of an asset on one chain: idle, and in each venue that is named."""

    idle: int
    venues: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return self.idle + sum(self.venues.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOrder:
    """A big one: what should be where. Chains and venues that are not named are left alone.

    Attributes:
        targets: By asset and chain id.
        tolerance: Whole tokens by which a chain or a venue may be off without being touched.
        remainder: The chain that keeps, idle, what is there beyond all targets; by default the
            one with the largest target of the asset.
    """

    targets: Mapping[str, Mapping[int, ChainTarget]]
    tolerance: Fraction = Fraction(0)
    remainder: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """Instruction of a person or a program; not begun after its deadline."""

    order: TransferOrder | TargetOrder
    deadline: datetime | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """Return the names of the assets that it concerns."""
        if isinstance(self.order, TransferOrder):
            return (self.order.asset,)
        return tuple(sorted(self.order.targets))
