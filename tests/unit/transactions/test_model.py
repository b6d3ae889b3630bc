"""In any order of events, each intent is executed at most once and every report is true."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.deep import IS_DEEP
from tests.support.postgres import prepared
from tests.unit.transactions.model.machine import BrokenMachine, Databases, EngineMachine

pytestmark = [pytest.mark.long, pytest.mark.deep]

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk is too slow for thousands of commits; see `folder`

REACHED = ("FINAL", "reorganised", "strangers")
"""Events that the sequences must have reached, otherwise the test shows nothing."""

REACHED_IN_TIME = (*REACHED, "FAILED", "stalled")
"""Rarer events, which a few sequences can miss; the deep profile has hundreds."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Temporary folder in memory, if the machine has one."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as found:
        yield Path(found)


def steps(share: int) -> settings:
    """Return settings with a share of the profile's examples, because a sequence is slow."""
    profile = settings.default
    examples = max(2, (profile.max_examples if profile else 60) // share)
    return settings(
        max_examples=examples,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def check(
    machine: type[EngineMachine],
    new_url: Callable[[], str],
    run: settings,
    record_property: Callable[[str, object], None],
) -> None:
    """Run a machine and check that it reached the required events."""
    machine.databases = Databases(new_url)
    machine.count = Counter()
    run_state_machine_as_test(machine, settings=run)
    for name, number in machine.count.items():
        record_property(name, number)
    assert machine.count["steps"] > run.max_examples


@pytest.fixture
def new_file(empty: Path, folder: Path) -> Callable[[], str]:
    """Function that creates empty databases in files and returns their URLs."""
    numbers = count()
    return lambda: f"sqlite:///{shutil.copy(empty, folder / f'{next(numbers)}.sqlite')}"


@pytest.fixture
def new_database() -> Iterator[Callable[[], str]]:
    """Function that creates empty databases on a server and returns their URLs."""
    with prepared() as new:
        yield new


def test_file__whatever_happens__promises_are_kept(
    new_file: Callable[[], str], record_property: Callable[[str, object], None]
) -> None:
    check(EngineMachine, new_file, steps(6), record_property)
    wanted = REACHED_IN_TIME if IS_DEEP else REACHED
    assert all(EngineMachine.count[each] for each in wanted), EngineMachine.count


def test_server__whatever_happens__promises_are_kept(
    new_database: Callable[[], str], record_property: Callable[[str, object], None]
) -> None:
    check(EngineMachine, new_database, steps(30), record_property)


def test_finality__is_broken__everything_stops(
    new_file: Callable[[], str], record_property: Callable[[str, object], None]
) -> None:
    check(BrokenMachine, new_file, steps(20), record_property)
    assert BrokenMachine.count["broken"]
