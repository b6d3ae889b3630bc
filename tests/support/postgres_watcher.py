"""Watcher: at the end of its standard input it stops a PostgreSQL server and removes its folder.

Run as `python -I -S postgres_watcher.py FOLDER`; the server's files are in FOLDER/data.
"""

import os
import select
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 20


def main(folder: Path) -> None:
    """Wait for the end of the test session, normal or by a kill, and clean up."""
    sys.stdin.read()
    with suppress(FileNotFoundError, ProcessLookupError):
        _stop(folder / "data")
    shutil.rmtree(folder)


def _stop(data: Path) -> None:
    """Send SIGQUIT: an immediate shutdown without a checkpoint, since the files are removed."""
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    server = os.pidfd_open(pid)
    # The file could be old and the id that of another process; the descriptor keeps its process.
    if str(data) in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
        signal.pidfd_send_signal(server, signal.SIGQUIT)
        select.select([server], [], [], STOP_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
