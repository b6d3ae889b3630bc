"""Errors of the keeper as a service: schedules, listening addresses, notifications."""

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message


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
