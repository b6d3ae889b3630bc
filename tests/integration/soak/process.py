"""Keeper processes of the soak: one makes check rounds; when it is killed, a spare one resumes."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.keeper import Keeper
from tests.integration.support.processes import Child, ChildError, python, running

ROOT = Path(__file__).resolve().parents[3]
ROUND_SECONDS = 120.0


@dataclass(frozen=True)
class CheckRound:
    """Result of a check round.

    Attributes:
        outcomes: Schedules with the outcomes of their ticks, in the process that ended the round.
        failures: Reasons of failed checks.
        kills: Number of kills during the round.
    """

    outcomes: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]
    kills: int

    @property
    def has_run(self) -> bool:
        """Whether a check opened a run, or may have done so before a kill."""
        return self.kills > 0 or any(outcome == "run" for _, outcome in self.outcomes)

    def then(self, later: CheckRound) -> CheckRound:
        """Return both rounds as one."""
        return CheckRound(
            self.outcomes + later.outcomes, self.failures + later.failures, self.kills + later.kills
        )


@dataclass
class _Running:
    """Process with its clean-up, and the number of its lines that were read."""

    child: Child
    stack: ExitStack
    read: int = 0


@dataclass
class KeeperProcess:
    """Active process and a started spare one; `close` ends both."""

    keeper: Keeper
    kills: int = 0
    _working: _Running | None = None
    _spare: _Running | None = None
    _crash: str | None = None
    _failures: list[str] = field(default_factory=list[str])

    def run_checks(self, timestamp: int) -> CheckRound:
        """Make the checks that are due; if the process is killed, the spare one resumes."""
        self._failures, before = [], self.kills
        while True:
            working = self._working or self._take_spare()
            order, self._crash = {"at": timestamp, "crash": self._crash}, None
            working.child.tell(json.dumps(order))
            try:
                said = json.loads(working.child.wait_for(r'"checked"', ROUND_SECONDS))
            except ChildError:
                self._bury(working)
                continue
            self._read(working)
            outcomes = tuple((schedule, outcome) for schedule, outcome in said["ticks"])
            return CheckRound(outcomes, tuple(self._failures), self.kills - before)

    def crash_at(self, point: str, time: int) -> None:
        """Kill it when it passes a crash point for the n-th time from now on."""
        self._crash = f"{point}:{time}"

    def kill(self) -> None:
        """Kill it between rounds."""
        if self._working is not None:
            self._working.child.kill()
            self._bury(self._working)

    def close(self) -> None:
        """End both processes."""
        for each in (self._working, self._spare):
            if each is not None:
                each.stack.close()
        self._working = self._spare = None

    def _take_spare(self) -> _Running:
        self._working, self._spare = self._spare or self._start(), self._start()
        return self._working

    def _start(self) -> _Running:
        given = {"TEST_KEEPER_KEY": f"0x{KEEPER_ACCOUNT.key.hex()}", "PYTHONPATH": str(ROOT)}
        command = python("tests.integration.soak.checker")
        stack = ExitStack()
        child = stack.enter_context(
            running(command, environment=given, folder=self.keeper.folder, listens=True)
        )
        return _Running(child, stack)

    def _bury(self, dead: _Running) -> None:
        status = dead.child.wait()
        assert status == -signal.SIGKILL, f"the keeper ended without a kill\n{dead.child}"
        self._read(dead)
        dead.stack.close()
        self.kills += 1
        self._working = None

    def _read(self, running_one: _Running) -> None:
        """Store the reasons of checks that failed since the last call."""
        lines = running_one.child.lines[running_one.read :]
        running_one.read += len(lines)
        logged = [_parsed(each.text) for each in lines if each.stream == "err"]
        self._failures += [each["error"] for each in logged if each.get("event") == "check_failed"]


def _parsed(text: str) -> dict[str, Any]:
    """Return a line of the log; other lines, such as tracebacks, appear when the process fails."""
    try:
        return json.loads(text)
    except ValueError:
        return {}
