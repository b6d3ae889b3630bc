"""Recurring rebalancers as their keeper sees them. Fees, payouts and prices are in wei."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EXECUTE = "EXECUTE"
"""The kind of steps that execute bookings that are due."""

FIX = "FIX"
"""The kind of steps that book what is stuck."""

MANAGE = "MANAGE"
"""The kind of steps that make, change or end a rebalancer for a person."""

BASE_GAS = 60_000
"""Of a transaction that executes a batch, whatever is in it."""

SETTLEMENT_GAS = 80_000
"""Of one execution beside its handler, and in reserve so that the handler has its effort."""


IDLE_REASONS = frozenset({"CoolDown", "InsideDrift"})
"""Reasons of skips that are as it should be: nothing is to be done, or not yet."""

MAX_RETRIES = 3
"""Early runs after skips that may soon be over, as the contracts have it."""


def scope_of(vault: str) -> str:
    """Return the scope in the store of the work for recurring rebalancers."""
    return f"recurring:{vault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueJob:
    """A booking that can be executed now.

    Attributes:
        booking: Its id.
        target: What is rebalanced; None where the handler is no rebalancer.
        handler: Who booked it.
        effort: Gas that its handler may take.
        fee: What is in escrow for it.
        paid: Whether it is one of the team's registry, so that people hear of what it does.
    """

    booking: int
    target: str | None
    handler: str
    effort: int
    fee: int
    paid: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredJob:
    """A job as it ran in a simulation: what its execution takes and pays.

    Attributes:
        job: The job.
        gas: Gas of a transaction that executes it alone; None where it would not run.
        payout: What the executor would be credited.
        cost: What it would cost the executor.
    """

    job: DueJob
    gas: int | None
    payout: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Funding:
    """The account that pays for a rebalancer: the payer's with the scheduler, for its handler.

    Attributes:
        payer: Whose account it is, or the contract that is asked for each fee.
        is_external: Whether the payer is such a contract.
        balance: Wei in the account.
        per_run: Gwei that a run may take; 0 where the payer has not set it.
        per_day: Gwei that a day may take; likewise.
    """

    payer: str
    is_external: bool = False
    balance: int = 0
    per_run: int = 0
    per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckJob:
    """A rebalancer without a booking, which somebody has to have booked again.

    Attributes:
        number: Its record in the scheduler.
        handler: The rebalancer or registry.
        target: What is rebalanced.
        paid: Whether the handler is a registry.
        required: What the next booking costs.
        available: What its funder could pay.
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
    """Event: this rebalancer could not book its target's next run."""

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
        target: What was to be rebalanced.
        outcome: How it ended.
        reason: Why it was skipped, or the error with which it failed; empty where it was done.
        retry: Of a run that was skipped, which early run comes next; 0 for none.
    """

    handler: str
    target: str
    outcome: RunOutcome
    reason: str = ""
    retry: int = 0

    @property
    def needs_attention(self) -> bool:
        """Return whether the run should have done something and could not."""
        if self.outcome is RunOutcome.SKIPPED:
            return self.reason not in IDLE_REASONS
        return self.outcome is RunOutcome.FAILED

    def __str__(self) -> str:
        """For people."""
        what = f"{self.target}: {self.outcome}"
        soon = f", tried again soon ({self.retry} of {MAX_RETRIES})" if self.retry else ""
        return f"{what}: {self.reason}{soon}" if self.reason else what


@dataclass(frozen=True, slots=True)
class RecurringEvent:
    """What the events of a receipt say.

    Attributes:
        jobs: How many bookings were executed, or rebalancers booked again.
        paid: Wei that the executor was credited.
        runs: What came of each run that did not do its work.
    """

    jobs: int
    paid: int = 0
    runs: tuple[RunReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A record of the scheduler, for people.

    Attributes:
        number: The record.
        target: What is rebalanced; None where the handler is no rebalancer.
        handler: The rebalancer.
        state: `due`, `booked`, `stuck`, `halted` or `none`; of the supervisor also `unfunded`, and
            `unbooked` where it has money and nobody has booked it.
        next_run: When it is or would be due, in Unix time; 0 where it is not known.
        payout: What executing it now pays at most.
        required: What the next booking costs.
        available: What its funder could pay.
        failures: Runs in a row that failed.
        last_run: When the job was last run, created or revived, in Unix time.
        effort: Gas of a run, booking the next one included.
        is_supervisor: Whether it is the supervisor's own record.
        last: What came of the last run; None where that is not known.
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
        batch_size: The most jobs of one transaction.
        batch_gas: The most gas of one transaction.
        fix_gas: A fix that takes more gas is left to others.
        maximum_price: Nothing is done while a unit of gas costs more.
        sponsored: Targets that are executed whatever it costs, in lower case.
    """

    batch_size: int
    batch_gas: int
    fix_gas: int
    maximum_price: int
    sponsored: frozenset[str]

    @property
    def fixes(self) -> int:
        """The most fixes of one transaction."""
        return max(1, min(self.batch_size, (self.batch_gas - BASE_GAS) // self.fix_gas))

    def sponsors(self, job: DueJob) -> bool:
        """Return whether a job is executed at the keeper's expense."""
        return job.target is not None and job.target.lower() in self.sponsored


def gas_of(effort: int) -> int:
    """Gas that a batch must have for one of its bookings: a call gets 63 parts in 64."""
    return effort + effort // 63 + 1 + SETTLEMENT_GAS


def fixes_gas_of(count: int, fix_gas: int) -> int:
    """Gas with which every fix of a batch has what a fix may take."""
    return BASE_GAS + fix_gas * count


def batch_gas_of(efforts: Sequence[int]) -> int:
    """Gas with which every booking of a batch is executed, whatever its handlers take."""
    return BASE_GAS + sum(map(gas_of, efforts))
