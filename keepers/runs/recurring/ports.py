"""Ports of the keeper of recurring rebalancers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from keepers.model.chain import ContractCall
from keepers.model.chain_events import BlockCursor
from keepers.model.ports import Notifier
from keepers.model.recurring import (
    DueJob,
    FailedBooking,
    MeasuredJob,
    RecurringPolicy,
    RunReport,
    StuckJob,
)
from keepers.runs.strategy import RunPorts


class Jobs(Protocol):
    """The scheduler's records. Every method may raise a `ChainError`."""

    async def base_fee(self) -> int:
        """Return the newest block's base fee in wei per gas, without tips."""
        ...

    async def due(self) -> tuple[DueJob, ...]:
        """Return bookings that can be executed now without data, in the order of their records."""
        ...

    async def stuck(self) -> tuple[StuckJob, ...]:
        """Return all stuck jobs by reading every record."""
        ...

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        """Return the jobs still stuck; events of contracts without a job are left out."""
        ...

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[MeasuredJob]:
        """Simulate each job and return its gas and payout at a gas price."""
        ...

    async def runnable(self, jobs: Sequence[DueJob], sender: str) -> tuple[DueJob, ...]:
        """Return the jobs of a batch that would run if included now."""
        ...

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        """Return the jobs that a fix would book now within the given gas per job."""
        ...

    def execution(self, jobs: Sequence[DueJob], reward_to: str) -> ContractCall:
        """Return the call that executes a batch."""
        ...

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        """Return calls that fix jobs, at most `size` per call, with the number of jobs in each."""
        ...


class FailureLogs(Protocol):
    """Events of rebalancers that failed to book their next run."""

    async def head(self) -> int:
        """Return the number of the newest block."""
        ...

    async def hash_at(self, block: int) -> str | None:
        """Return the hash of a block on the current chain; None beyond its end."""
        ...

    async def failures(self, first: int, last: int) -> tuple[FailedBooking, ...]:
        """Return the failures in a range of blocks, each once; raise `RangeRefusedError`."""
        ...


class CursorStore(Protocol):
    """Store of the cursors up to which events were read; every method is one transaction."""

    def known(self) -> tuple[BlockCursor, ...]:
        """Return the cursors of fully read blocks, the newest first."""
        ...

    def keep(self, until: BlockCursor) -> None:
        """Store the cursor up to which everything was read and handled."""
        ...


class FailedBookings(Protocol):
    """Reader of failed bookings, starting after the last handled ones."""

    async def read(self) -> tuple[FailedBooking, ...]:
        """Return new, final failures."""
        ...

    def dealt_with(self) -> None:
        """Store the position of the last read, so that it is not read again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringDependencies(RunPorts):
    """Ports of one keeper of recurring rebalancers; the scope of its runs is `vault`.

    A keeper has at most one open run, and a booking at most one transaction in progress.
    """

    jobs: Jobs
    failures: FailedBookings
    notifier: Notifier
    recurring: RecurringPolicy
    observe: Callable[[RunReport], None] = lambda _: None
