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
    """The scheduler's records. Everything may raise a `ChainError`."""

    async def base_fee(self) -> int:
        """Return wei for a unit of gas in the newest block, without tips."""
        ...

    async def due(self) -> tuple[DueJob, ...]:
        """Return bookings that can be executed now and need no data, in order of their records."""
        ...

    async def stuck(self) -> tuple[StuckJob, ...]:
        """Return everything that is stuck, by reading all records."""
        ...

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        """Return those that are still stuck; events of contracts that keep no job are left out."""
        ...

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[MeasuredJob]:
        """Execute each without sending it, and say what that takes and pays at a gas price."""
        ...

    async def runnable(self, jobs: Sequence[DueJob], sender: str) -> tuple[DueJob, ...]:
        """Return the jobs of a batch that would run if it were included now."""
        ...

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        """Return the jobs that a fix would book now, with at most so much gas for each."""
        ...

    def execution(self, jobs: Sequence[DueJob], reward_to: str) -> ContractCall:
        """Return the call that executes a batch."""
        ...

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        """Return calls that fix jobs, at most so many in one, with the number in each."""
        ...


class FailureLogs(Protocol):
    """Events of rebalancers that could not book their next run."""

    async def head(self) -> int:
        """Return the number of the newest block."""
        ...

    async def hash_at(self, block: int) -> str | None:
        """Return the hash of a block of the chain as it is now; None beyond its end."""
        ...

    async def failures(self, first: int, last: int) -> tuple[FailedBooking, ...]:
        """Return failures of a range of blocks, each once; raises `RangeRefusedError`."""
        ...


class CursorStore(Protocol):
    """Store of the blocks up to which events were read; each method is one transaction."""

    def known(self) -> tuple[BlockCursor, ...]:
        """Return the blocks up to which everything was read, the newest first."""
        ...

    def keep(self, until: BlockCursor) -> None:
        """Keep the block up to which everything was read and handled."""
        ...


class FailedBookings(Protocol):
    """Reader of failed bookings, from the last ones that were handled."""

    async def read(self) -> tuple[FailedBooking, ...]:
        """Return failures that are new and final."""
        ...

    def dealt_with(self) -> None:
        """Keep the position of the last read, which is not read again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringDependencies(RunPorts):
    """Ports of one keeper of recurring rebalancers, whose runs have the scope `vault`.

    So a keeper has at most one run that is open, and a booking at most one transaction under way.
    """

    jobs: Jobs
    failures: FailedBookings
    notifier: Notifier
    recurring: RecurringPolicy
    observe: Callable[[RunReport], None] = lambda _: None
