"""A process is killed at every point of two scenarios; each has the same end, and sends once.

By default each scenario on each database covers a quarter of its named points, another quarter
than the others, one after the other: each process is killed at the next point. With `make deep`
it covers all of them, and every single passing of a point has a scenario of its own besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.crash_points import DONE_BY_A_LIFE, PASSINGS, points_of
from tests.integration.sending.conftest import NewDatabase
from tests.integration.sending.life import Life, Outcome
from tests.integration.sending.lives import LIVES
from tests.integration.support.faulty_chain import faulty_chain
from tests.support.deep import IS_DEEP
from tests.support.sqlite import new_database

pytestmark = pytest.mark.deep

PREPARING = {f"{when}_plan" for when in ("before", "inside", "after")}
"""The outpost's own write, which stores a step for an intent."""

EXECUTED = {
    "bumped_and_reorganised": ((0, "0x61"), (1, "0x62")),
    "refused_and_displaced": ((0, "0x"), (1, "0xffff"), (2, "0x66")),
}
"""Nonce and data in the chain: `c` was cancelled, a stranger took `f`'s first nonce."""


@dataclass(frozen=True)
class Undisturbed:
    """A scenario without a kill: its outcome, and the points that it passed in order."""

    outcome: Outcome
    points: tuple[str, ...]


def lived(
    name: str, database: str, *, kills: Sequence[str] = (), trace: Path | None = None
) -> Outcome:
    """Return the outcome of a scenario whose processes are killed at these points in turn."""
    with faulty_chain() as chain:
        life = Life(chain, database, kills, None if trace is None else str(trace))
        try:
            LIVES[name](life)
        finally:
            life.close()
    assert life.killed == list(kills), "a point was not met"
    assert life.outcome is not None
    return life.outcome


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Undisturbed]:
    """Every scenario without a kill."""
    found: dict[str, Undisturbed] = {}
    for name in LIVES:
        folder = tmp_path_factory.mktemp(name)
        trace = folder / "trace"
        outcome = lived(name, new_database(folder / "ledger.sqlite"), trace=trace)
        found[name] = Undisturbed(outcome, tuple(trace.read_text().split()))
    return found


def test_lives__undisturbed__pass_every_documented_point(
    undisturbed: Mapping[str, Undisturbed],
) -> None:
    passed = {point for life in undisturbed.values() for point in life.points}
    assert passed - PREPARING == {point for write in DONE_BY_A_LIFE for point in points_of(write)}
    assert {name: len(life.points) for name, life in undisturbed.items()} == PASSINGS


def test_lives__undisturbed__do_each_call_once(undisturbed: Mapping[str, Undisturbed]) -> None:
    outcomes = {name: life.outcome for name, life in undisturbed.items()}
    assert {name: each.executions for name, each in outcomes.items()} == EXECUTED
    assert not any(each.unstored for each in outcomes.values())


@pytest.mark.parametrize("name", LIVES)
def test_life__killed_at_its_points__ends_the_same(
    name: str,
    undisturbed: Mapping[str, Undisturbed],
    new_url: NewDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    points = undisturbed[name].points
    is_server = new_url().startswith("postgres")
    lives = plan(points, first=2 * list(LIVES).index(name) + is_server)
    for kills in lives:
        assert lived(name, new_url(), kills=kills) == undisturbed[name].outcome, kills
    with capsys.disabled():
        named = len(set(points))
        print(f"\n{name}: {len(points)} points of {named} names, lives with kills: {len(lives)}")


def plan(points: Sequence[str], first: int) -> list[Sequence[str]]:
    """Return the kill points of each scenario; if not deep, the quarter that starts at `first`."""
    named = list(dict.fromkeys(points))
    return [named, *([each] for each in numbered(points))] if IS_DEEP else [named[first::4]]


def numbered(points: Sequence[str]) -> list[str]:
    """Return every passing of a point, named as in `BALLAST_CRASH_AT`."""
    passed: Counter[str] = Counter()
    found: list[str] = []
    for point in points:
        passed[point] += 1
        found.append(f"{point}:{passed[point]}")
    return found
