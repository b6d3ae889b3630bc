"""Waits for the end of its standard input, then stops a PostgreSQL server and removes its folder.

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
    """Both ends of a test session come here: the tidy one, and the killed one."""
    sys.stdin.read()
    with suppress(FileNotFoundError, ProcessLookupError):
        _stop(folder / "data")
    shutil.rmtree(folder)


def _stop(data: Path) -> None:
    """SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, since the files go anyway."""
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    server = os.pidfd_open(pid)
    # The file could be old and the number somebody else's; the descriptor cannot change its owner.
    if str(data) in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
        signal.pidfd_send_signal(server, signal.SIGQUIT)
        select.select([server], [], [], STOP_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
