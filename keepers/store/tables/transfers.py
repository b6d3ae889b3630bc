"""Transfers and their timelines, placements, batches and instructions."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from keepers.model.batch import BatchOrigin, BatchState, InstructionState
from keepers.model.transfer import TransferCause, TransferPosition
from keepers.model.transfer_record import (
    OperatorRequest,
    PlacementVerb,
    PlanPart,
    Trouble,
    VenueTerms,
)
from keepers.store.tables.base import metadata, one_of, states
from keepers.store.tables.types import (
    GivenText,
    GivenTime,
    HexBytes,
    JsonOf,
    JsonText,
    UInt256,
    UtcTime,
    member_of,
)


class Position(TypeDecorator[TransferPosition]):
    """Position of a transfer, as in `CROSS.CREATE`."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: TransferPosition | None, dialect: Dialect) -> str | None:
        """Convert to the database value."""
        del dialect
        return None if value is None else value.text

    def process_result_value(self, value: str | None, dialect: Dialect) -> TransferPosition | None:
        """Convert from the database value."""
        del dialect
        return None if value is None else TransferPosition.read(value)


transfers = Table(
    "transfers",
    metadata,
    Column("transfer_id", String(66), primary_key=True),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False, unique=True),
    Column("batch_id", String(64), ForeignKey("batches.batch_id"), nullable=False),
    Column("source_chain", BigInteger, nullable=False),
    Column("source_treasury", String(42), nullable=False),
    Column("destination_chain", BigInteger, nullable=False),
    Column("destination_treasury", String(42), nullable=False),
    Column("asset", String(32), nullable=False),
    Column("amount", UInt256, nullable=False),
    Column("min_received", UInt256, nullable=False),
    Column("route", String(32), nullable=False),
    Column("nonce", UInt256, nullable=False),
    Column("options", HexBytes, nullable=False),
    Column("native_fee", UInt256, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("destination_block", BigInteger, nullable=False),
    Column("part", JsonOf(PlanPart)),
    Column("invest", JsonOf(VenueTerms)),
    Column("position", Position, nullable=False),
    Column("trouble", JsonOf(Trouble)),
    Column("wait", Text),
    Column("remote_id", Text, nullable=False),
    Column("proof", HexBytes),
    Column("arriving", UInt256),
    Column("received", UInt256),
    Column("refused", Integer, nullable=False),
    Column("operator_request", JsonOf(OperatorRequest)),
    Column("created_at", UtcTime, nullable=False),
    Column("moved_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    CheckConstraint("source_chain <> destination_chain", name="ends"),
    CheckConstraint("(proof IS NULL) = (arriving IS NULL)", name="proof"),
    CheckConstraint("settled_at IS NULL OR position IN ('DONE', 'CALLED_OFF')", name="settled"),
    Index("ix_transfers_batch", "batch_id"),
    Index("ix_transfers_settled", "settled_at"),
)

transfer_events = Table(
    "transfer_events",
    metadata,
    Column("event_id", Integer, primary_key=True),
    Column("transfer_id", String(66), ForeignKey("transfers.transfer_id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("from_position", Position),
    Column("to_position", Position, nullable=False),
    Column("cause", member_of(TransferCause)),
    Column("text", Text, nullable=False),
    Column("facts", JsonText, nullable=False),
    Index("ix_transfer_events_transfer", "transfer_id"),
)

placements = Table(
    "placements",
    metadata,
    Column("placement_id", String(66), primary_key=True),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False, unique=True),
    Column("batch_id", String(64), ForeignKey("batches.batch_id"), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("asset", String(32), nullable=False),
    Column("verb", member_of(PlacementVerb), nullable=False),
    Column("move", JsonOf(VenueTerms), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    CheckConstraint(one_of("verb", PlacementVerb), name="verb"),
    Index("ix_placements_batch", "batch_id"),
)


instructions = Table(
    "instructions",
    metadata,
    Column("instruction_id", Integer, primary_key=True),
    Column("client_key", String(128), nullable=False, unique=True),
    Column("body", GivenText, nullable=False),
    Column("submitted_by", String(128), nullable=False, server_default="table"),
    Column(
        "state",
        member_of(InstructionState),
        nullable=False,
        server_default=InstructionState.RECEIVED,
    ),
    Column("reason", Text),
    Column("submitted_at", GivenTime),
    Column("ended_at", GivenTime),
    states("state", InstructionState),
    CheckConstraint("state <> 'REFUSED' OR reason IS NOT NULL", name="reason"),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("client_key", String(128), nullable=False, unique=True),
    Column("origin", member_of(BatchOrigin), nullable=False),
    Column("state", member_of(BatchState), nullable=False),
    Column("reason", Text),
    Column("detail", JsonText, nullable=False),
    Column("deadline", UtcTime, nullable=False),
    Column("instruction_id", Integer, ForeignKey("instructions.instruction_id"), unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    CheckConstraint(one_of("origin", BatchOrigin), name="origin"),
    states("state", BatchState),
    CheckConstraint("(state IN ('WAITING', 'RUNNING')) = (ended_at IS NULL)", name="ended"),
    CheckConstraint("state <> 'REFUSED' OR reason IS NOT NULL", name="reason"),
    Index("ix_batches_state", "state"),
)

batch_plans = Table(
    "batch_plans",
    metadata,
    Column("batch_id", String(64), ForeignKey("batches.batch_id"), primary_key=True),
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False, unique=True),
)

fallback_waits = Table(
    "fallback_waits",
    metadata,
    Column("asset", String(32), primary_key=True),
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instruction_id", Integer, primary_key=True, autoincrement=False),
    Column("since", UtcTime, nullable=False),
)
"""Times since which only a fallback could cover a chain's deficit; id 0 is the rulebook."""
