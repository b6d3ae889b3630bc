"""Runs the tests of a guard in a copy of the repository in which it is switched off."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.guards.guard import ROOT, Guard

LINKED = ("node_modules", ".venv", "out", ".build")
"""What set-up made and no trial changes."""

CACHED = ("solcx", "softhsm2", "promtool", "solc-answers", "ape", "network")
"""Folders of the cache that are linked; forge's own is the copy's."""

LIMIT_SECONDS = 1_800
FAILED_PYTEST = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?: - .*)?$", re.MULTILINE)
FAILED_FORGE = re.compile(r"^\[FAIL[^\]]*?: ([HR]-[A-Z0-9_-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What became of the tests without a guard.

    Attributes:
        failed: Rows that failed, in order; empty if the guard was not missed.
    """

    guard: Guard
    failed: tuple[str, ...]


@contextmanager
def repository_copy() -> Generator[Path]:
    """Give a copy of what is under version control, ready to run tests in."""
    folder = Path(tempfile.mkdtemp(prefix="ballast-guards-"))
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        (folder / ".cache").mkdir()
        for name in (*LINKED, *(f".cache/{each}" for each in CACHED)):
            if (ROOT / name).exists():
                (folder / name).symlink_to(ROOT / name)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def try_without(guard: Guard, folder: Path) -> Result:
    """Return which rows fail while a guard is switched off in a copy; it is put back after."""
    file = folder / guard.file
    before = file.read_text(encoding="utf-8")
    file.write_text(guard.switched_off(before), encoding="utf-8")
    try:
        failed = [row for test in guard.tests for row in _run(test, folder)]
    finally:
        file.write_text(before, encoding="utf-8")
    return Result(guard, tuple(dict.fromkeys(failed)))


def _run(test: str, folder: Path) -> list[str]:
    if test.endswith(".sol"):
        forge = [".venv/bin/forge", "test", "--match-path", test]
        return FAILED_FORGE.findall(_output(forge, folder))
    pytest = [sys.executable, "-m", "pytest", "-p", "no:ape_test", "-q", "-n", "2", test]
    return [_row(node) for node in FAILED_PYTEST.findall(_output(pytest, folder))]


def _output(command: list[str], folder: Path) -> str:
    home = folder / ".cache" / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    return done.stdout


def _row(node: str) -> str:
    """Return a row's id, or the test's name where it has none."""
    name = node.rpartition("::")[2]
    given = re.search(r"\[(.+)\]$", name)
    return given[1] if given else name
