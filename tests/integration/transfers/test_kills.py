"""The keeper is killed after every write, send and request of a transfer, which happens once.

Many processes of one life are killed, one after the other. One life cannot meet all points: a
process that finds a transaction included does not record that it was sent. Each run has one life
for each of four transfers, each with a different twelfth of the points. `make deep` has as many
lives as are needed to meet all points, on both databases.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.integration.sending.conftest import NewDatabase
from tests.integration.transfers.conftest import KeeperOf
from tests.integration.transfers.kinds import KINDS, assert_once
from tests.integration.transfers.life import Kill, Life
from tests.support.deep import IS_DEEP

pytestmark = pytest.mark.deep

STRIDE = 1 if IS_DEEP else 12
DATABASES = ("sqlite", "postgres")

ASKING = frozenset({"send", "initiate", "track", "complete"})
"""Actions outside the database: a kill before one differs from a kill after it."""


BY_TIME = frozenset({"inside_heartbeat", "after_heartbeat"})
"""Lease renewals, which occur only in long lives: the next life need not meet them."""

FEW = [
    ("CCTP, invested", "sqlite"),
    ("OFT", "postgres"),
    ("EXCHANGE", "sqlite"),
    ("CUSTODIAN", "postgres"),
]
ALL = [(name, database) for name in KINDS for database in DATABASES]


def points_of(passed: Sequence[Sequence[str]], first: int) -> list[Kill]:
    """Return the kill points; a kill before a write is the same as one inside it."""
    found = [
        Kill(phase, point)
        for phase, points in enumerate(passed)
        for point in points
        if not point.startswith("before_") or point.removeprefix("before_") in ASKING
    ]
    return found[first::STRIDE]


@pytest.mark.parametrize(("name", "new_url"), ALL if IS_DEEP else FEW, indirect=["new_url"])
def test_transfer__killed_at_its_points__happens_once(
    keeper_of: KeeperOf, new_url: NewDatabase, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = KINDS[name]
    with keeper_of(new_url()) as keeper:
        undisturbed = Life(keeper, kind.order, kind.invest)
        outcome = undisturbed.live()
    assert_once(outcome, kind)
    kills = points_of(undisturbed.passed, 0 if IS_DEEP else list(KINDS).index(name) % STRIDE)
    left, lives, killed = kills, 0, 0
    while left:
        with keeper_of(new_url()) as keeper:
            life = Life(keeper, kind.order, kind.invest, kills=left.copy())
            assert life.live() == outcome, life.killed
        assert life.killed, f"these points were not met: {left}"
        lives, killed = lives + 1, killed + len(life.killed)
        left = [each for each in life.kills if IS_DEEP and each.point not in BY_TIME]
    with capsys.disabled():
        points = sum(map(len, undisturbed.passed))
        print(f"\n{name}: {points} points passed, {killed} of {len(kills)} met in {lives} lives")  # noqa: T201 - reports a figure
