"""Set-up of a clone: compiler, packages, contracts. Standard library only; `make setup` runs it.

Each step names the files it depends on and leaves a stamp with their hash in `.cache/stamps`,
so that a second start does nothing. Steps print their action and duration.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts.setup import promtool, softhsm

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
STAMPS = CACHE / "stamps"
LOGS = CACHE / "logs"
SOLC_VERSION = "0.8.37"
SOLC_COMMIT = "f401782d"
MINIMUM_PYTHON = (3, 11)
MINIMUM_NODE = 20


class SetupError(Exception):
    """Problem that the operator has to fix; the message names it and the fix."""


@dataclass(frozen=True)
class Step:
    """One part of the set-up; it is repeated when one of the files in `inputs` has changed."""

    name: str
    does: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    action: Callable[[Path], None]

    def fingerprint(self) -> str:
        """Return the hash of the step's inputs, including all files in folders."""
        digest = hashlib.sha256(f"{self.name} {sys.version_info[:2]} {ROOT}".encode())
        for file in sorted(path for name in self.inputs for path in _files(ROOT / name)):
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()

    def is_done(self) -> bool:
        """Return whether the stamp matches and the step's output exists."""
        stamp = STAMPS / self.name
        present = all((ROOT / output).exists() for output in self.outputs)
        return present and stamp.exists() and stamp.read_text() == self.fingerprint()

    def run(self) -> None:
        """Run the step unless it is done already."""
        if self.is_done():
            return
        fingerprint, started, log = self.fingerprint(), time.monotonic(), LOGS / f"{self.name}.log"
        _say(f"{self.does} ...")
        log.write_bytes(b"")
        self.action(log)
        (STAMPS / self.name).write_text(fingerprint)
        _say(f"{self.does}: done in {time.monotonic() - started:.1f} s")


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts]


def _say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def _run(log: Path, *command: str | Path, **environment: str) -> None:
    with log.open("ab") as output:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise SetupError(f"`{' '.join(map(str, command))}` failed:\n{tail}\nFull output: {log}")


def install_node_packages(log: Path) -> None:
    """Install the tool chain and the protocols' contracts with `npm ci`, exactly as locked."""
    _run(log, "npm", "ci")


def _create_environment(log: Path, folder: str, lock: str) -> Path:
    home = ROOT / folder
    if not (home / "bin" / "python").exists():
        venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    if not (home / "bin" / "uv").exists():
        quiet = ("--quiet", "--disable-pip-version-check")
        lock_of_uv = ROOT / "requirements-setup.lock"
        _run(log, python, "-m", "pip", "install", *quiet, "--require-hashes", "-r", lock_of_uv)
    locks = (lock, "requirements-setup.lock")
    _run(
        log,
        home / "bin" / "uv",
        "pip",
        "sync",
        "--system-certs",
        "--require-hashes",
        *locks,
        VIRTUAL_ENV=str(home),
    )
    return home


def _expose_tools(home: Path) -> None:
    for tool in ("anvil", "forge", "cast"):
        link = home / "bin" / tool
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..") / ".." / "node_modules" / ".bin" / tool)
    (site,) = home.glob("lib/python3.*/site-packages")
    line = (
        "import os, sys; os.environ.setdefault('SOLCX_BINARY_PATH', "
        "os.path.join(os.path.dirname(sys.prefix), '.cache', 'solcx'))\n"
    )
    (site / "ballast_solc.pth").write_text(line)


def install_python_packages(log: Path) -> None:
    """Create the virtual environment from the hashed lock file, with Ballast as editable."""
    home = _create_environment(log, ".venv", "requirements.lock")
    _expose_tools(home)
    editable = (
        "-e",
        ".",
        "--no-deps",
        "--no-build-isolation",
        "--config-settings",
        "editable_mode=compat",
    )
    _run(
        log,
        home / "bin" / "uv",
        "pip",
        "install",
        "--system-certs",
        *editable,
        VIRTUAL_ENV=str(home),
    )


def install_analysis_packages(log: Path) -> None:
    """Install Slither, Halmos and vulture, separately because their pins conflict with ape's."""
    _expose_tools(_create_environment(log, ".venv-analysis", "requirements-analysis.lock"))


def install_docs_packages(log: Path) -> None:
    """Install MkDocs, separately because a keeper does not need it."""
    _create_environment(log, ".venv-docs", "requirements-docs.lock")


def provide_compiler(log: Path) -> None:
    """Provide the pinned Solidity compiler: a native one of the same build, or else npm's."""
    folder = CACHE / "solcx"
    folder.mkdir(exist_ok=True)
    link = folder / f"solc-v{SOLC_VERSION}"
    link.unlink(missing_ok=True)
    native = _native_compiler()
    link.symlink_to(native or Path("..") / ".." / "scripts" / "setup" / "solc.js")
    _run(log, link, "--version")


def _native_compiler() -> Path | None:
    found = shutil.which("solc")
    if found is None:
        return None
    answer = subprocess.run(
        [found, "--version"], capture_output=True, text=True, check=False
    ).stdout
    return Path(found).resolve() if f"{SOLC_VERSION}+commit.{SOLC_COMMIT}" in answer else None


def compile_for_forge(log: Path) -> None:
    """Compile contracts used from Python with forge; forge compiles its tests when they run."""
    _run(log, ROOT / ".venv" / "bin" / "forge", "build", *COMPILED, HOME=str(CACHE / "home"))


def compile_for_ape(log: Path) -> None:
    """Compile the contracts with ape-solidity too, for the deploy scripts: same bytecode."""
    _run(log, ROOT / ".venv" / "bin" / "ape", "compile", APE_DATA_FOLDER=str(CACHE / "ape"))


def _check_machine() -> None:
    if sys.version_info < MINIMUM_PYTHON:
        raise SetupError(
            f"Python {'.'.join(map(str, MINIMUM_PYTHON))} or newer is required, found {sys.version}"
        )
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise SetupError(f"Node {MINIMUM_NODE} or newer with npm is required, but not on PATH")
    answer = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, check=True
    ).stdout
    if int(answer.strip().lstrip("v").split(".")[0]) < MINIMUM_NODE:
        raise SetupError(f"Node {MINIMUM_NODE} or newer is required, found {answer.strip()}")


SOURCES = ("contracts", "foundry.toml", "package-lock.json")
COMPILED = (
    "contracts",
    "scripts/network/contracts",
    "tests/solidity/doubles/AsyncVault.sol",
    "tests/solidity/doubles/BurningHandler.sol",
    "tests/solidity/doubles/HostileJobs.sol",
    "tests/solidity/doubles/HostileRecords.sol",
    "tests/solidity/doubles/MoodyTarget.sol",
    "tests/solidity/doubles/Registrar.sol",
    "tests/solidity/weights/WeightMathHarness.sol",
)
SOURCES_OF_FORGE = (*SOURCES, *COMPILED[1:])
LOCK_OF_UV = "requirements-setup.lock"
NODE = Step(
    name="node",
    does="installing node packages",
    inputs=("package-lock.json", ".npmrc"),
    outputs=("node_modules",),
    action=install_node_packages,
)
PYTHON = Step(
    name="python",
    does="installing Python packages",
    inputs=("requirements.lock", LOCK_OF_UV, "pyproject.toml"),
    outputs=(".venv/bin/ballast",),
    action=install_python_packages,
)
COMPILER = Step(
    name="compiler",
    does=f"providing Solidity compiler {SOLC_VERSION}",
    inputs=("scripts/setup/solc.js", "package-lock.json"),
    outputs=(f".cache/solcx/solc-v{SOLC_VERSION}",),
    action=provide_compiler,
)
FORGE = Step(
    name="forge",
    does="compiling contracts with forge",
    inputs=SOURCES_OF_FORGE,
    outputs=("out",),
    action=compile_for_forge,
)
APE = Step(
    name="ape",
    does="compiling contracts with ape",
    inputs=(*SOURCES, "ape-config.yaml"),
    outputs=(".build",),
    action=compile_for_ape,
)
ANALYSIS = Step(
    name="analysis",
    does="installing Slither, Halmos and vulture",
    inputs=("requirements-analysis.lock", LOCK_OF_UV),
    outputs=(".venv-analysis/bin/slither",),
    action=install_analysis_packages,
)
DOCS = Step(
    name="docs",
    does="installing MkDocs",
    inputs=("requirements-docs.lock", LOCK_OF_UV),
    outputs=(".venv-docs/bin/mkdocs",),
    action=install_docs_packages,
)


def prepare(*, analysis: bool, docs: bool = False) -> None:
    """Run all steps that are not done, independent ones at the same time."""
    _check_machine()
    for folder in (STAMPS, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        extras = (*((ANALYSIS,) if analysis else ()), *((DOCS,) if docs else ()))
        for steps in ((NODE, PYTHON), (COMPILER,), (FORGE, APE, *extras)):
            _run_together(steps)
        _provide_tools()


def _run_together(steps: Sequence[Step]) -> None:
    with ThreadPoolExecutor() as pool:
        for waiting in [pool.submit(step.run) for step in steps]:
            waiting.result()


def _provide_tools() -> None:
    """Provide tools without stamps: they may be uninstalled later, and the check is fast."""
    if not softhsm.is_there():
        _provide("SoftHSM2", softhsm.provide, softhsm.UnavailableError)
    if not promtool.is_there():
        _provide("promtool", promtool.provide, promtool.UnavailableError)


def _provide(name: str, action: Callable[[Path], None], unavailable: type[Exception]) -> None:
    _say(f"unpacking {name} for tests ...")
    try:
        action(LOGS / f"{name.lower()}.log")
    except unavailable as problem:
        _say(str(problem))  # only a few tests need it


def main() -> int:
    """Run the set-up; return 1 if a step failed, with the reason on standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--analysis", action="store_true", help="add tools of `make lint` and `make mutation`"
    )
    parser.add_argument("--docs", action="store_true", help="add MkDocs, for `make docs`")
    chosen = parser.parse_args()
    try:
        prepare(analysis=chosen.analysis, docs=chosen.docs)
    except SetupError as problem:
        print(f"set-up failed: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
