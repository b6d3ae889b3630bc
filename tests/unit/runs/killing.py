"""Simulated kills at crash points, inside the test process."""

from __future__ import annotations

from tests.unit.runs.tier_run_rig import TierRunRig


class Killed(BaseException):
    """Simulated death of the process."""


def killing(rig: TierRunRig, at: int) -> list[str]:
    """Kill the process at the `at`-th crash point (0: never); return the points passed."""
    passed: list[str] = []

    def on_point(point: str) -> None:
        passed.append(point)
        if len(passed) == at:
            raise Killed

    rig.on_point = on_point
    return passed


def killing_at(rig: TierRunRig, wanted: str) -> None:
    """Kill the process at the named crash point."""

    def on_point(point: str) -> None:
        if point == wanted:
            raise Killed

    rig.on_point = on_point
