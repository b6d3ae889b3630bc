"""Programs as forks of one process that has imported everything; see `original.py`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

from scripts.network.paths import ROOT
from scripts.network.spawner import spawn

ORIGINAL = "tests.support.original"
LONGEST_NEWS = 4096


class Copy:
    """Running program, with the part of the interface of `subprocess.Popen` that tests use."""

    def __init__(self, original: Original, pid: int, streams: Sequence[int]) -> None:
        self.pid = pid
        orders, out, errors = streams
        self.stdin: IO[str] | None = None if orders < 0 else os.fdopen(orders, "w")
        self.stdout: IO[str] | None = os.fdopen(out)
        self.stderr: IO[str] | None = os.fdopen(errors)
        self._original = original

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal; None while the program runs."""
        return self._original.codes.get(self.pid)

    def poll(self) -> int | None:
        """Return the exit status, or None while the program runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        self._original.wait_for(lambda: self.returncode is not None, timeout, self.pid)
        code = self.returncode
        assert code is not None
        return code

    def finish(self, text: str = "") -> subprocess.CompletedProcess[str]:
        """Write its standard input, and wait until it has ended."""
        assert self.stdout is not None
        assert self.stderr is not None
        if self.stdin is not None:
            self.stdin.write(text)
            self.stdin.close()
        with ThreadPoolExecutor(1) as pool, self.stdout, self.stderr:
            errors = pool.submit(self.stderr.read)
            out = self.stdout.read()
            return subprocess.CompletedProcess((), self.wait(), out, errors.result())

    def wait_until_stopped(self, timeout: float) -> None:
        """Wait until the kernel has stopped it, or it has ended."""
        original = self._original
        original.wait_for(
            lambda: self.pid in original.stopped or self.returncode is not None, timeout, self.pid
        )
        original.stopped.discard(self.pid)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, if the program still runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Original:
    """Process that is forked; it ends with this one. `imports` names its set of imports."""

    def __init__(self, imports: str) -> None:
        self._mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        clean = {name: value for name, value in os.environ.items() if "BALLAST" not in name}
        command = [sys.executable, "-m", ORIGINAL, imports]
        self._process = spawn(command, folder=ROOT, environment=clean, orders=theirs.fileno())
        theirs.close()
        self.codes: dict[int, int] = {}
        self.stopped: set[int] = set()
        self._started: list[int] = []
        self._is_gone = False
        self._changed = threading.Condition()
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._listen, name="copies", daemon=True).start()

    def copy(
        self,
        command: Sequence[str],
        *,
        folder: Path | None,
        environment: Mapping[str, str],
        listens: bool,
    ) -> Copy:
        """Start a module with arguments."""
        orders, mine = os.pipe() if listens else (os.open(os.devnull, os.O_RDONLY), -1)
        out, out_end = os.pipe()
        errors, errors_end = os.pipe()
        facts = {
            "command": list(command),
            "environment": dict(environment),
            "folder": None if folder is None else str(folder),
        }
        with self._one_at_a_time:
            theirs = [orders, out_end, errors_end]
            socket.send_fds(self._mine, [json.dumps(facts).encode()], theirs)
            for each in theirs:
                os.close(each)
            self.wait_for(lambda: bool(self._started), None, 0)
            pid = self._started.pop()
        return Copy(self, pid, (mine, out, errors))

    def wait_for(self, wanted: Callable[[], bool], timeout: float | None, pid: int) -> None:
        """Wait until a message makes `wanted` true.

        Raises:
            subprocess.TimeoutExpired: The time is over, as with `Popen.wait`.
        """
        with self._changed:
            done = self._changed.wait_for(lambda: wanted() or self._is_gone, timeout)
            if self._is_gone and not wanted():
                said = self._process.stdout.read() if self._process.stdout else ""
                raise AssertionError(f"the process that is copied has ended: {said}")
        if not done:
            raise subprocess.TimeoutExpired(f"copy {pid}", timeout or 0)

    def _listen(self) -> None:
        while data := self._mine.recv(LONGEST_NEWS):
            news = json.loads(data)
            with self._changed:
                if "started" in news:
                    # The kernel may use an id again; its first process has been waited for by then.
                    self.codes.pop(news["started"], None)
                    self._started.append(news["started"])
                elif "stopped" in news:
                    self.stopped.add(news["stopped"])
                else:
                    self.codes[news["ended"]] = news["code"]
                self._changed.notify_all()
        with self._changed:
            self._is_gone = True
            self._changed.notify_all()


@cache
def original(imports: str = "keepers") -> Original:
    """Return this process's original with these imports, started at the first call."""
    return Original(imports)
