"""The one table of legal moves: which state may follow which, and why.

The triggers of the database and the diagram in `docs/reference/transaction-states.md` are this table again;
tests compare them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from keepers.model.transactions.states import (
    AttemptState,
    IntentState,
    LeaseState,
    RequestState,
    SlotState,
    StepState,
    Thing,
    TickState,
)
from keepers.model.transactions.transitions import Cause


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move; from nothing if `start` is None."""

    thing: Thing
    start: StrEnum | None
    end: StrEnum
    cause: Cause


Row = tuple[Iterable[StrEnum | None], Iterable[StrEnum], Iterable[Cause]]
NEW = (None,)

UNSIGNED = (IntentState.QUEUED, IntentState.BUILT, IntentState.AUDITED, IntentState.NUMBERED)
HELD = (IntentState.NUMBERED, IntentState.SIGNED, IntentState.SEALED, IntentState.BROADCAST)
"""Where an intent can be while its nonce is not consumed, and where a reorg brings it back to."""

STEPS: tuple[Row, ...] = (
    (NEW, (StepState.PENDING,), (Cause.PLAN,)),
    ((StepState.PENDING, StepState.FAILED), (StepState.ACTIVE,), (Cause.SUBMIT,)),
    ((StepState.PENDING,), (StepState.SKIPPED,), (Cause.SKIP,)),
    ((StepState.PENDING,), (StepState.FAILED,), (Cause.REJECT,)),
    ((StepState.ACTIVE,), (StepState.DONE,), (Cause.RECEIPT, Cause.ANSWER)),
    (
        (StepState.ACTIVE,),
        (StepState.FAILED,),
        (Cause.RECEIPT, Cause.ANSWER, Cause.REJECT, Cause.WITHDRAW),
    ),
    ((StepState.DONE, StepState.FAILED), (StepState.ACTIVE,), (Cause.REORG,)),
)
INTENTS: tuple[Row, ...] = (
    (NEW, (IntentState.QUEUED,), (Cause.SUBMIT,)),
    ((IntentState.QUEUED,), (IntentState.BUILT,), (Cause.BUILD,)),
    ((IntentState.BUILT,), (IntentState.AUDITED,), (Cause.AUDIT,)),
    ((IntentState.BUILT, IntentState.AUDITED), (IntentState.QUEUED,), (Cause.REBUILD,)),
    (UNSIGNED, (IntentState.BLOCKED,), (Cause.BLOCK,)),
    ((IntentState.BLOCKED,), (IntentState.QUEUED,), (Cause.UNBLOCK,)),
    ((*UNSIGNED, IntentState.BLOCKED), (IntentState.FAILED,), (Cause.REJECT,)),
    ((*UNSIGNED, IntentState.BLOCKED), (IntentState.CANCELLED,), (Cause.WITHDRAW,)),
    ((IntentState.AUDITED,), (IntentState.NUMBERED,), (Cause.RESERVE,)),
    ((IntentState.NUMBERED,), (IntentState.QUEUED,), (Cause.RELEASE,)),
    ((IntentState.NUMBERED,), (IntentState.SIGNED,), (Cause.SIGN, Cause.CANCEL)),
    ((IntentState.SIGNED,), (IntentState.SEALED,), (Cause.VALIDATE,)),
    ((IntentState.SIGNED, IntentState.SEALED), (IntentState.NUMBERED,), (Cause.REFUSE,)),
    ((IntentState.SEALED,), (IntentState.BROADCAST,), (Cause.SEND,)),
    (HELD, (IntentState.INCLUDED,), (Cause.RECEIPT,)),
    ((IntentState.INCLUDED,), (IntentState.SAFE,), (Cause.SAFE,)),
    ((IntentState.INCLUDED, IntentState.SAFE), HELD, (Cause.REORG,)),
    (
        (IntentState.INCLUDED, IntentState.SAFE),
        (IntentState.FINAL, IntentState.REVERTED, IntentState.CANCELLED),
        (Cause.FINALITY,),
    ),
    (HELD, (IntentState.DISPLACED,), (Cause.FOREIGN,)),
    ((IntentState.DISPLACED,), HELD, (Cause.REORG,)),
    ((IntentState.DISPLACED,), (IntentState.QUEUED,), (Cause.FINALITY,)),
)
SLOTS: tuple[Row, ...] = (
    (NEW, (SlotState.RESERVED,), (Cause.RESERVE,)),
    (NEW, (SlotState.FOREIGN,), (Cause.FOREIGN,)),
    ((SlotState.RESERVED,), (SlotState.VOID,), (Cause.RELEASE,)),
    ((SlotState.RESERVED,), (SlotState.IN_USE,), (Cause.SIGN, Cause.CANCEL)),
    ((SlotState.RESERVED, SlotState.IN_USE), (SlotState.FOREIGN,), (Cause.FOREIGN,)),
    ((SlotState.IN_USE,), (SlotState.OURS,), (Cause.RECEIPT,)),
    ((SlotState.OURS,), (SlotState.IN_USE,), (Cause.REORG,)),
    ((SlotState.FOREIGN,), (SlotState.RESERVED, SlotState.IN_USE, SlotState.VOID), (Cause.REORG,)),
    ((SlotState.OURS,), (SlotState.OURS_FINAL,), (Cause.FINALITY,)),
    ((SlotState.FOREIGN,), (SlotState.FOREIGN_FINAL,), (Cause.FINALITY,)),
)
ATTEMPTS: tuple[Row, ...] = (
    (NEW, (AttemptState.SIGNED,), (Cause.SIGN, Cause.BUMP, Cause.CANCEL)),
    ((AttemptState.SIGNED,), (AttemptState.SEALED,), (Cause.VALIDATE,)),
    ((AttemptState.SIGNED, AttemptState.SEALED), (AttemptState.REFUSED,), (Cause.REFUSE,)),
    ((AttemptState.SEALED,), (AttemptState.BROADCAST,), (Cause.SEND,)),
    (
        # What is on chain counts, also if no sending is on record, or none was to be.
        (AttemptState.SIGNED, AttemptState.REFUSED, AttemptState.SEALED, AttemptState.BROADCAST),
        (AttemptState.INCLUDED,),
        (Cause.RECEIPT,),
    ),
    (
        (AttemptState.SIGNED, AttemptState.SEALED, AttemptState.BROADCAST),
        (AttemptState.REPLACED,),
        (Cause.RECEIPT, Cause.FOREIGN),
    ),
    ((AttemptState.INCLUDED,), (AttemptState.REFUSED,), (Cause.REORG,)),
    (
        (AttemptState.INCLUDED, AttemptState.REPLACED),
        (AttemptState.SIGNED, AttemptState.SEALED, AttemptState.BROADCAST),
        (Cause.REORG,),
    ),
    ((AttemptState.INCLUDED,), (AttemptState.FINAL,), (Cause.FINALITY,)),
    ((AttemptState.REPLACED, AttemptState.REFUSED), (AttemptState.DROPPED,), (Cause.FINALITY,)),
)
REQUESTS: tuple[Row, ...] = (
    (NEW, (RequestState.QUEUED,), (Cause.SUBMIT,)),
    ((RequestState.QUEUED,), (RequestState.SENT,), (Cause.SEND,)),
    ((RequestState.QUEUED,), (RequestState.CANCELLED,), (Cause.WITHDRAW,)),
    ((RequestState.SENT,), (RequestState.ACCEPTED,), (Cause.ANSWER,)),
    (
        (RequestState.SENT, RequestState.ACCEPTED),
        (RequestState.DONE, RequestState.FAILED, RequestState.CANCELLED),
        (Cause.ANSWER,),
    ),
)
LEASES: tuple[Row, ...] = (
    (NEW, (LeaseState.HELD,), (Cause.ACQUIRE,)),
    ((LeaseState.FREE,), (LeaseState.HELD,), (Cause.ACQUIRE,)),
    ((LeaseState.HELD,), (LeaseState.HELD,), (Cause.RENEW, Cause.TAKE_OVER)),
    ((LeaseState.HELD,), (LeaseState.FREE,), (Cause.RELEASE,)),
)
TICKS: tuple[Row, ...] = (
    (NEW, (TickState.CLAIMED,), (Cause.CLAIM,)),
    ((TickState.CLAIMED,), (TickState.RUN,), (Cause.START,)),
    ((TickState.CLAIMED,), (TickState.SKIPPED,), (Cause.SKIP,)),
)


def _moves(thing: Thing, rows: Iterable[Row]) -> Iterator[Move]:
    for starts, ends, causes in rows:
        yield from (
            Move(thing, start, end, cause) for start in starts for end in ends for cause in causes
        )


MOVES = (
    *_moves(Thing.STEP, STEPS),
    *_moves(Thing.INTENT, INTENTS),
    *_moves(Thing.SLOT, SLOTS),
    *_moves(Thing.ATTEMPT, ATTEMPTS),
    *_moves(Thing.REQUEST, REQUESTS),
    *_moves(Thing.LEASE, LEASES),
    *_moves(Thing.TICK, TICKS),
)
_LEGAL = frozenset(MOVES)


def is_legal(move: Move) -> bool:
    """Whether the table has this move."""
    return move in _LEGAL


def pairs(thing: Thing) -> frozenset[tuple[StrEnum | None, StrEnum]]:
    """The moves of a thing without their causes, as a trigger can see them."""
    return frozenset((move.start, move.end) for move in MOVES if move.thing is thing)
