"""What can go wrong with schedules."""

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


class CronError(BallastError):
    """A text is not a schedule.

    Attributes:
        text: What was given.
        problem: What is wrong with it, in one clause.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(f"{text!a} is no schedule: {problem}; write it as */5 * * * *")
        self.text = text
        self.problem = problem
