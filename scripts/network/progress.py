"""Progress lines of the build."""

import sys
import time
from collections.abc import Callable

Report = Callable[[str], None]


def to_stderr(line: str) -> None:
    """Print immediately to standard error."""
    print(line, file=sys.stderr, flush=True)


class Progress:
    """Report steps with the seconds since the start of the build."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun = time.monotonic()

    def __call__(self, subject: str, step: str) -> None:
        """Report that `step` of `subject` has been done."""
        seconds = time.monotonic() - self._begun
        self._report(f"Building local network: {subject}: {step} ... {seconds:.0f} s")
