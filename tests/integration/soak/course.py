"""How long soaks are, and how wild."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """How long a soak is, and how wild.

    Attributes:
        seed: Of chance.
        looks: Steps.
        hours: Simulated hours of a step.
        calm: The first so many steps are without disturbances.
        lasting: The most steps that a disturbance lasts.
        kill_every: The keeper is killed about once in so many steps; 0 for never.
        deposits: Whole USDT at the beginning.
    """

    seed: int
    looks: int
    hours: int
    calm: int
    lasting: int
    kill_every: int
    deposits: int = 1_000_000


SHORT = Course(seed=15, looks=14, hours=6, calm=1, lasting=1, kill_every=4)
"""For every change: three and a half days."""

DEEP = Course(seed=20, looks=15 * 4, hours=6, calm=3 * 4, lasting=2, kill_every=4)
"""Fifteen days, of which the first three are calm."""

APPROVED = Course(seed=16, looks=3, hours=6, calm=3, lasting=1, kill_every=3, deposits=150_000)
"""Calm hours; the vault is so small that one approval is enough."""
