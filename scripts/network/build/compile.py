"""Compilation of the local contracts."""

import os
import subprocess
from pathlib import Path

from scripts.network.errors import CompileError, ToolMissingError
from scripts.network.paths import CONTRACTS, FORGE, ROOT


def compile_contracts(folder: Path) -> None:
    """Write forge's artifacts into `folder`.

    The folder is not the project's output folder, so that the network starts even if other
    contracts do not compile, and never from artifacts older than its sources.
    """
    if not FORGE.is_file():
        raise ToolMissingError(FORGE)
    outputs = ["--out", str(folder), "--cache-path", str(folder / ".forge")]
    command = [str(FORGE), "build", str(CONTRACTS.relative_to(ROOT)), *outputs]
    # Forge keeps a folder under HOME; redirect it into the clone.
    environment = {**os.environ, "HOME": str(ROOT / ".cache" / "home")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CompileError(done.stdout + done.stderr)
