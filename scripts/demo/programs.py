"""Programs of the demo: the ape scripts and `ballast`, each as a separate process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.demo.errors import DemoError
from scripts.network.chain import LocalChain

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.prefix) / "bin"


def ape(chain: LocalChain, intended: Path, *script: str, account: int) -> None:
    """Run an ape script on a chain; a script that only reads needs no account.

    Raises:
        DemoError: The program failed.
    """
    network = f"ethereum:{chain.name}:{chain.url}"
    signing = () if script[-1] == "verify" else ("--account", f"TEST::{account}", "--yes")
    command = [BIN / "ape", "run", *script, "--network", network, "--config", intended]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "APE_DATA_FOLDER": str(ROOT / ".cache" / "ape")}
    done = subprocess.run(
        [*command, *signing], cwd=ROOT, env=environment, text=True, capture_output=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise DemoError(f"ape run {' '.join(script)} failed:\n{done.stdout}{done.stderr}")


def ballast(folder: Path, secrets: Mapping[str, str], *arguments: str) -> str:
    """Run a `ballast` command in the folder of its configuration; return its output.

    Raises:
        DemoError: The program failed.
    """
    done = subprocess.run(
        [BIN / "ballast", *arguments], cwd=folder, env={**os.environ, **secrets}, text=True,
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        what = " ".join(arguments)
        raise DemoError(f"ballast {what} ended with {done.returncode}\n{done.stdout}")
    return done.stdout
