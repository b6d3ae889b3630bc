"""Errors of runs, of their approval, and of the service that starts them."""

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message
from keepers.model.errors.chain import ChainError


@message("{vault}: run {run_id} is still open; `ballast run` recovers it first")
class RunInProgressError(BallastError, kind="RunInProgress"):
    """A vault has an open run already, and may have only one."""

    vault: str
    run_id: str


@message("there is no run {run_id}; `ballast report` lists those there are")
class UnknownRunError(BallastError, kind="UnknownRun"):
    """There is no such run."""

    run_id: str


@message("{what} is {current} and cannot become {wanted}")
class IllegalTransitionError(BallastError, kind="IllegalTransition"):
    """A run cannot go from where it is to where it should.

    Attributes:
        what: What should move, as in `run 7c1e`.
    """

    what: str
    current: str
    wanted: str


class NothingToUndoError(BallastError, kind="NothingToUndo"):
    """A run has done nothing that could be undone, or may still do something."""

    def __init__(self, run_id: str, status: str) -> None:
        words = status.lower().replace("_", " ")
        super().__init__(f"run {run_id} is {words}, and there is nothing of it to undo")
        self.run_id = run_id


@message("{reason}; send coins to {keeper}, and it goes on by itself")
class AwaitingFundsError(BallastError, kind="WaitsForFunds"):
    """An approved plan waits for native token to pay its gas."""

    keeper: str
    reason: str


@message("{what} is in the journal already")
class DuplicateRecordError(BallastError, kind="DuplicateRecord"):
    """Something is in the journal already, and is there only once.

    Attributes:
        what: What it is, as in `run 7c1e`.
    """

    what: str


class StoreUnavailableError(BallastError, kind="JournalUnavailable"):
    """The database cannot be read or written; nothing may be sent.

    Attributes:
        database: Where it is, without a password; None where the URL is none.
    """

    def __init__(self, problem: str, database: str | None = None) -> None:
        where = "the database" if database is None else f"the database {database}"
        hint = "" if "`database`" in problem else "; see `database` in the settings"
        super().__init__(f"{where} cannot be used: {problem}{hint}")
        self.problem = problem
        self.database = database


class DatabaseLostError(StoreUnavailableError, kind="DatabaseLost"):
    """The database is not the one that this process has worked with: deleted, or an older copy."""

    def __init__(self, problem: str, database: str) -> None:
        super().__init__(
            f"{problem}. What is under way may be unknown to it, so nothing more is sent: stop "
            "every keeper, put the newest copy back, run `ballast txs resync`, and start again",
            database,
        )


@message("the journal refused a record: {rule}")
class StoreRefusedError(BallastError, kind="JournalRefused"):
    """The database refused a record that breaks one of its rules; nothing was written."""

    rule: str


@message(
    "run {run_id} waits for --arm: its transaction {intent_id} is signed and stored, and has "
    "no receipt; nothing was sent"
)
class ArmRequiredError(BallastError, kind="RunWaitsForArm"):
    """An interrupted run has transactions that only an armed run may send again."""

    run_id: str
    intent_id: int


@message("{symbol}: {problem}")
class QuoteUnavailableError(BallastError, kind="CannotBeQuoted"):
    """A trade that cannot be left out has no quote."""

    symbol: str
    problem: str


@message("run {run_id} asks for no approval; `ballast approve` alone lists those that do")
class NoTicketError(BallastError, kind="NoTicket"):
    """Nobody was asked to approve a plan of this run."""

    run_id: str


class TicketClosedError(BallastError, kind="TicketClosed"):
    """The request has been decided already."""

    def __init__(self, run_id: str, state: str, reason: str | None) -> None:
        why = f": {reason}" if reason else ""
        super().__init__(
            f"the request of run {run_id} is {state.lower()}{why}; nothing was changed"
        )
        self.run_id = run_id
        self.state = state


@message("{signer} is no approver of plan ledger {ledger}; a configurator can make it one")
class NotAnApproverError(BallastError, kind="NotAnApprover"):
    """The chain gives the account's signature no weight."""

    signer: str
    ledger: str


@message("the signature of {signer} does not hold: {reason}; nothing was stored")
class WrongSignatureError(BallastError, kind="WrongSignature"):
    """A signature is not of this plan, or not by this account."""

    signer: str
    reason: str


@message(
    "the plan of run {run_id} in the database hashes to {computed}, but {stored} was asked "
    "for; somebody changed it: do not sign, and look into the database"
)
class AlteredPlanError(BallastError, kind="AlteredPlan"):
    """The stored approval request does not match its plan hash."""

    run_id: str
    stored: str
    computed: str


@message(
    "portfolio {portfolio} names no contract that runs its weights; run the verify script, "
    "then configure"
)
class NoWeightsError(ChainError):
    """Nobody runs rebalances of a portfolio's weights."""

    portfolio: str


class ListenError(BallastError):
    """The address for health and metrics, or for instructions, cannot be used."""

    def __init__(self, address: str, problem: str, section: str = "service") -> None:
        option = ", or --listen," if section == "service" else ""
        super().__init__(
            f"cannot listen at {address}: {problem}; set listen of [{section}]{option} to an "
            "address of this machine that is free"
        )
        self.address = address
        self.problem = problem


@message("{text!a} is no schedule: {problem}; write it as */5 * * * *")
class CronError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """A text is not a schedule."""

    text: str
    problem: str


@message(
    "notifications.urls: address {position} ({masked}) is not understood; "
    "docs/how-to/monitoring.md says how addresses look"
)
class UnusableDestinationError(
    BallastError, kind="UnusableDestination", exit_status=EXIT_UNUSABLE_INPUT
):
    """An address of the notifications is none that Apprise understands.

    Attributes:
        position: Which of the addresses, from 1 on.
        masked: Its kind, without what is secret in it.
    """

    position: int
    masked: str
