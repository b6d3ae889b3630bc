"""States of the engine's entities, and the causes of their changes."""

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
    """Cause of a change of state; each has its words in `MEANINGS`."""

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
    """Event beside the moves, by a person or the engine."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    WANT = "WANT"
    ASK = "ASK"
    APPROVE = "APPROVE"
    DECIDE = "DECIDE"
    TAKE_UP = "TAKE_UP"


MEANINGS: Mapping[Transition, str] = MappingProxyType(
    {
        Transition.PLAN: "a run has this step",
        Transition.SUBMIT: (
            "asked for, under a key that is used once; a failed step may be tried again"
        ),
        Transition.BUILD: "the call is built: target, data, gas",
        Transition.AUDIT: "simulated and within policy",
        Transition.BLOCK: (
            "must wait for a person or for funds; a nonce without signature is given back"
        ),
        Transition.UNBLOCK: "may go on, from the beginning",
        Transition.REJECT: "simulation, policy or signer says no before anything is signed",
        Transition.WITHDRAW: "called off before anything is signed or asked for",
        Transition.RESERVE: "the lowest free nonce is held",
        Transition.RELEASE: "the nonce is given back before anything is signed for it",
        Transition.SIGN: "the call's signed bytes are stored",
        Transition.BUMP: "the same call at a higher fee is stored",
        Transition.CANCEL: "a transfer of nothing to oneself is stored, to take the nonce",
        Transition.VALIDATE: "the validator agrees with the stored bytes",
        Transition.REFUSE: "the validator does not agree, or the bytes are not to leave after all",
        Transition.SEND: "handed to a node or to the other side, which may not have heard it",
        Transition.RECEIPT: "a receipt by block hash; other attempts of the nonce are replaced",
        Transition.SAFE: "the block is safe",
        Transition.FINALITY: "the block is final; what it decided stays",
        Transition.FOREIGN: "a transaction that is none of ours has consumed the nonce",
        Transition.REORG: (
            "the block is no longer in the chain: back to where it had come by itself"
        ),
        Transition.ANSWER: "the other side says so",
        Transition.ACQUIRE: "nobody holds it; the epoch rises",
        Transition.RENEW: "the holder holds it for longer; same epoch",
        Transition.TAKE_OVER: "it has expired by database time; the epoch rises",
        Transition.CLAIM: "inserted first",
        Transition.START: "a run is made for it, in the same transaction",
        Transition.SKIP: "not to be done",
    }
)
