"""A process that dies at a point that it passes, within this one."""

from __future__ import annotations

from tests.unit.runs.tier_run_rig import TierRunRig


class Killed(BaseException):
    """The process is gone."""


def killing(rig: TierRunRig, at: int) -> list[str]:
    """From now on the process dies at a passing of a point; answers what was passed."""
    passed: list[str] = []

    def on_point(point: str) -> None:
        passed.append(point)
        if len(passed) == at:
            raise Killed

    rig.on_point = on_point
    return passed


def killing_at(rig: TierRunRig, wanted: str) -> None:
    """The process dies when it passes a point."""

    def on_point(point: str) -> None:
        if point == wanted:
            raise Killed

    rig.on_point = on_point
