"""Lines that tell how far the building is."""

import sys
import time
from collections.abc import Callable

Report = Callable[[str], None]


def to_stderr(line: str) -> None:
    """Prints at once, apart from any output that a program may read."""
    print(line, file=sys.stderr, flush=True)


class Progress:
    """Reports steps with the seconds since the building began."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun = time.monotonic()

    def __call__(self, subject: str, step: str) -> None:
        """Reports that `step` of `subject` has been done."""
        seconds = time.monotonic() - self._begun
        self._report(f"Building local network: {subject}: {step} ... {seconds:.0f} s")
