"""Ports of the keeper of recurring rebalancers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from keepers.model.chain import ContractCall
from keepers.model.chain_events import BlockCursor
from keepers.model.ports import Clock, Journal, Notifier, Progress
from keepers.model.recurring import (
    DueJob,
    FailedBooking,
    MeasuredJob,
    RecurringPolicy,
    RunReport,
    StuckJob,
)
from keepers.runs.policy import RunPolicy
from keepers.transactions.engine import TransactionEngine


class Jobs(Protocol):
    """The scheduler's records. Everything may raise a `ChainError`."""

    async def base_fee(self) -> int:
        """Wei for a unit of gas in the newest block, tips aside."""
        ...

    async def due(self) -> tuple[DueJob, ...]:
        """Bookings that can be executed now and need no data, in order of their records."""
        ...

    async def stuck(self) -> tuple[StuckJob, ...]:
        """Everything that is stuck, by a look at all records."""
        ...

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        """What of these is stuck still; events of contracts that keep no job are left out."""
        ...

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[MeasuredJob]:
        """Execute each without sending it, and say what that takes and pays at a gas price."""
        ...

    async def runnable(self, jobs: Sequence[DueJob], sender: str) -> tuple[DueJob, ...]:
        """Those of a batch that would run if it were included now."""
        ...

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        """Those that a fix would book now, with no more gas than that for each."""
        ...

    def execution(self, jobs: Sequence[DueJob], reward_to: str) -> ContractCall:
        """The call that executes a batch."""
        ...

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        """Calls that fix them, at most so many in one, with how many each has."""
        ...


class FailureLogs(Protocol):
    """Events of rebalancers that could not book their next run."""

    async def head(self) -> int:
        """The number of the newest block."""
        ...

    async def hash_at(self, block: int) -> str | None:
        """The hash of a block of the chain as it is now; None beyond its end."""
        ...

    async def failures(self, first: int, last: int) -> tuple[FailedBooking, ...]:
        """Those of a range of blocks, each once; raises `RangeRefusedError` for too many."""
        ...


class Places(Protocol):
    """Up to where events were read; each method is one transaction."""

    def known(self) -> tuple[BlockCursor, ...]:
        """The blocks up to which everything was read, the newest first."""
        ...

    def keep(self, until: BlockCursor) -> None:
        """Everything is read, and dealt with, up to here."""
        ...


class Failures(Protocol):
    """Reads events on from where they were dealt with."""

    async def look(self) -> tuple[FailedBooking, ...]:
        """What is new and final."""
        ...

    def dealt_with(self) -> None:
        """What was last looked at need not be looked at again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringDependencies:
    """The ports of one keeper; the journal is one of runs of upkeep, of the scope `vault`.

    So a keeper has at most one run that is open, and a booking at most one transaction under way.
    """

    vault: str
    chain_id: int
    journal: Journal
    jobs: Jobs
    failures: Failures
    notifier: Notifier
    keeper: str
    transactions: TransactionEngine
    clock: Clock
    policy: RunPolicy
    recurring: RecurringPolicy
    progress: Progress
    observe: Callable[[RunReport], None] = lambda _: None
