"""What can go wrong with the record of a run."""

from keepers.model.errors import BallastError


class RunInProgress(BallastError):  # noqa: N818 - says what is, which is no error of the vault
    """A vault has an open run already, and may have only one.

    Attributes:
        vault: The vault.
        run_id: Its open run.
    """

    def __init__(self, vault: str, run_id: str) -> None:
        super().__init__(f"{vault}: run {run_id} is still open; `ballast run` recovers it first")
        self.vault = vault
        self.run_id = run_id


class UnknownRun(BallastError):  # noqa: N818
    """There is no such run.

    Attributes:
        run_id: The id asked for.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(f"there is no run {run_id}; `ballast report` lists those there are")
        self.run_id = run_id


class IllegalTransition(BallastError):  # noqa: N818
    """A run cannot go from where it is to where it should.

    Attributes:
        what: What should move, as in `run 7c1e`.
        current: How it stands.
        wanted: What was asked of it.
    """

    def __init__(self, what: str, current: str, wanted: str) -> None:
        super().__init__(f"{what} is {current} and cannot become {wanted}")
        self.what = what
        self.current = current
        self.wanted = wanted


class NothingToUndo(BallastError):  # noqa: N818
    """A run has done nothing that could be undone, or may still do something."""

    def __init__(self, run_id: str, status: str) -> None:
        words = status.lower().replace("_", " ")
        super().__init__(f"run {run_id} is {words}, and there is nothing of it to undo")
        self.run_id = run_id


class WaitsForFunds(BallastError):  # noqa: N818
    """What people have approved waits for coins for gas.

    Attributes:
        keeper: The account that has too few.
    """

    def __init__(self, keeper: str, reason: str) -> None:
        super().__init__(f"{reason}; send coins to {keeper}, and it goes on by itself")
        self.keeper = keeper


class DuplicateRecord(BallastError):  # noqa: N818
    """Something is in the journal already, and is there only once.

    Attributes:
        what: What it is, as in `run 7c1e`.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is in the journal already")
        self.what = what


class JournalUnavailable(BallastError):  # noqa: N818
    """The database cannot be read or written; nothing may be sent.

    Attributes:
        problem: What the database said.
        database: Where it is, without a password; None where the URL is none.
    """

    def __init__(self, problem: str, database: str | None = None) -> None:
        where = "the database" if database is None else f"the database {database}"
        hint = "" if "`database`" in problem else "; see `database` in the settings"
        super().__init__(f"{where} cannot be used: {problem}{hint}")
        self.problem = problem
        self.database = database


class DatabaseLost(JournalUnavailable):
    """The database is not the one that this process has worked with: deleted, or an older copy."""

    def __init__(self, problem: str, database: str) -> None:
        super().__init__(
            f"{problem}. What is under way may be unknown to it, so nothing more is sent: stop "
            "every keeper, put the newest copy back, run `ballast txs resync`, and start again",
            database,
        )


class JournalRefused(BallastError):  # noqa: N818
    """The database refused a record that breaks one of its rules; nothing was written.

    Attributes:
        rule: The constraint or trigger, as the database names it.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(f"the journal refused a record: {rule}")
        self.rule = rule


class RunWaitsForArm(BallastError):  # noqa: N818
    """An interrupted run has transactions that only an armed run may send again.

    Attributes:
        run_id: The run.
        intent_id: The first of them.
    """

    def __init__(self, run_id: str, intent_id: int) -> None:
        super().__init__(
            f"run {run_id} waits for --arm: its transaction {intent_id} is signed and stored, and "
            "has no receipt; nothing was sent"
        )
        self.run_id = run_id
        self.intent_id = intent_id


class CannotBeQuoted(BallastError):  # noqa: N818
    """A trade that cannot be left out has no quote.

    Attributes:
        symbol: The asset.
    """

    def __init__(self, symbol: str, problem: str) -> None:
        super().__init__(f"{symbol}: {problem}")
        self.symbol = symbol
