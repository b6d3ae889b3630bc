"""Errors of the transaction engine and its store."""

from typing import Self

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message


@message("{what} is {current} and cannot become {wanted} ({cause})")
class IllegalMoveError(BallastError, kind="IllegalMove"):
    """The transition with this cause is not legal from the current state.

    Attributes:
        what: The record, as in `intents 4`.
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
        what: The requested record, as in `intents 4`.
    """

    what: str


@message("the lease on {scope} of epoch {epoch} has expired; nothing was written")
class StaleLeaseError(BallastError, kind="StaleLease"):
    """The writer's lease is no longer valid; nothing was written."""

    scope: str
    epoch: int


@message("{holder} holds the lease on {scope}")
class LeaseHeldError(BallastError, kind="LeaseHeld"):
    """Another process holds the lease."""

    scope: str
    holder: str


class WrongLeaseError(BallastError, kind="WrongLease"):
    """The write requires a different lease than the writer holds.

    Attributes:
        held: Scope of the writer's lease, or None.
    """

    def __init__(self, needed: str, held: str | None) -> None:
        super().__init__(f"this write requires the lease on {needed}, not on {held or 'nothing'}")
        self.needed = needed
        self.held = held


@message("the key {key} was already used with different contents; nothing was written")
class KeyReusedError(BallastError, kind="KeyReused"):
    """An idempotency key was reused with different contents."""

    key: str


class NotSettledError(BallastError, kind="NotSettled"):
    """The transaction has not reached a terminal state yet; it stays in the store."""

    def __init__(self, intent_id: int, state: str, problem: str) -> None:
        super().__init__(f"transaction {intent_id} is {state.lower()}{problem}")
        self.intent_id = intent_id
        self.state = state

    @classmethod
    def after(cls, intent_id: int, state: str, seconds: float, why: str = "") -> Self:
        """Return the error of a wait that timed out; `why` starts with ` and`."""
        return cls(
            intent_id,
            state,
            f"{why}, and did not reach the required confirmations within {seconds:g} seconds; "
            f"the next armed run resumes it, and `ballast txs show {intent_id}` shows its state",
        )

    @classmethod
    def paused(cls, intent_id: int, state: str, paused_by: str, reason: str) -> Self:
        """Return the error of a wait that ended because of a pause."""
        return cls(
            intent_id,
            state,
            f", and sending is paused by {paused_by}: {reason}; `ballast resume` lifts the "
            "pause, and the next armed run determines the result of the transaction",
        )


@message("nonce slot {slot_id} does not accept the transaction: {reason}")
class AttemptRefusedError(BallastError, kind="AttemptRefused"):
    """The signed bytes may not be stored for the nonce."""

    slot_id: int
    reason: str


@message("there is no transaction {intent_id}; `ballast txs list --all` lists all transactions")
class UnknownTransactionError(
    BallastError, kind="NoSuchTransaction", exit_status=EXIT_UNUSABLE_INPUT
):
    """No transaction has this id."""

    intent_id: int


@message("transaction {intent_id}: {asked} is not possible: {reason}")
class RequestNotPossibleError(BallastError, kind="CannotBeAsked"):
    """An operator's request does not fit the transaction's present state.

    Attributes:
        asked: The requested action, as in `bump`.
    """

    intent_id: int
    asked: str
    reason: str
