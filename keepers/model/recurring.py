"""Jobs of recurring rebalancers, and their keeper's policy. Fees, payouts and prices in wei."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EXECUTE = "EXECUTE"
"""Kind of the steps that execute due bookings."""

FIX = "FIX"
"""Kind of the steps that book stuck rebalancers again."""

MANAGE = "MANAGE"
"""Kind of the steps that create, change or end a rebalancer for an operator."""

BASE_GAS = 60_000
"""Fixed gas of a transaction that executes a batch."""

SETTLEMENT_GAS = 80_000
"""Gas of one execution besides its handler, and the reserve that guarantees its effort."""


IDLE_REASONS = frozenset({"CoolDown", "InsideDrift"})
"""Reasons of expected skips: nothing to do, or not yet."""

MAX_RETRIES = 3
"""Maximum number of early runs after a temporary skip, as in the contracts."""


def scope_of(vault: str) -> str:
    """Return the store scope of a vault's recurring jobs."""
    return f"recurring:{vault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueJob:
    """Booking that can be executed now.

    Attributes:
        booking: Its id.
        target: The rebalanced contract; None if the handler is no rebalancer.
        handler: The contract that booked it.
        effort: Gas that its handler may use.
        fee: Fee in escrow.
        paid: Whether it belongs to the team's registry, so that operators are notified of runs.
    """

    booking: int
    target: str | None
    handler: str
    effort: int
    fee: int
    paid: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredJob:
    """Job with its simulated gas and payout.

    Attributes:
        job: The job.
        gas: Gas of a transaction that executes it alone; None if it would fail.
        payout: Amount that the executor would be credited.
        cost: Gas cost of the executor.
    """

    job: DueJob
    gas: int | None
    payout: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Funding:
    """Account that pays for a rebalancer: the payer's account with the scheduler for a handler.

    Attributes:
        payer: Owner of the account, or the contract that pays each fee on request.
        is_external: Whether the payer is such a contract.
        balance: Balance of the account in wei.
        per_run: Maximum gwei per run; 0 if the payer has not set it.
        per_day: Maximum gwei per day; 0 if the payer has not set it.
    """

    payer: str
    is_external: bool = False
    balance: int = 0
    per_run: int = 0
    per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckJob:
    """Rebalancer without a booking, which must be booked again.

    Attributes:
        number: Number of its record in the scheduler.
        handler: The rebalancer or registry.
        target: The rebalanced contract.
        paid: Whether the handler is a registry.
        required: Cost of the next booking.
        available: Amount that its funder can pay.
        funding: The account that pays.
    """

    number: int
    handler: str
    target: str
    paid: bool
    required: int
    available: int
    funding: Funding

    @property
    def is_dry(self) -> bool:
        """Return whether its funder has less than the next booking costs."""
        return self.available < self.required


@dataclass(frozen=True, slots=True)
class FailedBooking:
    """Event of a rebalancer that could not book its target's next run."""

    handler: str
    target: str


class RunOutcome(StrEnum):
    """Outcome of a run of a rebalancer."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunReport:
    """Report on one run of a rebalancer.

    Attributes:
        handler: The rebalancer.
        target: The contract to rebalance.
        outcome: Outcome of the run.
        reason: Reason of a skip, or error of a failure; empty if done.
        retry: Number of the early run that follows a skipped run; 0 for none.
    """

    handler: str
    target: str
    outcome: RunOutcome
    reason: str = ""
    retry: int = 0

    @property
    def needs_attention(self) -> bool:
        """Return whether the run failed, or was skipped for an unexpected reason."""
        if self.outcome is RunOutcome.SKIPPED:
            return self.reason not in IDLE_REASONS
        return self.outcome is RunOutcome.FAILED

    def __str__(self) -> str:
        """Return one line of text for display."""
        what = f"{self.target}: {self.outcome}"
        soon = f", retried soon ({self.retry} of {MAX_RETRIES})" if self.retry else ""
        return f"{what}: {self.reason}{soon}" if self.reason else what


@dataclass(frozen=True, slots=True)
class RecurringEvent:
    """Summary of a receipt's scheduler events.

    Attributes:
        jobs: Number of bookings executed, or of rebalancers booked again.
        paid: Amount credited to the executor, in wei.
        runs: Reports of the runs that did not complete.
    """

    jobs: int
    paid: int = 0
    runs: tuple[RunReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """Scheduler record for display.

    Attributes:
        number: Number of the record.
        target: The rebalanced contract; None if the handler is no rebalancer.
        handler: The rebalancer.
        state: `due`, `booked`, `stuck`, `halted` or `none`; of the supervisor also `unfunded`, and
            `unbooked` if it is funded but not booked.
        next_run: Time at which it is or would be due, in Unix time; 0 if unknown.
        payout: Maximum payout of an execution now.
        required: Cost of the next booking.
        available: Amount that its funder can pay.
        failures: Consecutive failed runs.
        last_run: Time at which the job was last run, created or revived, in Unix time.
        effort: Gas of a run, including the booking of the next one.
        is_supervisor: Whether it is the supervisor's own record.
        last: Report of the last run; None if unknown.
    """

    number: int
    target: str | None
    handler: str
    state: str
    next_run: int
    payout: int
    required: int
    available: int
    failures: int
    last_run: int = 0
    effort: int = 0
    is_supervisor: bool = False
    last: RunReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringPolicy:
    """Policy of a keeper of recurring rebalancers.

    Attributes:
        batch_size: Maximum jobs per transaction.
        batch_gas: Maximum gas per transaction.
        fix_gas: Maximum gas of a fix; larger fixes are left to other keepers.
        maximum_price: Gas price above which nothing is executed.
        sponsored: Targets that are executed regardless of cost, in lower case.
    """

    batch_size: int
    batch_gas: int
    fix_gas: int
    maximum_price: int
    sponsored: frozenset[str]

    @property
    def fixes(self) -> int:
        """Return the maximum number of fixes per transaction."""
        return max(1, min(self.batch_size, (self.batch_gas - BASE_GAS) // self.fix_gas))

    def sponsors(self, job: DueJob) -> bool:
        """Return whether a job is executed at the keeper's expense."""
        return job.target is not None and job.target.lower() in self.sponsored


def gas_of(effort: int) -> int:
    """Return the gas that a batch needs per booking: a call receives 63/64 of the gas."""
    return effort + effort // 63 + 1 + SETTLEMENT_GAS


def fixes_gas_of(count: int, fix_gas: int) -> int:
    """Return the gas of a batch in which every fix may use `fix_gas`."""
    return BASE_GAS + fix_gas * count


def batch_gas_of(efforts: Sequence[int]) -> int:
    """Return the gas of a batch in which every handler may use its full effort."""
    return BASE_GAS + sum(map(gas_of, efforts))
