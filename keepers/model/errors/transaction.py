"""What can go wrong with the ledger of the transaction engine."""

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


class IllegalMove(BallastError):  # noqa: N818 - says what was refused
    """Something cannot go from its state to another for this cause.

    Attributes:
        what: What should move, as in `intents 4`.
        current: Its state, or `nothing`.
        wanted: The state asked for.
        cause: Why.
    """

    def __init__(self, what: str, current: str, wanted: str, cause: str) -> None:
        super().__init__(f"{what} is {current} and cannot become {wanted} ({cause})")
        self.what = what
        self.current = current
        self.wanted = wanted
        self.cause = cause


class UnknownRecord(BallastError):  # noqa: N818
    """The ledger has no such thing.

    Attributes:
        what: What was asked for, as in `intents 4`.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"there is no {what}")
        self.what = what


class StaleLease(BallastError):  # noqa: N818
    """The lease of a writer is not valid any more; nothing was written.

    Attributes:
        scope: What the lease is for.
        epoch: The writer's.
    """

    def __init__(self, scope: str, epoch: int) -> None:
        super().__init__(f"the lease on {scope} of epoch {epoch} is over; nothing was written")
        self.scope = scope
        self.epoch = epoch


class LeaseHeld(BallastError):  # noqa: N818
    """Somebody else holds the lease.

    Attributes:
        scope: What the lease is for.
        holder: Who holds it.
    """

    def __init__(self, scope: str, holder: str) -> None:
        super().__init__(f"{holder} holds the lease on {scope}")
        self.scope = scope
        self.holder = holder


class WrongLease(BallastError):  # noqa: N818
    """A write needs another lease than the writer has.

    Attributes:
        needed: The scope that it needs.
        held: The scope of the writer's, or None.
    """

    def __init__(self, needed: str, held: str | None) -> None:
        super().__init__(f"this needs the lease on {needed}, not on {held or 'nothing'}")
        self.needed = needed
        self.held = held


class KeyReused(BallastError):  # noqa: N818
    """An idempotency key came again with other contents.

    Attributes:
        key: The key.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key} was used for something else; nothing was written")
        self.key = key


class NotSettled(BallastError):  # noqa: N818
    """A call that was asked for has no known end yet; nothing is lost.

    Attributes:
        intent_id: The intent.
        state: How it stands.
    """

    def __init__(self, intent_id: int, state: str, seconds: float, problem: str) -> None:
        super().__init__(
            f"transaction {intent_id} is {state.lower()}{problem}, and not as deep as it must be "
            f"within {seconds:g} seconds; the next armed run goes on with it, and "
            f"`ballast txs show {intent_id}` tells of it"
        )
        self.intent_id = intent_id
        self.state = state


class AttemptRefused(BallastError):  # noqa: N818
    """Signed bytes may not be stored for a nonce.

    Attributes:
        slot_id: The nonce slot.
        reason: Why not.
    """

    def __init__(self, slot_id: int, reason: str) -> None:
        super().__init__(f"nonce slot {slot_id} takes no such transaction: {reason}")
        self.slot_id = slot_id
        self.reason = reason


class NoSuchTransaction(BallastError):  # noqa: N818
    """There is no transaction of this id.

    Attributes:
        intent_id: The id asked for.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, intent_id: int) -> None:
        super().__init__(
            f"there is no transaction {intent_id}; `ballast txs list --all` lists those there are"
        )
        self.intent_id = intent_id


class CannotBeAsked(BallastError):  # noqa: N818
    """What a person asks for cannot be done with a transaction as it stands.

    Attributes:
        intent_id: The transaction.
        asked: What was asked for, as in `bump`.
        reason: Why not, in one clause.
    """

    def __init__(self, intent_id: int, asked: str, reason: str) -> None:
        super().__init__(f"transaction {intent_id}: no {asked}: {reason}")
        self.intent_id = intent_id
        self.asked = asked
        self.reason = reason
