"""Errors of the transaction engine and its store."""

from typing import Self

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message


@message("{what} is {current} and cannot become {wanted} ({cause})")
class IllegalMoveError(BallastError, kind="IllegalMove"):
    """Something cannot go from its state to another for this cause.

    Attributes:
        what: What should move, as in `intents 4`.
        current: Its state, or `nothing`.
    """

    what: str
    current: str
    wanted: str
    cause: str


@message("there is no {what}")
class UnknownRecordError(BallastError, kind="UnknownRecord"):
    """The database has no such record.

    Attributes:
        what: What was asked for, as in `intents 4`.
    """

    what: str


@message("the lease on {scope} of epoch {epoch} is over; nothing was written")
class StaleLeaseError(BallastError, kind="StaleLease"):
    """The lease of a writer is not valid any more; nothing was written."""

    scope: str
    epoch: int


@message("{holder} holds the lease on {scope}")
class LeaseHeldError(BallastError, kind="LeaseHeld"):
    """Somebody else holds the lease."""

    scope: str
    holder: str


class WrongLeaseError(BallastError, kind="WrongLease"):
    """A write needs another lease than the writer has.

    Attributes:
        held: The scope of the writer's, or None.
    """

    def __init__(self, needed: str, held: str | None) -> None:
        super().__init__(f"this needs the lease on {needed}, not on {held or 'nothing'}")
        self.needed = needed
        self.held = held


@message("the key {key} was used for something else; nothing was written")
class KeyReusedError(BallastError, kind="KeyReused"):
    """An idempotency key came again with other contents."""

    key: str


class NotSettledError(BallastError, kind="NotSettled"):
    """A call that was asked for has no known end yet; nothing is lost."""

    def __init__(self, intent_id: int, state: str, problem: str) -> None:
        super().__init__(f"transaction {intent_id} is {state.lower()}{problem}")
        self.intent_id = intent_id
        self.state = state

    @classmethod
    def after(cls, intent_id: int, state: str, seconds: float, why: str = "") -> Self:
        """Return the error of a wait that took too long; `why` begins with ` and`."""
        return cls(
            intent_id,
            state,
            f"{why}, and not as deep as it must be within {seconds:g} seconds; the next armed run "
            f"resumes it, and `ballast txs show {intent_id}` shows it",
        )

    @classmethod
    def paused(cls, intent_id: int, state: str, paused_by: str, reason: str) -> Self:
        """Return the error of a wait that a pause ended."""
        return cls(
            intent_id,
            state,
            f", and sending is paused by {paused_by}: {reason}; `ballast resume` lifts the pause, "
            "and the next armed run finds out what became of the transaction",
        )


@message("nonce slot {slot_id} takes no such transaction: {reason}")
class AttemptRefusedError(BallastError, kind="AttemptRefused"):
    """Signed bytes may not be stored for a nonce."""

    slot_id: int
    reason: str


@message("there is no transaction {intent_id}; `ballast txs list --all` lists those there are")
class UnknownTransactionError(
    BallastError, kind="NoSuchTransaction", exit_status=EXIT_UNUSABLE_INPUT
):
    """There is no transaction of this id."""

    intent_id: int


@message("transaction {intent_id}: no {asked}: {reason}")
class RequestNotPossibleError(BallastError, kind="CannotBeAsked"):
    """An operator's request does not fit the transaction's present state.

    Attributes:
        asked: What was asked for, as in `bump`.
    """

    intent_id: int
    asked: str
    reason: str
