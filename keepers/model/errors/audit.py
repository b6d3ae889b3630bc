"""What an audit of a transaction may say."""

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


class PolicyError(BallastError):
    """A policy cannot be used.

    Attributes:
        where: Which part of it.
        problem: What is wrong with it.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"policy cannot be used: {where}: {problem}")
        self.where = where
        self.problem = problem


class AuditRefused(BallastError):  # noqa: N818 - says what happened
    """Policy does not allow a transaction; nothing is signed.

    Attributes:
        rule: The rule that it breaks.
        problem: In what, with the values.
        field: Which field of the transaction; empty where an audit elsewhere does not say.
    """

    def __init__(self, rule: str, problem: str, *, field: str = "") -> None:
        super().__init__(f"policy refuses the transaction: {problem} ({rule}); nothing was signed")
        self.rule = rule
        self.problem = problem
        self.field = field


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
