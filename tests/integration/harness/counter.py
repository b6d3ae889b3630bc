"""Program that prints numbers until SIGTERM."""

import itertools
import os
import signal
import sys
import time


def end(number: int, frame: object) -> None:
    """Exit with a code of its own."""
    del number, frame
    sys.exit(7)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    sys.stdout.write(f"variables {[name for name in os.environ if 'BALLAST' in name]}\n")
    for number in itertools.count():
        sys.stdout.write(f"{number}\n")
        time.sleep(0.001)
