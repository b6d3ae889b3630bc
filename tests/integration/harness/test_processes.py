"""Tests of the tools with which other tests start, wait for, stop and kill processes."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.network.paths import ROOT
from tests.integration.support.processes import (
    PATIENCE,
    Child,
    ChildError,
    crash_at,
    python,
    running,
)

PYTHON = sys.executable
ECHO = "import sys\nfor word in sys.argv[1:]: print(word)\nsys.exit(3)"
ENDLESS = "import signal\nprint('ready')\nsignal.pause()"
CRASHING = """
from keepers.transactions.crash_points import crash_point
crash_point('first')
print('passed once')
crash_point('first')
print('never')
"""
TIDY = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print('ready', file=sys.stderr)
while True: signal.pause()
"""
COUNTER = """
import itertools, time
for number in itertools.count():
    print(number)
    time.sleep(0.001)
"""
SERVING = """
import signal
from sqlalchemy import text
from tests.support.postgres import postgres
with postgres() as server, server.connect() as connection:
    print(connection.scalar(text("SHOW data_directory")))
    signal.pause()
"""
PARENT = """
import sys, signal
from tests.integration.support.processes import running
with running([sys.executable, '-c', "import signal; print('up'); signal.pause()"]) as child:
    child.wait_for('up')
    print(child.pid)
    signal.pause()
"""

COPYING = """
import signal
from tests.integration.support.processes import python, running
with running(python("tests.integration.harness.counter")) as child:
    child.wait_for("variables")
    print(child.pid)
    signal.pause()
"""


def state(pid: int) -> str:
    """Return the kernel's letter: R running, S asleep, T stopped, Z ended."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


@contextmanager
def ended(pid: int) -> Generator[Callable[[], None]]:
    """Yield a function that waits for the end of a process that is not our child."""
    process = os.pidfd_open(pid)

    def wait() -> None:
        readable, _, _ = select.select([process], [], [], PATIENCE)
        assert readable, f"process {pid} still runs"

    yield wait
    os.close(process)


def number(child: Child) -> int:
    return int(child.wait_for(r"^\d+$"))


def test_wait__ended__gives_code_and_both_streams() -> None:
    with running([PYTHON, "-c", ECHO, "one", "two"]) as child:
        assert child.wait() == 3
    assert child.out == "one\ntwo\n"
    assert child.err == ""


def test_wait_for__lines__are_found_one_after_the_other() -> None:
    with running([PYTHON, "-c", ECHO, "b1", "a", "b2"]) as child:
        assert child.wait_for("b") == "b1"
        assert child.wait_for("b") == "b2"
        with pytest.raises(ChildError, match="ended with 3"):
            child.wait_for("b")


def test_wait_for__not_printed_in_time__says_what_was() -> None:
    with (
        running([PYTHON, "-c", ENDLESS]) as child,
        pytest.raises(ChildError, match=r"it runs.*\n.*ready"),
    ):
        child.wait_for("nothing of the kind", timeout=1)


def test_kill__running__is_gone_at_once() -> None:
    with running([PYTHON, "-c", ENDLESS]) as child:
        child.wait_for("ready")
        assert child.kill() == -signal.SIGKILL
        assert not child.alive


def test_terminate__handled__ends_in_its_own_way() -> None:
    with running([PYTHON, "-c", TIDY]) as child:
        child.wait_for("ready")
        child.terminate()
        assert child.wait() == 7
    assert child.err == "ready\n"


def test_stop_and_resume__counter__stands_still_meanwhile() -> None:
    with running([PYTHON, "-c", COUNTER]) as child:
        number(child)
        child.stop()
        assert state(child.pid) == "T"
        assert child.alive
        child.resume()
        before = number(child)
        assert number(child) == before + 1


def test_copy__stopped_resumed_and_terminated__is_as_any_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BALLAST_CRASH_AT", "first")
    with running(python("tests.integration.harness.counter")) as child:
        child.wait_for(r"variables \[\]")
        number(child)
        child.stop()
        assert state(child.pid) == "T"
        child.resume()
        before = number(child)
        assert number(child) == before + 1
        child.terminate()
        assert child.wait() == 7
    assert not Path(f"/proc/{child.pid}").exists()


def test_copy__test_process_killed__dies_with_it() -> None:
    with running([PYTHON, "-c", COPYING], folder=ROOT) as parent:
        pid = number(parent)
        with ended(pid) as wait:
            parent.kill()
            wait()


def test_context__left_while_stopped__leaves_no_process() -> None:
    with running([PYTHON, "-c", ENDLESS]) as child:
        child.wait_for("ready")
        child.stop()
    assert not child.alive
    assert not Path(f"/proc/{child.pid}").exists()


def test_crash_at__second_time__kills_there() -> None:
    with running([PYTHON, "-c", CRASHING], environment=crash_at("first", 2), folder=ROOT) as child:
        assert child.wait() == -signal.SIGKILL
    assert child.out == "passed once\n"


def test_running__own_variables__are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALLAST_CRASH_AT", "first")
    show = "import os; print([name for name in os.environ if 'BALLAST' in name])"
    with running([PYTHON, "-c", show]) as child:
        assert child.wait() == 0
    assert child.out == "[]\n"


def test_python__module__is_run_with_its_arguments() -> None:
    with running(python("json.tool", "--help")) as child:
        assert child.wait() == 0
    assert "usage" in child.out


def test_running__test_process_killed__dies_with_it() -> None:
    with running([PYTHON, "-c", PARENT], folder=ROOT) as parent:
        pid = number(parent)
        with ended(pid) as wait:
            parent.kill()
            wait()


def test_postgres__test_process_killed__is_stopped_and_leaves_no_files() -> None:
    with running([PYTHON, "-c", SERVING], folder=ROOT) as parent:
        data = Path(parent.wait_for("/data$"))
        server = int((data / "postmaster.pid").read_text().splitlines()[0])
        with ended(server) as wait:
            parent.kill()
            wait()
    watch_until_removed(data.parent)


def watch_until_removed(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.01)
