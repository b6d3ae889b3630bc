"""Packages of Debian or Ubuntu, unpacked into a folder without root. Standard library only.

`apt-get` verifies downloads by the distribution's signatures. The machine's package lists may be
empty, as in a container; then they are downloaded into the folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

TIMEOUT = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20")


class AptError(Exception):
    """A package is unavailable; the message is the reason, in one clause."""


def unpack(package: str, folder: Path, log: Path, *, needed: bool) -> None:
    """Unpack a package into a folder; delete the folder's old content.

    Args:
        package: Name of the package.
        folder: Destination.
        log: File for the output of the tools.
        needed: Whether to unpack its dependencies that are not installed too.

    Raises:
        AptError: The package is unavailable on this machine.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise AptError("this machine has no apt-get")
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "packages"
    packages.mkdir(parents=True)
    options, names = _to_unpack(package, folder / "apt", log)
    chosen = names if needed else [package]
    _run(log, "apt-get", *options, *TIMEOUT, "download", *chosen, folder=packages)
    for each in packages.iterdir():
        _run(log, "dpkg-deb", "-x", str(each), str(folder))
    for each in (packages, folder / "apt"):
        shutil.rmtree(each)


def _to_unpack(package: str, state: Path, log: Path) -> tuple[tuple[str, ...], list[str]]:
    """Return apt's options, and the packages to unpack: this one and missing dependencies."""
    simulate = ("--simulate", "--no-install-recommends", "install", package)
    own = ("-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}")
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True)
    options: tuple[str, ...] = ()
    try:
        said = _run(log, "apt-get", *simulate)
    except AptError:
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
        raise AptError(f"`{' '.join(command[:1])}` failed, see {log}")
    return done.stdout
