"""Child process of a test: its output can be waited for, and signals are sent by its id."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from keepers.transactions.crash_points import VARIABLE
from scripts.network.spawner import spawn
from tests.support.copies import Copy, original

PATIENCE = 60.0
"""Seconds until a wait fails. Long, because it is a limit for broken tests and slow machines."""

_SHOWN_LINES = 40


class ChildError(AssertionError):
    """A child did not do what the test waited for; the message has its output."""


@dataclass(frozen=True)
class Line:
    """Line of output, without its end."""

    stream: Literal["out", "err"]
    text: str


class Child:
    """Running process. Lines of both streams are stored in order of arrival."""

    def __init__(self, process: subprocess.Popen[str] | Copy) -> None:
        self.lines: list[Line] = []
        self._process = process
        self._changed = threading.Condition()
        self._open_streams = 0
        self._seen = 0
        self._readers = [self._read(process.stdout, "out"), self._read(process.stderr, "err")]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs, or is stopped by a signal and can be resumed."""
        return self._process.poll() is None

    @property
    def out(self) -> str:
        """Its standard output so far."""
        return self._text("out")

    @property
    def err(self) -> str:
        """Its standard error so far."""
        return self._text("err")

    def wait_for(self, pattern: str, timeout: float = PATIENCE) -> str:
        """Return the next line that matches a regular expression, after the last match.

        Raises:
            ChildError: It ended without printing such a line, or the time is over.
        """
        wanted = re.compile(pattern)
        with self._changed:
            self._changed.wait_for(lambda: self._next(wanted) or not self._open_streams, timeout)
            found = self._next(wanted)
            if found is None:
                self._settle()
                raise ChildError(f"no line matched {pattern!r}\n{self}")
            self._seen = found
            return self.lines[found - 1].text

    def tell(self, line: str) -> None:
        """Send a line to a child that listens; one that has ended does not receive it."""
        orders = self._process.stdin
        assert orders is not None, "it was not started as one that listens"
        with suppress(BrokenPipeError):
            orders.write(f"{line}\n")
            orders.flush()

    def hang_up(self) -> None:
        """Close its standard input, if it listens."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait until it has ended; return its exit code, a negative number after a signal."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ChildError(f"it has not ended in {timeout} s\n{self}") from None
        for reader in self._readers:
            reader.join(timeout)
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Send SIGTERM, after which it may finish its work."""
        self.send(signal.SIGTERM)

    def kill(self) -> int:
        """Send SIGKILL, and wait until it has ended."""
        self._process.kill()
        return self.wait()

    def stop(self) -> None:
        """Send SIGSTOP, and wait until the kernel has stopped it."""
        self._process.send_signal(signal.SIGSTOP)
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        """Wait until the kernel has stopped it, for a process that stops itself."""
        if isinstance(self._process, Copy):
            self._process.wait_until_stopped(PATIENCE)
            return
        # WNOWAIT leaves the status of a process that has ended to `wait`.
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Send SIGCONT: it continues where it was stopped."""
        self._process.send_signal(signal.SIGCONT)

    def __str__(self) -> str:
        status = "it runs" if self.alive else f"it ended with {self._process.returncode}"
        last = [f"  {line.stream}: {line.text}" for line in self.lines[-_SHOWN_LINES:]]
        return "\n".join([f"process {self.pid}: {status}; its last lines:", *last])

    def _read(self, stream: IO[str] | None, name: Literal["out", "err"]) -> threading.Thread:
        assert stream is not None

        def follow() -> None:
            with stream:
                for text in stream:
                    with self._changed:
                        self.lines.append(Line(name, text.rstrip("\n")))
                        self._changed.notify_all()
            with self._changed:
                self._open_streams -= 1
                self._changed.notify_all()

        self._open_streams += 1
        reader = threading.Thread(target=follow, name=f"{self.pid}-{name}", daemon=True)
        reader.start()
        return reader

    def _settle(self) -> None:
        """Wait for the exit code, which the error reports; it comes after the streams end."""
        if not self._open_streams:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)

    def _next(self, wanted: re.Pattern[str]) -> int | None:
        """Return the number of lines up to and including the next match."""
        rest = enumerate(self.lines[self._seen :], start=self._seen + 1)
        return next((count for count, line in rest if wanted.search(line.text)), None)

    def _text(self, stream: Literal["out", "err"]) -> str:
        with self._changed:
            return "".join(f"{line.text}\n" for line in self.lines if line.stream == stream)


def crash_at(point: str, time: int = 1) -> dict[str, str]:
    """Return the environment in which a process kills itself at the n-th passage of a point."""
    return {VARIABLE: f"{point}:{time}"}


def python(module: str, *arguments: str) -> list[str]:
    """Return the command for a module: `python -m module arguments`."""
    return [sys.executable, "-m", module, *arguments]


@contextmanager
def running(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    listens: bool = False,
) -> Generator[Child]:
    """Start a program and end it, by force if it still runs; it also dies with the test process.

    One that listens reads lines from its standard input. It has this process's environment without
    Ballast's own variables, and the given ones. A Python module is run by a copy of a process that
    has already imported it.
    """
    clean = {name: value for name, value in os.environ.items() if "BALLAST" not in name}
    given = {"PYTHONUNBUFFERED": "1", **clean, **(environment or {})}
    if command[:2] == [sys.executable, "-m"]:
        started = original().copy(command[2:], folder=folder, environment=given, listens=listens)
        child = Child(started)
    else:
        orders = subprocess.PIPE if listens else subprocess.DEVNULL
        errors = subprocess.PIPE
        child = Child(
            spawn(command, folder=folder, environment=given, errors=errors, orders=orders)
        )
    try:
        yield child
    finally:
        if child.alive:
            child.kill()
        child.hang_up()
