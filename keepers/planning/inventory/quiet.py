"""Keeping a library from writing into standard output, which belongs to the answer."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

STANDARD_OUTPUT = 1


@contextmanager
def quiet_output() -> Generator[None]:
    """Drop what native code prints; HiGHS reports some internal repairs whatever it is told."""
    sys.stdout.flush()
    kept = os.dup(STANDARD_OUTPUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_OUTPUT)
        yield
    finally:
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)
