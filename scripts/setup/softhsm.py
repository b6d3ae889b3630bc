"""SoftHSM2, the hardware module in software that the tests of PKCS#11 use. Standard library only.

Where it is not installed, Debian's or Ubuntu's package is unpacked into `.cache`, which needs no
root. `apt-get` checks what it downloads against the signatures of the distribution.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "softhsm2"
VARIABLE = "BALLAST_SOFTHSM2"
UNPACKED = Path(__file__).resolve().parents[2] / ".cache" / PACKAGE
PREFIXES = (UNPACKED / "usr", Path("/usr"), Path("/usr/local"), Path("/opt/homebrew"))
LIBRARIES = ("lib/softhsm/libsofthsm2.so", "lib64/softhsm/libsofthsm2.so", "lib64/libsofthsm2.so")
"""Where Debian, Homebrew and those who build it have it; Fedora's two places."""

TIMEOUT = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20")


class UnavailableError(Exception):
    """There is none, and none could be unpacked; says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no SoftHSM2 for the tests of PKCS#11 ({reason}). Install it (`apt-get install "
            f"{PACKAGE}`, `dnf install softhsm`, `brew install softhsm`), or set {VARIABLE} to the "
            "folder that has its bin and lib, and run `make setup`"
        )


@dataclass(frozen=True)
class SoftHsm:
    """An installed or unpacked SoftHSM2; `libraries` is where what it needs was unpacked."""

    library: Path
    tool: Path
    libraries: tuple[Path, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """What the tool needs to start."""
        return {"LD_LIBRARY_PATH": os.pathsep.join(map(str, self.libraries))}

    def needed(self) -> Iterator[Path]:
        """The unpacked libraries that it links to, each before those that need it."""
        command = ["ldd", str(self.library)]
        environment = {**os.environ, **self.environment}
        said = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout
        for found in reversed(re.findall(r"=> (\S+)", said)):
            if Path(found).parent in self.libraries:
                yield Path(found)


def find() -> SoftHsm:
    """The one to use.

    Raises:
        UnavailableError: There is none.
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
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise UnavailableError("and this machine has no apt-get")
    shutil.rmtree(UNPACKED, ignore_errors=True)
    packages = UNPACKED / "packages"
    packages.mkdir(parents=True)
    options, names = _to_unpack(log)
    _run(log, "apt-get", *options, *TIMEOUT, "download", *names, folder=packages)
    for package in packages.iterdir():
        _run(log, "dpkg-deb", "-x", str(package), str(UNPACKED))
    for folder in (packages, UNPACKED / "apt"):
        shutil.rmtree(folder)


def _to_unpack(log: Path) -> tuple[tuple[str, ...], list[str]]:
    """Options for apt and the packages that are missing here, SoftHSM2 itself among them.

    The machine's lists of packages may be empty, as in a container. Then they are fetched into a
    folder of ours.
    """
    simulate = ("--simulate", "--no-install-recommends", "install", PACKAGE)
    state = UNPACKED / "apt"
    own = ("-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}")
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True)
    options: tuple[str, ...] = ()
    try:
        said = _run(log, "apt-get", *simulate)
    except UnavailableError:
        options = own
        _run(log, "apt-get", *own, *TIMEOUT, "update")
        said = _run(log, "apt-get", *own, *simulate)
    return options, re.findall(r"^Inst (\S+)", said, re.MULTILINE)


def _run(log: Path, *command: str, folder: Path | None = None) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    with log.open("a") as output:
        output.write(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    if done.returncode != 0:
        raise UnavailableError(f"`{' '.join(command[:1])}` failed, see {log}")
    return done.stdout
