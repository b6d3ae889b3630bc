"""Table of legal transitions between states, with their causes.

The database triggers and the diagram in `docs/reference/transaction-states.md` repeat this table;
tests compare them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from keepers.model.transaction_states import (
    AttemptState,
    EntityType,
    IntentState,
    LeaseState,
    RequestState,
    SlotState,
    StepState,
    TickState,
    Transition,
)


@dataclass(frozen=True, slots=True)
class Move:
    """Legal transition; a creation if `start` is None."""

    entity: EntityType
    start: StrEnum | None
    end: StrEnum
    cause: Transition


Row = tuple[Iterable[StrEnum | None], Iterable[StrEnum], Iterable[Transition]]
NEW = (None,)

UNSIGNED = (IntentState.QUEUED, IntentState.BUILT, IntentState.AUDITED, IntentState.NUMBERED)
HELD = (IntentState.NUMBERED, IntentState.SIGNED, IntentState.SEALED, IntentState.BROADCAST)
"""States of an intent whose nonce is not consumed; a reorg brings it back to one of them."""

STEPS: tuple[Row, ...] = (
    (NEW, (StepState.PENDING,), (Transition.PLAN,)),
    ((StepState.PENDING, StepState.FAILED), (StepState.ACTIVE,), (Transition.SUBMIT,)),
    ((StepState.PENDING,), (StepState.SKIPPED,), (Transition.SKIP,)),
    ((StepState.PENDING,), (StepState.FAILED,), (Transition.REJECT,)),
    ((StepState.ACTIVE,), (StepState.DONE,), (Transition.RECEIPT, Transition.ANSWER)),
    (
        (StepState.ACTIVE,),
        (StepState.FAILED,),
        (Transition.RECEIPT, Transition.ANSWER, Transition.REJECT, Transition.WITHDRAW),
    ),
    ((StepState.DONE, StepState.FAILED), (StepState.ACTIVE,), (Transition.REORG,)),
)
INTENTS: tuple[Row, ...] = (
    (NEW, (IntentState.QUEUED,), (Transition.SUBMIT,)),
    ((IntentState.QUEUED,), (IntentState.BUILT,), (Transition.BUILD,)),
    ((IntentState.BUILT,), (IntentState.AUDITED,), (Transition.AUDIT,)),
    (UNSIGNED, (IntentState.BLOCKED,), (Transition.BLOCK,)),
    ((IntentState.BLOCKED,), (IntentState.QUEUED,), (Transition.UNBLOCK,)),
    ((*UNSIGNED, IntentState.BLOCKED), (IntentState.FAILED,), (Transition.REJECT,)),
    ((*UNSIGNED, IntentState.BLOCKED), (IntentState.CANCELLED,), (Transition.WITHDRAW,)),
    ((IntentState.AUDITED,), (IntentState.NUMBERED,), (Transition.RESERVE,)),
    ((IntentState.NUMBERED,), (IntentState.SIGNED,), (Transition.SIGN, Transition.CANCEL)),
    ((IntentState.SIGNED,), (IntentState.SEALED,), (Transition.VALIDATE,)),
    ((IntentState.SIGNED, IntentState.SEALED), (IntentState.NUMBERED,), (Transition.REFUSE,)),
    ((IntentState.SEALED,), (IntentState.BROADCAST,), (Transition.SEND,)),
    (HELD, (IntentState.INCLUDED,), (Transition.RECEIPT,)),
    ((IntentState.INCLUDED,), (IntentState.SAFE,), (Transition.SAFE,)),
    ((IntentState.INCLUDED, IntentState.SAFE), HELD, (Transition.REORG,)),
    (
        (IntentState.INCLUDED, IntentState.SAFE),
        (IntentState.FINAL, IntentState.REVERTED, IntentState.CANCELLED),
        (Transition.FINALITY,),
    ),
    (HELD, (IntentState.DISPLACED,), (Transition.FOREIGN,)),
    ((IntentState.DISPLACED,), HELD, (Transition.REORG,)),
    ((IntentState.DISPLACED,), (IntentState.QUEUED,), (Transition.FINALITY,)),
)
SLOTS: tuple[Row, ...] = (
    (NEW, (SlotState.RESERVED,), (Transition.RESERVE,)),
    (NEW, (SlotState.FOREIGN,), (Transition.FOREIGN,)),
    ((SlotState.RESERVED,), (SlotState.VOID,), (Transition.RELEASE,)),
    ((SlotState.RESERVED,), (SlotState.IN_USE,), (Transition.SIGN, Transition.CANCEL)),
    ((SlotState.RESERVED, SlotState.IN_USE), (SlotState.FOREIGN,), (Transition.FOREIGN,)),
    ((SlotState.IN_USE,), (SlotState.OURS,), (Transition.RECEIPT,)),
    ((SlotState.OURS,), (SlotState.IN_USE,), (Transition.REORG,)),
    (
        (SlotState.FOREIGN,),
        (SlotState.RESERVED, SlotState.IN_USE, SlotState.VOID),
        (Transition.REORG,),
    ),
    ((SlotState.OURS,), (SlotState.OURS_FINAL,), (Transition.FINALITY,)),
    ((SlotState.FOREIGN,), (SlotState.FOREIGN_FINAL,), (Transition.FINALITY,)),
)
ATTEMPTS: tuple[Row, ...] = (
    (NEW, (AttemptState.SIGNED,), (Transition.SIGN, Transition.BUMP, Transition.CANCEL)),
    ((AttemptState.SIGNED,), (AttemptState.SEALED,), (Transition.VALIDATE,)),
    ((AttemptState.SIGNED, AttemptState.SEALED), (AttemptState.REFUSED,), (Transition.REFUSE,)),
    ((AttemptState.SEALED,), (AttemptState.BROADCAST,), (Transition.SEND,)),
    (
        # Inclusion on chain counts, even if no submission is recorded or none was intended.
        (AttemptState.SIGNED, AttemptState.REFUSED, AttemptState.SEALED, AttemptState.BROADCAST),
        (AttemptState.INCLUDED,),
        (Transition.RECEIPT,),
    ),
    (
        (AttemptState.SIGNED, AttemptState.SEALED, AttemptState.BROADCAST),
        (AttemptState.REPLACED,),
        (Transition.RECEIPT, Transition.FOREIGN),
    ),
    ((AttemptState.INCLUDED,), (AttemptState.REFUSED,), (Transition.REORG,)),
    (
        (AttemptState.INCLUDED, AttemptState.REPLACED),
        (AttemptState.SIGNED, AttemptState.SEALED, AttemptState.BROADCAST),
        (Transition.REORG,),
    ),
    ((AttemptState.INCLUDED,), (AttemptState.FINAL,), (Transition.FINALITY,)),
    (
        (AttemptState.REPLACED, AttemptState.REFUSED),
        (AttemptState.DROPPED,),
        (Transition.FINALITY,),
    ),
)
REQUESTS: tuple[Row, ...] = (
    (NEW, (RequestState.QUEUED,), (Transition.SUBMIT,)),
    ((RequestState.QUEUED,), (RequestState.SENT,), (Transition.SEND,)),
    ((RequestState.QUEUED,), (RequestState.CANCELLED,), (Transition.WITHDRAW,)),
    ((RequestState.SENT,), (RequestState.ACCEPTED,), (Transition.ANSWER,)),
    (
        (RequestState.SENT, RequestState.ACCEPTED),
        (RequestState.DONE, RequestState.FAILED, RequestState.CANCELLED),
        (Transition.ANSWER,),
    ),
)
LEASES: tuple[Row, ...] = (
    (NEW, (LeaseState.HELD,), (Transition.ACQUIRE,)),
    ((LeaseState.FREE,), (LeaseState.HELD,), (Transition.ACQUIRE,)),
    ((LeaseState.HELD,), (LeaseState.HELD,), (Transition.RENEW, Transition.TAKE_OVER)),
    ((LeaseState.HELD,), (LeaseState.FREE,), (Transition.RELEASE,)),
)
TICKS: tuple[Row, ...] = (
    (NEW, (TickState.CLAIMED,), (Transition.CLAIM,)),
    ((TickState.CLAIMED,), (TickState.RUN,), (Transition.START,)),
    ((TickState.CLAIMED,), (TickState.SKIPPED,), (Transition.SKIP,)),
)


def _moves(entity: EntityType, rows: Iterable[Row]) -> Iterator[Move]:
    for starts, ends, causes in rows:
        yield from (
            Move(entity, start, end, cause) for start in starts for end in ends for cause in causes
        )


MOVES = (
    *_moves(EntityType.STEP, STEPS),
    *_moves(EntityType.INTENT, INTENTS),
    *_moves(EntityType.SLOT, SLOTS),
    *_moves(EntityType.ATTEMPT, ATTEMPTS),
    *_moves(EntityType.REQUEST, REQUESTS),
    *_moves(EntityType.LEASE, LEASES),
    *_moves(EntityType.TICK, TICKS),
)
_LEGAL = frozenset(MOVES)


def is_legal(move: Move) -> bool:
    """Return whether the table has this transition."""
    return move in _LEGAL


def pairs(entity: EntityType) -> frozenset[tuple[StrEnum | None, StrEnum]]:
    """Return the transitions of an entity without causes, as visible to a database trigger."""
    return frozenset((move.start, move.end) for move in MOVES if move.entity is entity)
