"""A thread that starts processes and lives as long as this process does.

The kernel sends a child's parent-death signal when the *thread* that started it ends. Started
from a worker thread, an anvil would die with that worker; hence one thread for all.
"""

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor


class _Spawner:
    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """A forked child inherits the executor without its thread; it needs one of its own."""
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="network-spawner")


_SPAWNER = _Spawner()
os.register_at_fork(after_in_child=_SPAWNER.renew)


def spawn(command: Sequence[str]) -> subprocess.Popen[str]:
    """Starts `command` from the lasting thread, with its output on a pipe."""
    return _SPAWNER.thread.submit(_popen, command).result()


def _popen(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C reaches only us; we stop them in order
    )
