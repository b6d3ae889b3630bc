"""The family of errors that Ballast raises on purpose.

Every class carries its facts as attributes and knows the exit status that a command ends with, so
that the command line can turn any of them into one line and a number, and nothing else has to.
"""

from typing import ClassVar

EXIT_FAILED = 1
EXIT_UNUSABLE_INPUT = 2
EXIT_NOT_COVERED = 3


class BallastError(Exception):
    """Something went wrong that an operator can act on; the message fits on one line."""

    exit_status: ClassVar[int] = EXIT_FAILED


class NumberError(BallastError):
    """A text is not a number of the form that Ballast reads."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class InputError(BallastError):
    """A field of the input cannot be used.

    Attributes:
        field: Path of the field, as in `assets.USDC.EVM-1.balance` or `holdings[1].asset`.
        problem: What is wrong with it, in one clause.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem

    def under(self, parent: str) -> "InputError":
        """The same error, seen from the object that holds the field."""
        return InputError(f"{parent}.{self.field}", self.problem)
