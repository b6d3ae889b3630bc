"""States of the engine's entities, and the causes of their changes.

Origin: design, section 8 (the transaction engine and its eight rules). `transaction_moves` has the
table of legal transitions; the database rejects all others.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class EntityType(StrEnum):
    """Entity with a state; the value is the name of its table."""

    STEP = "run_steps"
    INTENT = "intents"
    SLOT = "nonce_slots"
    ATTEMPT = "slot_attempts"
    REQUEST = "requests"
    LEASE = "leases"
    TICK = "ticks"


class StepState(StrEnum):
    """State of a step of a run. Not final before its run is closed: a reorg may revert it."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class IntentState(StrEnum):
    """State of a call to execute once: Build, Audit, Sign, Validate, Broadcast, Confirm.

    BLOCKED waits for an operator or for funds; DISPLACED lost its nonce to an external transaction
    that is not final yet. FINAL (success), REVERTED, CANCELLED and FAILED (never sent) end it.
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
    """State of a sender's nonce. OURS and FOREIGN: who consumed it; a reorg may revert both.

    VOID: released before anything was signed; the nonce is free for another slot.
    """

    RESERVED = "RESERVED"
    IN_USE = "IN_USE"
    OURS = "OURS"
    FOREIGN = "FOREIGN"
    OURS_FINAL = "OURS_FINAL"
    FOREIGN_FINAL = "FOREIGN_FINAL"
    VOID = "VOID"


class AttemptState(StrEnum):
    """State of signed bytes. Only SEALED ones may be submitted, REFUSED ones never.

    REPLACED: another transaction with its nonce is included. DROPPED: that one is final.
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
    """Purpose of signed bytes: the call, the call at a higher fee, or a cancellation."""

    ORIGINAL = "ORIGINAL"
    BUMP = "BUMP"
    CANCEL = "CANCEL"


class RequestState(StrEnum):
    """State of an off-chain request under an idempotency key. SENT may not have arrived."""

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
    """State of a schedule's due time, which is claimed once."""

    CLAIMED = "CLAIMED"
    RUN = "RUN"
    SKIPPED = "SKIPPED"


class Hold(StrEnum):
    """Reason of BLOCKED: not enough native token for gas, or a denial for an operator to lift."""

    FUNDS = "FUNDS"
    DENIED = "DENIED"


class RequestedAction(StrEnum):
    """Request of an operator or the intent's owner; the holder of the lease executes it.

    STOP cancels an intent that is not signed, and has no effect on a signed one.
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
"""States of intents with a live nonce slot; intents in other states have none."""

ENDED_INTENTS = frozenset(
    {IntentState.FINAL, IntentState.REVERTED, IntentState.CANCELLED, IntentState.FAILED}
)
LIVE_SLOTS = frozenset({SlotState.RESERVED, SlotState.IN_USE, SlotState.OURS, SlotState.FOREIGN})
FOREIGN_SLOTS = frozenset({SlotState.FOREIGN, SlotState.FOREIGN_FINAL})
UNSENT = frozenset({AttemptState.SIGNED, AttemptState.SEALED})
MINED = frozenset({AttemptState.INCLUDED, AttemptState.FINAL})
LIVE_REQUESTS = frozenset({RequestState.QUEUED, RequestState.SENT, RequestState.ACCEPTED})


class Transition(StrEnum):
    """Cause of a transition, explained in `MEANINGS`."""

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
    """Event by an operator or the engine without a change of state."""

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
