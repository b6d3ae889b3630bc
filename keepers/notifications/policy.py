"""What is sent, how often, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from keepers.model.notice import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierPolicy:
    """How messages are sent; times in seconds unless named otherwise.

    Attributes:
        minimum_severity: What is below it is sent to nobody.
        reminder_hours: Trouble that goes on is told again after so long.
        timeout: How long one destination has for one message.
        first_retry: How long to wait after the first failure; each one after it waits twice as
            long, up to `longest_retry`.
        most_tries: How often a message is tried before it is given up. By default that is an hour.
    """

    minimum_severity: Severity = Severity.INFO
    reminder_hours: int = 6
    timeout: float = 20.0
    first_retry: float = 15.0
    longest_retry: float = 900.0
    most_tries: int = 10

    @property
    def reminder(self) -> timedelta:
        """After how long trouble that goes on is told again."""
        return timedelta(hours=self.reminder_hours)

    @property
    def claim(self) -> timedelta:
        """How long a message that is being sent is kept from other couriers."""
        return timedelta(seconds=2 * self.timeout)

    def retry(self, tries: int) -> timedelta | None:
        """How long to wait after so many tries; None where it is given up."""
        if tries >= self.most_tries:
            return None
        return timedelta(seconds=min(self.longest_retry, self.first_retry * 2 ** (tries - 1)))
