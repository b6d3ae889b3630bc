"""Batches of transfers, the demands from which they are planned, and instructions.

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
    """State of a batch. WAITING (for approvals) and RUNNING are not terminal."""

    DRY_RUN = "DRY_RUN"
    REFUSED = "REFUSED"
    """By the risk check, by an approver, or because approvals came too late."""
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
"""Legal transitions between states, including creation."""

LIVE_BATCHES = frozenset({BatchState.WAITING, BatchState.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """Plan to approve for a batch on one chain; its run opens the plan."""

    chain_id: int
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """Stored plan of a batch on one chain; its only step opens the plan."""

    batch_id: str
    plan: BatchPlan
    step_id: int
    state: StepState
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBatch:
    """Batch of transfers and placements.

    Attributes:
        client_key: Idempotency key: a hash of snapshot and settings, or the instruction's key.
        detail: Snapshot, plan and risk, for reports.
        deadline: Time after which nothing more of the batch is submitted for the first time.
        plans: Plans to approve first; with any, the batch starts as WAITING.
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
    """Planned batch with its transfers and placements; `tickets` are for its plans."""

    transfers: tuple[NewTransfer, ...] = ()
    placements: tuple[NewPlacement, ...] = ()
    tickets: tuple[NewTicket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord(TransferBatch):
    """Stored batch; its transfers and placements are read separately."""

    created_at: datetime
    ended_at: datetime | None


class InstructionState(StrEnum):
    """State of an instruction. RECEIVED may be written into the table by an external program."""

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
"""Legal transitions between states; an instruction that needs no batch is done immediately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionRecord:
    """Stored instruction; `body` is its text as received."""

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
    """Requested transfer of tokens between chains.

    Attributes:
        receive: Amount that must arrive, in units of the destination's token.
        venue: Venue in which all of `receive` is invested on arrival; None for none.
    """

    asset: str
    source: int
    destination: int
    route: str
    receive: int
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlacement:
    """Requested movement into or out of a venue on one chain; amount in units of the token."""

    chain_id: int
    asset: str
    verb: PlacementVerb
    venue: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Demand for one batch.

    Attributes:
        key: Idempotency key; a demand is executed once.
        detail: Reason, for reports.
        floors: Minimum that must remain idle afterwards, by asset and chain id.
        instruction_id: The instruction that it comes from.
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
        """Return the names of the moved assets."""
        return tuple(sorted({each.asset for each in (*self.transfers, *self.placements)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """Order for a single transfer between chains.

    Attributes:
        amount: Amount that must arrive, in units of the destination; the source pays fees on top.
        route: The route to use; None for the cheapest that is available.
        venue: Venue in which the amount is invested on arrival; None for none.
    """

    asset: str
    source: int
    destination: int
    amount: int
    route: str | None = None
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTarget:
    """Target of an asset on one chain: the idle amount, and the amount in each named venue."""

    idle: int
    venues: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return the sum of idle and invested targets."""
        return self.idle + sum(self.venues.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOrder:
    """Order for a target allocation. Chains and venues that are not named stay unchanged.

    Attributes:
        targets: Targets by asset and chain id.
        tolerance: Deviation in whole tokens up to which a chain or venue stays unchanged.
        remainder: The chain that keeps the amount beyond all targets, idle; by default the one
            with the largest target of the asset.
    """

    targets: Mapping[str, Mapping[int, ChainTarget]]
    tolerance: Fraction = Fraction(0)
    remainder: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """Instruction of an operator or a program; not started after its deadline."""

    order: TransferOrder | TargetOrder
    deadline: datetime | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """Return the names of the assets that the instruction concerns."""
        if isinstance(self.order, TransferOrder):
            return (self.order.asset,)
        return tuple(sorted(self.order.targets))
