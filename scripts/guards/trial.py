"""Run the tests of a guard in a copy of the repository in which the guard is disabled."""

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
"""Files of the set-up, which trials do not change."""

CACHED = ("solcx", "softhsm2", "promtool", "solc-answers", "ape", "network")
"""Linked folders of the cache; the copy has a separate forge folder."""


LIMIT_SECONDS = 1_800
FAILED_PYTEST = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?: - .*)?$", re.MULTILINE)
FORGE_TEST = re.compile(r"^\[(PASS|FAIL)", re.MULTILINE)
FORGE_ROW = re.compile(r"^  row: (\S+)$", re.MULTILINE)


class RowsFailError(Exception):
    """Rows fail although no guard is disabled, or cannot be run."""


@dataclass(frozen=True)
class Result:
    """Result of the tests without a guard.

    Attributes:
        failed: Rows that failed, in order; empty if no row requires the guard.
    """

    guard: Guard
    failed: tuple[str, ...]


@contextmanager
def repository_copy() -> Generator[Path]:
    """Yield a copy of the files under version control, ready to run tests."""
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
    """Return the rows that fail while a guard is disabled in a copy; restore the guard."""
    file = folder / guard.file
    before = file.read_text(encoding="utf-8")
    file.write_text(guard.switched_off(before), encoding="utf-8")
    try:
        failed = [row for test in guard.tests for row in _run(test, folder)]
    finally:
        file.write_text(before, encoding="utf-8")
    return Result(guard, tuple(dict.fromkeys(failed)))


def require_passing(guard: Guard, folder: Path) -> None:
    """Run a guard's tests with the guard.

    Raises:
        RowsFailError: If they fail.
    """
    for test in guard.tests:
        done = _done(_command(test), folder)
        if done.returncode != 0:
            raise RowsFailError(f"{test} fails with every guard in place:\n{done.stdout}")


def _run(test: str, folder: Path) -> list[str]:
    output = _done(_command(test), folder).stdout
    if test.endswith(".sol"):
        return _forge_rows(output)
    return [_row(node) for node in FAILED_PYTEST.findall(output)]


def _command(test: str) -> list[str]:
    if test.endswith(".sol"):
        return [".venv/bin/forge", "test", "-vv", "--match-path", test]
    return [sys.executable, "-m", "pytest", "-p", "no:ape_test", "-q", "-n", "2", test]


def _forge_rows(output: str) -> list[str]:
    """Return the last row that each failing test started."""
    _, *blocks = FORGE_TEST.split(output.partition("Failing tests:")[0])
    rows = [
        FORGE_ROW.findall(text)
        for outcome, text in zip(blocks[::2], blocks[1::2], strict=True)
        if outcome == "FAIL"
    ]
    return [each[-1] for each in rows if each]


def _done(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    home = folder / ".cache" / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )


def _row(node: str) -> str:
    """Return a row's id, or the test's name if it has none."""
    name = node.rpartition("::")[2]
    given = re.search(r"\[([A-Z]-[A-Z0-9_-]*[A-Z0-9])", name)
    return given[1] if given else name
