"""Lengths of soaks, and frequencies of disturbances and kills."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """Length of a soak, and frequency of disturbances and kills.

    Attributes:
        seed: Seed of the random numbers.
        steps: Number of steps.
        hours: Simulated hours of a step.
        calm: Number of first steps without disturbances.
        lasting: Longest disturbance, in steps.
        kill_every: Average number of steps between kills of the keeper; 0 for no kills.
        deposits: First deposits in whole USDT.
    """

    seed: int
    steps: int
    hours: int
    calm: int
    lasting: int
    kill_every: int
    deposits: int = 1_000_000


SHORT = Course(seed=15, steps=14, hours=6, calm=1, lasting=1, kill_every=4)
"""Three and a half days, for each run of the tests."""

DEEP = Course(seed=20, steps=15 * 4, hours=6, calm=3 * 4, lasting=2, kill_every=4)
"""Fifteen days, of which the first three are calm."""

APPROVED = Course(seed=16, steps=3, hours=6, calm=3, lasting=1, kill_every=3, deposits=150_000)
"""Hours without disturbances, of a vault so small that one approval is enough."""
