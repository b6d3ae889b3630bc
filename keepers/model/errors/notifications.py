"""What can go wrong with messages to people; none of these stops a run."""

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


class UnusableDestination(BallastError):  # noqa: N818 - says what is
    """An address of the notifications is none that Apprise understands.

    Attributes:
        position: Which of the addresses, from 1 on.
        masked: Its kind, without what is secret in it.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, position: int, masked: str) -> None:
        super().__init__(
            f"notifications.urls: address {position} ({masked}) is not understood; "
            "docs/monitoring.md says how addresses look"
        )
        self.position = position
        self.masked = masked
