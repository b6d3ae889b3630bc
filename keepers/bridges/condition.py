"""What a route needs besides its contracts, and whether that is so.

`ballast check` prints conditions, and a quote is refused for the same ones: money never goes by a
route that the check calls failed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a route needs.

    Attributes:
        problem: What is wrong, and what to do about it; empty where nothing is.
        fine: What is said where nothing is wrong.
    """

    problem: str
    fine: str = ""


def problems_of(conditions: Iterable[Condition]) -> str:
    """Join what is wrong into one text; empty where nothing is."""
    return "; ".join(each.problem for each in conditions if each.problem)
