"""Tests of lease renewal: a lease is renewed only while its holder's loop runs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from keepers.runtime.process.leases import renewed

pytestmark = pytest.mark.long


@dataclass
class Renewals:
    """Lease that records the times of its renewals."""

    seconds: float
    at: list[float] = field(default_factory=list[float])
    scope: str = "scope"

    def heartbeat(self) -> None:
        """Record the time of the renewal."""
        self.at.append(time.monotonic())


def renewals(seconds: float, patience: float, *, free: float = 0, blocked: float = 0) -> Renewals:
    """Return the renewals of a loop that is free for a time and then stalls."""
    lease = Renewals(seconds)

    async def work() -> None:
        with renewed(cast("Any", lease), patience):
            await asyncio.sleep(free)
            time.sleep(blocked)  # noqa: ASYNC251 - the loop has stalled

    asyncio.run(work())
    return lease


@pytest.mark.parametrize(("seconds", "patience"), [(0.6, 6.0), (2.4, 0.5)])
def test_renewed__loop_is_free__lease_of_any_length_is_renewed(
    seconds: float, patience: float
) -> None:
    """Scaled down from leases of 5 s and 300 s with a patience of 60 s."""
    assert renewals(seconds, patience, free=2.0).at


@pytest.mark.parametrize("seconds", [0.6, 3.6])
def test_renewed__loop_stands_still_for_longer_than_its_patience__is_not_renewed(
    seconds: float,
) -> None:
    patience, slack = 0.4, 0.3
    begun = time.monotonic()
    lease = renewals(seconds, patience, blocked=1.5)
    assert [each for each in lease.at if each - begun > patience + slack] == []
