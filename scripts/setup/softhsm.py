"""SoftHSM2, a software HSM for the tests of PKCS#11. Standard library only.

If it is not installed, Debian's or Ubuntu's package is unpacked into `.cache`, without root.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.setup.debian import AptError, unpack

PACKAGE = "softhsm2"
VARIABLE = "BALLAST_SOFTHSM2"
UNPACKED = Path(__file__).resolve().parents[2] / ".cache" / PACKAGE
PREFIXES = (UNPACKED / "usr", Path("/usr"), Path("/usr/local"), Path("/opt/homebrew"))
LIBRARIES = ("lib/softhsm/libsofthsm2.so", "lib64/softhsm/libsofthsm2.so", "lib64/libsofthsm2.so")
"""Library paths of Debian, Homebrew, builds from source, and Fedora's two."""


class UnavailableError(Exception):
    """SoftHSM2 is missing and could not be unpacked; the message names the remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no SoftHSM2 for the tests of PKCS#11 ({reason}). Install it (`apt-get install "
            f"{PACKAGE}`, `dnf install softhsm`, `brew install softhsm`), or set {VARIABLE} to the "
            "folder that has its bin and lib, and run `make setup`"
        )


@dataclass(frozen=True)
class SoftHsm:
    """Installed or unpacked SoftHSM2; `libraries` is the folder of its unpacked dependencies."""

    library: Path
    tool: Path
    libraries: tuple[Path, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the tool."""
        return {"LD_LIBRARY_PATH": os.pathsep.join(map(str, self.libraries))}

    def needed(self) -> Iterator[Path]:
        """Yield the unpacked libraries that it links to, each before its dependents."""
        command = ["ldd", str(self.library)]
        environment = {**os.environ, **self.environment}
        said = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout
        for found in reversed(re.findall(r"=> (\S+)", said)):
            if Path(found).parent in self.libraries:
                yield Path(found)


def find() -> SoftHsm:
    """Return the SoftHSM2 to use.

    Raises:
        UnavailableError: SoftHSM2 is missing.
    """
    named = os.environ.get(VARIABLE)
    prefixes = (Path(named),) if named else PREFIXES
    for prefix in prefixes:
        tool = prefix / "bin" / "softhsm2-util"
        library = next((prefix / each for each in LIBRARIES if (prefix / each).exists()), None)
        if library is not None and tool.exists():
            unpacked = tuple((UNPACKED / "usr" / "lib").glob("*-linux-gnu*"))
            return SoftHsm(library, tool, unpacked if prefix == UNPACKED / "usr" else ())
    raise UnavailableError(f"not in {', '.join(map(str, prefixes))}")


def is_there() -> bool:
    """Return whether SoftHSM2 is available."""
    try:
        find()
    except UnavailableError:
        return False
    return True


def provide(log: Path) -> None:
    """Unpack SoftHSM2 into `.cache`.

    Raises:
        UnavailableError: The package is unavailable on this machine.
    """
    try:
        unpack(PACKAGE, UNPACKED, log, needed=True)
    except AptError as error:
        raise UnavailableError(str(error)) from error
