"""Copy of a part of the repository, in which forge builds and tests, with a running compiler."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

from scripts.analysis.by_name import deploy_by_name
from scripts.analysis.syntax import Node

ROOT = Path(__file__).resolve().parents[2]
FORGE = ROOT / ".venv" / "bin" / "forge"
COMPILER_STARTS_WITHIN = 30.0
#: Settings for speed: unoptimised code, short runs, and no shrinking of failing sequences. A
#: mutant that only a long run would detect counts as surviving.
ENVIRONMENT = {
    "FOUNDRY_OPTIMIZER": "false",
    "FOUNDRY_FUZZ_RUNS": "32",
    "FOUNDRY_INVARIANT_RUNS": "16",
    "FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT": "0",
}
#: Mutants are not meant to change gas.
WITHOUT_GAS = ("--no-match-test", "test_gas")


class Outcome(StrEnum):
    """Outcome of a mutant."""

    KILLED = "killed"
    TIMEOUT = "killed by time"
    SURVIVED = "survived"
    INVALID = "does not compile"


class BrokenTreeError(Exception):
    """The unchanged repository does not build, or its tests fail."""


@dataclass(frozen=True)
class ForgeCopy:
    """Folder with contracts and tests."""

    folder: Path

    def tree_of(self, source: str) -> Node:
        """Return the syntax tree of a contract's file."""
        folders = ("--out", ".cache/ast", "--cache-path", ".cache/ast-cache")
        done = self._forge(None, "build", "--ast", *folders, source)
        if done is None or done.returncode != 0:
            raise BrokenTreeError(done.stdout if done else "forge takes too long")
        artifact = next((self.folder / ".cache" / "ast" / Path(source).name).glob("*.json"))
        parsed = cast("Mapping[str, Mapping[str, object]]", json.loads(artifact.read_text()))
        return Node(parsed["ast"], (self.folder / source).read_bytes())

    def test(self, limit: float | None) -> tuple[Outcome, str]:
        """Run the tests up to the first failure; return the outcome and its cause."""
        done = self._forge(limit, "test", "--fail-fast", *WITHOUT_GAS)
        if done is None:
            return Outcome.TIMEOUT, "time"
        if re.search(r"Compil\w+ (run )?failed", done.stdout):
            return Outcome.INVALID, done.stdout
        if done.returncode == 0:
            return Outcome.SURVIVED, ""
        failed = re.search(r"^\[FAIL[^\n]*?\] (\w+)", done.stdout, re.MULTILINE)
        return Outcome.KILLED, failed.group(1) if failed else done.stdout

    def _forge(self, limit: float | None, *command: str) -> subprocess.CompletedProcess[str] | None:
        environment = {**os.environ, **ENVIRONMENT, "HOME": str(self.folder / ".cache" / "home")}
        try:
            return subprocess.run(
                [FORGE, *command],
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def forge_copy(files: Iterable[Path], by_name: Sequence[str] = ()) -> Generator[ForgeCopy]:
    """Copy the files and the files that forge requires; remove the copy at the end.

    Tests deploy the contracts in `by_name` by name, so a change of these does not recompile them.
    """
    folder = Path(tempfile.mkdtemp(prefix="ballast-mutation-"))
    try:
        for file in (*files, Path("foundry.toml")):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, folder / file)
        for needed in ("contracts", "tests/solidity", "scripts/network/contracts", ".cache/solcx"):
            (folder / needed).mkdir(parents=True, exist_ok=True)
        if by_name:
            deploy_by_name(folder, by_name)
        (folder / "node_modules").symlink_to((ROOT / "node_modules").resolve())
        with _compiler(folder):
            yield ForgeCopy(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _compiler(folder: Path) -> Generator[None]:
    (link,) = (ROOT / ".cache" / "solcx").resolve().glob("solc-v*")
    here = folder / ".cache" / "solcx" / link.name
    if link.resolve().suffix != ".js":
        here.symlink_to(link.resolve())
        yield
        return
    shutil.copy(Path(__file__).parent / "warm_solc.js", here)
    here.chmod(0o755)
    server = subprocess.Popen(["node", here, "--serve"])
    try:
        _wait_for(here.parent / "socket", server)
        yield
    finally:
        server.terminate()
        server.wait()


def _wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + COMPILER_STARTS_WITHIN
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > until:
            raise BrokenTreeError("the Solidity compiler does not start")
        time.sleep(0.05)
