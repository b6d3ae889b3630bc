"""Which bookings are executed, and together with which others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from keepers.model.recurring import DueJob, MeasuredJob, RecurringPolicy, batch_gas_of


def worthwhile(measured: Sequence[MeasuredJob], policy: RecurringPolicy) -> tuple[DueJob, ...]:
    """Those that run, and pay for themselves or are sponsored."""
    return tuple(
        each.job
        for each in measured
        if each.gas is not None and (each.payout >= each.cost or policy.sponsors(each.job))
    )


def batches(jobs: Sequence[DueJob], policy: RecurringPolicy) -> Iterator[tuple[DueJob, ...]]:
    """In their order, as many together as size and gas of a transaction admit.

    A booking that is too large for any transaction is left out.
    """
    batch: list[DueJob] = []
    for job in jobs:
        if batch_gas_of([job.effort]) > policy.batch_gas:
            continue
        efforts = [each.effort for each in (*batch, job)]
        if len(efforts) > policy.batch_size or batch_gas_of(efforts) > policy.batch_gas:
            yield tuple(batch)
            batch = []
        batch.append(job)
    if batch:
        yield tuple(batch)
