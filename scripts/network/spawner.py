"""Thread that starts processes and lives as long as this process.

The kernel sends a child's parent-death signal when the *thread* that started it ends. Started
from a worker thread, an anvil would die with that worker. So one thread starts all.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.network import guard


class _Spawner:
    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Reset the executor in a forked child, which inherits it without its thread."""
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="network-spawner")


_SPAWNER = _Spawner()
os.register_at_fork(after_in_child=_SPAWNER.renew)


def spawn(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    errors: int = subprocess.STDOUT,
    orders: int = subprocess.DEVNULL,
) -> subprocess.Popen[str]:
    """Start `command` from the permanent thread, with its output on a pipe.

    It always ends with this process. `errors` is the destination of its standard error and
    `orders` the source of its standard input, by `subprocess`'s constants.
    """
    guarded = [sys.executable, "-I", "-S", str(Path(guard.__file__)), str(os.getpid()), *command]

    def popen() -> subprocess.Popen[str]:
        return subprocess.Popen(
            guarded,
            cwd=folder,
            env=environment,
            stdin=orders,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C reaches only this process, which stops them in order
        )

    return _SPAWNER.thread.submit(popen).result()
