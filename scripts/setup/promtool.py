"""promtool, which tests the alert rules. Standard library only.

If it is not installed, only its binary is unpacked from Debian's or Ubuntu's Prometheus package.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.setup.debian import AptError, unpack

PACKAGE = "prometheus"
VARIABLE = "BALLAST_PROMTOOL"
KEPT = Path(__file__).resolve().parents[2] / ".cache" / "promtool" / "promtool"


class UnavailableError(Exception):
    """promtool is missing and could not be unpacked; the message names the remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no promtool for the tests of the alert rules ({reason}). Install it (`apt-get "
            f"install {PACKAGE}`, `brew install prometheus`, or from prometheus.io), or set "
            f"{VARIABLE} to its file, and run `make setup`"
        )


def find() -> Path:
    """Return the path of promtool.

    Raises:
        UnavailableError: promtool is missing.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise UnavailableError(f"{VARIABLE} names {named}, which is not a file")
        return Path(named)
    installed = shutil.which("promtool")
    if installed is not None:
        return Path(installed)
    if KEPT.is_file():
        return KEPT
    raise UnavailableError("neither on PATH nor unpacked")


def is_there() -> bool:
    """Return whether promtool is available."""
    try:
        find()
    except UnavailableError:
        return False
    return True


def provide(log: Path) -> None:
    """Unpack promtool into `.cache`.

    Raises:
        UnavailableError: The package is unavailable on this machine.
    """
    unpacked = KEPT.parent / "unpacked"
    try:
        unpack(PACKAGE, unpacked, log, needed=False)
        (unpacked / "usr" / "bin" / "promtool").replace(KEPT)
    except AptError as error:
        raise UnavailableError(str(error)) from error
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
