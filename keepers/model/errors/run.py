"""Errors of runs, approvals and the service."""

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message
from keepers.model.errors.chain import ChainError


@message("{vault}: run {run_id} is still open; `ballast run` recovers it first")
class RunInProgressError(BallastError, kind="RunInProgress"):
    """The vault already has an open run, and may have only one."""

    vault: str
    run_id: str


@message("there is no run {run_id}; `ballast report` lists the runs")
class UnknownRunError(BallastError, kind="UnknownRun"):
    """No run has this id."""

    run_id: str


@message("{what} is {current} and cannot become {wanted}")
class IllegalTransitionError(BallastError, kind="IllegalTransition"):
    """The transition is not legal from the current state.

    Attributes:
        what: The record, as in `run 7c1e`.
    """

    what: str
    current: str
    wanted: str


class NothingToUndoError(BallastError, kind="NothingToUndo"):
    """The run has no actions to undo, or is not finished."""

    def __init__(self, run_id: str, status: str) -> None:
        words = status.lower().replace("_", " ")
        super().__init__(f"run {run_id} is {words} and has nothing to undo")
        self.run_id = run_id


@message("{reason}; send native token to {keeper}, and the run continues automatically")
class AwaitingFundsError(BallastError, kind="WaitsForFunds"):
    """An approved plan waits until the native balance covers its gas."""

    keeper: str
    reason: str


@message("{what} is already in the database")
class DuplicateRecordError(BallastError, kind="DuplicateRecord"):
    """The record exists already and must be unique.

    Attributes:
        what: The record, as in `run 7c1e`.
    """

    what: str


class StoreUnavailableError(BallastError, kind="JournalUnavailable"):
    """The database cannot be read or written; nothing may be sent.

    Attributes:
        database: Its URL without a password; None if the URL is invalid.
    """

    def __init__(self, problem: str, database: str | None = None) -> None:
        where = "the database" if database is None else f"the database {database}"
        hint = "" if "`database`" in problem else "; see `database` in the settings"
        super().__init__(f"{where} cannot be used: {problem}{hint}")
        self.problem = problem
        self.database = database


class DatabaseLostError(StoreUnavailableError, kind="DatabaseLost"):
    """The database is not the one this process has used: deleted, or replaced by an older copy."""

    def __init__(self, problem: str, database: str) -> None:
        super().__init__(
            f"{problem}. It may lack transactions in progress, so nothing more is sent: stop "
            "every keeper, restore the newest copy, run `ballast txs resync`, and start again",
            database,
        )


@message("the database rejected a record: {rule}")
class StoreRefusedError(BallastError, kind="JournalRefused"):
    """The database rejected a record that violates a constraint; nothing was written."""

    rule: str


@message(
    "run {run_id} waits for --arm: its transaction {intent_id} is signed and stored, and has "
    "no receipt; nothing was sent"
)
class ArmRequiredError(BallastError, kind="RunWaitsForArm"):
    """An interrupted run has transactions that only an armed run may resend."""

    run_id: str
    intent_id: int


@message("{symbol}: {problem}")
class QuoteUnavailableError(BallastError, kind="CannotBeQuoted"):
    """A required trade has no quote."""

    symbol: str
    problem: str


@message("run {run_id} has no approval request; `ballast approve` without a run lists the requests")
class NoTicketError(BallastError, kind="NoTicket"):
    """The run has no approval request."""

    run_id: str


class TicketClosedError(BallastError, kind="TicketClosed"):
    """The approval request is already decided."""

    def __init__(self, run_id: str, state: str, reason: str | None) -> None:
        why = f": {reason}" if reason else ""
        super().__init__(
            f"the approval request of run {run_id} is {state.lower()}{why}; nothing was changed"
        )
        self.run_id = run_id
        self.state = state


@message("{signer} is not an approver of plan ledger {ledger}; a configurator can add it")
class NotAnApproverError(BallastError, kind="NotAnApprover"):
    """The account has no approver weight on chain."""

    signer: str
    ledger: str


@message("the signature of {signer} is not valid: {reason}; nothing was stored")
class WrongSignatureError(BallastError, kind="WrongSignature"):
    """The signature is for another plan or by another account."""

    signer: str
    reason: str


@message(
    "the plan of run {run_id} in the database has the hash {computed}, but approval was "
    "requested for {stored}; the plan was changed: do not sign, and inspect the database"
)
class AlteredPlanError(BallastError, kind="AlteredPlan"):
    """The stored approval request does not match its plan hash."""

    run_id: str
    stored: str
    computed: str


@message(
    "portfolio {portfolio} has no contract that rebalances its weights; run the verify script, "
    "then the configure script"
)
class NoWeightsError(ChainError):
    """The portfolio names no contract that rebalances its weights."""

    portfolio: str


class ListenError(BallastError):
    """The listen address for health and metrics, or for instructions, cannot be used."""

    def __init__(self, address: str, problem: str, section: str = "service") -> None:
        option = ", or --listen," if section == "service" else ""
        super().__init__(
            f"cannot listen at {address}: {problem}; set listen of [{section}]{option} to a free "
            "address of this machine"
        )
        self.address = address
        self.problem = problem


@message("{text!a} is not a schedule: {problem}; use the form */5 * * * *")
class CronError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """The text is not a valid cron expression."""

    text: str
    problem: str


@message(
    "notifications.urls: address {position} ({masked}) is not a supported URL; "
    "docs/how-to/monitoring.md describes the form"
)
class UnusableDestinationError(
    BallastError, kind="UnusableDestination", exit_status=EXIT_UNUSABLE_INPUT
):
    """A notification URL is not one that Apprise supports.

    Attributes:
        position: Position of the URL in the list, starting at 1.
        masked: The URL's scheme, without secrets.
    """

    position: int
    masked: str
