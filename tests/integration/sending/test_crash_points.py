"""A process is killed at every point of two lives; each goes on to the same end, done once.

By default every named point is met once on each database, one after the other in the same life:
each process is killed at the next point. With `make deep` every single time that a point is
passed has a life of its own besides.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.crash_points import DONE_BY_A_LIFE, PASSINGS, points_of
from tests.integration.sending.conftest import NewDatabase
from tests.integration.sending.life import Life, Outcome
from tests.integration.sending.lives import LIVES
from tests.integration.support.faulty_chain import faulty_chain

IS_DEEP = os.environ.get("BALLAST_HYPOTHESIS_PROFILE") == "deep"
PREPARING = {f"{when}_plan" for when in ("before", "inside", "after")}
"""The outpost's own write, which makes a step to send for."""

EXECUTED = {
    "bumped_and_reorganised": ((0, "0x61"), (1, "0x62")),
    "refused_and_displaced": ((0, "0x"), (1, "0xffff"), (2, "0x66")),
}
"""Nonce and data of what is in the chain: `c` was cancelled, a stranger took `f`'s first nonce."""


def lived(
    name: str, database: str, *, kills: Sequence[str] = (), trace: Path | None = None
) -> Outcome:
    """How a life ends whose processes are killed at these points, one after the other."""
    with faulty_chain() as chain:
        life = Life(chain, database, kills, None if trace is None else str(trace))
        try:
            LIVES[name](life)
        finally:
            life.close()
    assert life.killed == list(kills), "a point was not met"
    assert life.outcome is not None
    return life.outcome


def numbered(trace: Path) -> list[str]:
    """Every passing of a point, as `BALLAST_CRASH_AT` names it."""
    passed: Counter[str] = Counter()
    found: list[str] = []
    for point in trace.read_text().split():
        passed[point] += 1
        found.append(f"{point}:{passed[point]}")
    return found


def test_lives__undisturbed__pass_every_documented_point(
    postgres_databases: NewDatabase, tmp_path: Path
) -> None:
    passed: set[str] = set()
    for name in LIVES:
        trace = tmp_path / name
        lived(name, postgres_databases(), trace=trace)
        passed |= set(trace.read_text().split())
    assert passed - PREPARING == {point for write in DONE_BY_A_LIFE for point in points_of(write)}


@pytest.mark.parametrize("name", LIVES)
def test_life__killed_at_its_points__ends_the_same(
    name: str, new_url: NewDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace"
    undisturbed = lived(name, new_url(), trace=trace)
    assert undisturbed.executions == EXECUTED[name]
    assert not undisturbed.unstored
    passings, names = numbered(trace), list(dict.fromkeys(trace.read_text().split()))
    assert len(passings) == PASSINGS[name]
    for kills in plan(passings, names):
        assert lived(name, new_url(), kills=kills) == undisturbed, kills
    with capsys.disabled():
        lives = len(plan(passings, names))
        print(f"\n{name}: {len(passings)} points of {len(names)} names, {lives} lives with kills")


def plan(passings: Sequence[str], names: Sequence[str]) -> list[Sequence[str]]:
    """At which points the processes of each life are killed."""
    return [names, *([point] for point in passings)] if IS_DEEP else [names]
