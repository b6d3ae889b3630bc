"""What an audit of a transaction may say."""

from keepers.domain.errors import BallastError


class AuditRefused(BallastError):  # noqa: N818 - says what happened
    """Policy does not allow a transaction; nothing is signed.

    Attributes:
        rule: The rule that it breaks.
        problem: In what.
    """

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__(f"policy refuses the transaction: {problem} ({rule}); nothing was signed")
        self.rule = rule
        self.problem = problem


class AuditUnavailable(BallastError):  # noqa: N818
    """An audit elsewhere gave no answer; nothing is signed without one.

    Attributes:
        where: Who was asked.
        problem: What happened.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"audit by {where} has no answer: {problem}; nothing was signed")
        self.where = where
        self.problem = problem
