"""States of the engine's entities, and the causes of their changes.

Origin: design, section 8 (the transaction engine and its eight rules). `transaction_moves` has the
table of legal moves; the database refuses every other move.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class EntityType(StrEnum):
    """Entity that has a state; the value is its table."""

    STEP = "run_steps"
    INTENT = "intents"
    SLOT = "nonce_slots"
    ATTEMPT = "slot_attempts"
    REQUEST = "requests"
    LEASE = "leases"
    TICK = "ticks"


class StepState(StrEnum):
    """A step of a run. Nothing is final before its run is closed, since a reorg may undo it."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class IntentState(StrEnum):
    """A call that should be made once: Build, Audit, Sign, Validate, Broadcast, Confirm.

    BLOCKED waits for a person or for funds; DISPLACED lost its nonce to a foreign transaction that
    is not final yet. FINAL (success), REVERTED, CANCELLED and FAILED (never sent) are ends.
    """

    QUEUED = "QUEUED"
    BUILT = "BUILT"
    AUDITED = "AUDITED"
    BLOCKED = "BLOCKED"
    NUMBERED = "NUMBERED"
    SIGNED = "SIGNED"
    SEALED = "SEALED"
    BROADCAST = "BROADCAST"
    INCLUDED = "INCLUDED"
    SAFE = "SAFE"
    DISPLACED = "DISPLACED"
    FINAL = "FINAL"
    REVERTED = "REVERTED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class SlotState(StrEnum):
    """A nonce of a sender. OURS and FOREIGN say who consumed it, which a reorg may take back.

    VOID was given back before anything was signed for it; the nonce is free for another slot.
    """

    RESERVED = "RESERVED"
    IN_USE = "IN_USE"
    OURS = "OURS"
    FOREIGN = "FOREIGN"
    OURS_FINAL = "OURS_FINAL"
    FOREIGN_FINAL = "FOREIGN_FINAL"
    VOID = "VOID"


class AttemptState(StrEnum):
    """Signed bytes. Only what the validator sealed may leave; what it refused may not, ever.

    REPLACED: another transaction of its nonce is included. DROPPED: that one is final.
    """

    SIGNED = "SIGNED"
    REFUSED = "REFUSED"
    SEALED = "SEALED"
    BROADCAST = "BROADCAST"
    INCLUDED = "INCLUDED"
    REPLACED = "REPLACED"
    DROPPED = "DROPPED"
    FINAL = "FINAL"


class AttemptKind(StrEnum):
    """Purpose of signed bytes: the call, the call at a higher fee, or nothing in its place."""

    ORIGINAL = "ORIGINAL"
    BUMP = "BUMP"
    CANCEL = "CANCEL"


class RequestState(StrEnum):
    """An effect off-chain, asked for under a key of ours. SENT may or may not have arrived."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class LeaseState(StrEnum):
    """State of a lease on a sender or an account. An expired lease is HELD, and may be taken."""

    HELD = "HELD"
    FREE = "FREE"


class TickState(StrEnum):
    """A due time of a schedule, claimed once."""

    CLAIMED = "CLAIMED"
    RUN = "RUN"
    SKIPPED = "SKIPPED"


class Hold(StrEnum):
    """Reason of a block: native token for gas is missing, or a person has to lift a denial."""

    FUNDS = "FUNDS"
    DENIED = "DENIED"


class RequestedAction(StrEnum):
    """Request of a person or the intent's owner; the holder of the lease carries it out.

    STOP calls off what is not signed, and lets what is signed go its way.
    """

    BUMP = "BUMP"
    CANCEL = "CANCEL"
    STOP = "STOP"


HOLDING = frozenset(
    {
        IntentState.NUMBERED,
        IntentState.SIGNED,
        IntentState.SEALED,
        IntentState.BROADCAST,
        IntentState.INCLUDED,
        IntentState.SAFE,
        IntentState.DISPLACED,
    }
)
"""Intents that have a live nonce slot; all others have none."""

ENDED_INTENTS = frozenset(
    {IntentState.FINAL, IntentState.REVERTED, IntentState.CANCELLED, IntentState.FAILED}
)
LIVE_SLOTS = frozenset({SlotState.RESERVED, SlotState.IN_USE, SlotState.OURS, SlotState.FOREIGN})
FOREIGN_SLOTS = frozenset({SlotState.FOREIGN, SlotState.FOREIGN_FINAL})
UNSENT = frozenset({AttemptState.SIGNED, AttemptState.SEALED})
MINED = frozenset({AttemptState.INCLUDED, AttemptState.FINAL})
LIVE_REQUESTS = frozenset({RequestState.QUEUED, RequestState.SENT, RequestState.ACCEPTED})


class Transition(StrEnum):
    """Cause of a change of state, explained in `MEANINGS`."""

    PLAN = "PLAN"
    SUBMIT = "SUBMIT"
    BUILD = "BUILD"
    AUDIT = "AUDIT"
    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    REJECT = "REJECT"
    WITHDRAW = "WITHDRAW"
    RESERVE = "RESERVE"
    RELEASE = "RELEASE"
    SIGN = "SIGN"
    BUMP = "BUMP"
    CANCEL = "CANCEL"
    VALIDATE = "VALIDATE"
    REFUSE = "REFUSE"
    SEND = "SEND"
    RECEIPT = "RECEIPT"
    SAFE = "SAFE"
    FINALITY = "FINALITY"
    FOREIGN = "FOREIGN"
    REORG = "REORG"
    ANSWER = "ANSWER"
    ACQUIRE = "ACQUIRE"
    RENEW = "RENEW"
    TAKE_OVER = "TAKE_OVER"
    CLAIM = "CLAIM"
    START = "START"
    SKIP = "SKIP"


class Annotation(StrEnum):
    """Event of an operator or the engine that changes no state."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    WANT = "WANT"
    ASK = "ASK"
    APPROVE = "APPROVE"
    DECIDE = "DECIDE"
    TAKE_UP = "TAKE_UP"


MEANINGS: Mapping[Transition, str] = MappingProxyType(
    {
        Transition.PLAN: "the run's plan contains this step",
        Transition.SUBMIT: (
            "submitted under a key that is used once; a failed step may be submitted again"
        ),
        Transition.BUILD: "target, calldata and gas of the call are built",
        Transition.AUDIT: "the call was simulated and policy allows it",
        Transition.BLOCK: (
            "waits for an operator or for funds; a nonce without a signature is released"
        ),
        Transition.UNBLOCK: "the obstacle is gone; starts again from QUEUED",
        Transition.REJECT: "simulation, policy or signer refused before anything was signed",
        Transition.WITHDRAW: "withdrawn before anything was signed or requested",
        Transition.RESERVE: "the lowest free nonce is reserved",
        Transition.RELEASE: "the nonce is released before anything was signed for it",
        Transition.SIGN: "the signed bytes of the call are stored",
        Transition.BUMP: "signed bytes of the same call at a higher fee are stored",
        Transition.CANCEL: "a signed cancellation that takes the nonce is stored",
        Transition.VALIDATE: "the validator confirmed the stored bytes",
        Transition.REFUSE: "the validator refused the bytes, or they must not be sent any more",
        Transition.SEND: "handed to a node or a service, which may not have received it",
        Transition.RECEIPT: "a block contains the transaction; others of its nonce are replaced",
        Transition.SAFE: "the block is safe",
        Transition.FINALITY: "the block is final, so the result is permanent",
        Transition.FOREIGN: "an external transaction used the nonce",
        Transition.REORG: (
            "the block is no longer in the chain; returns to the state before inclusion"
        ),
        Transition.ANSWER: "the response of the service says so",
        Transition.ACQUIRE: "no keeper held the lease; the epoch rises",
        Transition.RENEW: "the holder extends the lease; the epoch stays",
        Transition.TAKE_OVER: "the lease has expired by the database's clock; the epoch rises",
        Transition.CLAIM: "a keeper claimed the due time",
        Transition.START: "a run was opened for it in the same database transaction",
        Transition.SKIP: "not executed, because it is not needed or no longer possible",
    }
)
