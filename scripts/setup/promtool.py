"""promtool, which tests the alert rules. Standard library only.

Where it is not installed, it is taken out of Debian's or Ubuntu's package of Prometheus, of which
nothing else is kept.
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
    """There is none, and none could be unpacked; says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no promtool for the tests of the alert rules ({reason}). Install it (`apt-get "
            f"install {PACKAGE}`, `brew install prometheus`, or from prometheus.io), or set "
            f"{VARIABLE} to its file, and run `make setup`"
        )


def find() -> Path:
    """The one to use.

    Raises:
        UnavailableError: There is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise UnavailableError(f"{VARIABLE} names {named}, which is no file")
        return Path(named)
    installed = shutil.which("promtool")
    if installed is not None:
        return Path(installed)
    if KEPT.is_file():
        return KEPT
    raise UnavailableError("neither on PATH nor unpacked")


def is_there() -> bool:
    """Whether `find` finds one."""
    try:
        find()
    except UnavailableError:
        return False
    return True


def provide(log: Path) -> None:
    """Unpack it into `.cache`.

    Raises:
        UnavailableError: That cannot be done here.
    """
    unpacked = KEPT.parent / "unpacked"
    try:
        unpack(PACKAGE, unpacked, log, needed=False)
        (unpacked / "usr" / "bin" / "promtool").replace(KEPT)
    except AptError as error:
        raise UnavailableError(str(error)) from error
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
