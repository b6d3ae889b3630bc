"""Trial of one mutant: run the tests of the changed line on a copy, in a fresh process."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import pytest

from scripts.analysis.forge_copy import BrokenTreeError
from scripts.analysis.python.mutants import ROOT, PythonMutant, apply

#: Modules imported once; each trial forks the process that has imported them.
PRELOADED = [
    "pytest", "hypothesis", "pytest_asyncio.plugin", "pytest_socket", "xdist.plugin", "web3",
    "sqlalchemy.ext.asyncio", "pydantic", "pydantic_settings", "structlog", "click", "eth_account",
    "alembic.command", "aiohttp.web", "scipy.optimize", "prometheus_client", "apprise", "tomlkit",
    "rich.console", "jinja2",
]  # fmt: skip
COPIED = (
    "keepers",
    "scripts",
    "tests",
    "docs",
    "contracts",
    "deployments",
)
LINKED = (".build", ".cache", "out", "node_modules")
OURS = frozenset({"keepers", "scripts", "tests"})
#: No test of the keepers takes longer than this on a busy machine.
SECONDS_PER_TRIAL = 600.0
NO_TESTS = 5


class Outcome(StrEnum):
    """Outcome of a mutant."""

    KILLED = "killed"
    TIMEOUT = "killed by time"
    SURVIVED = "survived"
    UNTESTED = "run by no test"


@contextmanager
def code_copy() -> Generator[Path]:
    """Copy the code with its tests, and remove the copy at the end."""
    folder = Path(tempfile.mkdtemp(prefix="ballast-mutation-"))
    try:
        for part in COPIED:
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        for file in ROOT.iterdir():
            if file.is_file():
                shutil.copy(file, folder / file.name)
        for part in LINKED:
            if (ROOT / part).exists():
                (folder / part).symlink_to(ROOT / part)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def try_mutant(folder: Path, mutant: PythonMutant, tests: Sequence[str]) -> tuple[Outcome, str]:
    """Change the copy, run the tests up to the first failure, and revert the change.

    Returns:
        The outcome, and the changed line.
    """
    file = folder / mutant.source
    content, times = file.read_bytes(), file.stat()
    try:
        apply(folder, mutant)
        after = file.read_text().splitlines()[mutant.line - 1].strip()
        # Set a new modification time, or Python would load the old compiled module.
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns + 10**10 * (1 + mutant.line)))
        return (run_tests(folder, tests) if tests else Outcome.UNTESTED), after
    finally:
        file.write_bytes(content)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def run_tests(folder: Path, tests: Sequence[str], *options: str, keep: bool = False) -> Outcome:
    """Run tests of a copy in a separate process; `keep` keeps the compiled modules."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_child, args=(str(folder), list(tests), options, keep))
    process.start()
    process.join(SECONDS_PER_TRIAL)
    if process.exitcode is None:
        process.kill()
        process.join()
        return Outcome.TIMEOUT
    if process.exitcode == NO_TESTS:
        raise BrokenTreeError(f"no tests were run: {', '.join(tests)}")
    return Outcome.SURVIVED if process.exitcode == 0 else Outcome.KILLED


def _child(folder: str, tests: list[str], options: Sequence[str], keep: bool) -> None:  # noqa: FBT001
    """Run pytest on the copy's code, not on another package of the same name.

    A mutant may loop for ever: its processor time is limited, in case nobody is left to stop it.
    """
    seconds = int(SECONDS_PER_TRIAL)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.chdir(folder)
    for name in [each for each in sys.modules if each.split(".")[0] in OURS]:
        del sys.modules[name]
    sys.path[:] = [folder, *(path for path in sys.path if path not in {"", str(ROOT)})]
    sys.dont_write_bytecode = not keep
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    flags = ["-p", "no:ape_test", "-p", "no:cacheprovider", "-q", "-x", *options]
    os._exit(int(pytest.main([*flags, *tests])))
