"""Notices about rebalancers that cannot be booked and runs that moved nothing, and recoveries."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.model.money import format_units
from keepers.model.notice import Notice, Severity
from keepers.model.recurring import RunReport, StuckJob
from keepers.runs.recurring.ports import RecurringDependencies

NAMED = 10
"""Maximum number of targets named in a message."""

COIN_DECIMALS = 18
GWEI = 10**9
CHECK_EVENTS = (
    "check the FailedRecurringSchedule event of each: the scheduler is paused or full, "
    "or a funder fails"
)
ADVICE = {
    "BucketEmpty": "its limit at the target is missing or used up; `ape run verify` names missing "
    "limits, and `ape run configure` sets them",
    "Paused": "the target is paused",
    "Busy": "no market offered a trade at that moment; it is retried within minutes",
    "StalePrice": "a price feed is stale",
}
"""Remedies for skipped runs, where known."""


def remedy_of(job: StuckJob) -> str:
    """Return the account that does not pay for a stuck rebalancer and the call that fixes it."""
    funding, needed, there = job.funding, _native(job.required), _native(job.available)
    if not job.is_dry:
        return f"{job.target}: its account has {there} of {needed} native tokens; {CHECK_EVENTS}"
    if funding.is_external:
        return (
            f"{job.target}: its funder, contract {funding.payer}, provides {there} of {needed} "
            f"native tokens; send native tokens to it, or raise the amount that {job.handler} "
            "may spend"
        )
    account = f"{job.target}: the account of {funding.payer} for {job.handler}"
    lacks = job.required - funding.balance
    calls: list[str] = []
    if lacks > 0:
        calls.append(
            f"any account: deposit({funding.payer}, {job.handler}) with {_native(lacks)} native "
            "tokens"
        )
    own = funding.payer.lower() == job.handler.lower()
    least = -(-job.required // GWEI)
    if not own and funding.per_day == 0:
        problem = "does not allow it to spend"
        calls.append(
            f"{funding.payer}: setSpender({job.handler}, perRun, perDay) in gwei, at least {least}"
        )
    elif funding.per_day > 0 and min(funding.per_run, funding.per_day) < least:
        problem = f"allows {funding.per_run} gwei per run and {funding.per_day} per day"
        calls.append(
            f"{funding.payer}: setSpender({job.handler}, perRun, perDay), at least {least}"
        )
    elif lacks > 0:
        problem = f"has {_native(funding.balance)} native tokens"
    else:
        return f"{account} has used up its daily limit ({funding.per_day} gwei), which refills"
    return (
        f"{account} {problem}, but a booking costs {needed}; call the scheduler: {'; '.join(calls)}"
    )


def notify_of_stuck(ports: RecurringDependencies, left: Sequence[StuckJob]) -> None:
    """Report stuck jobs that a fix would not book, or that there are none any more."""
    dry = [each for each in left if each.is_dry]
    _report_jobs(ports, "dry", "recurring rebalancers are not funded", dry)
    others = [each for each in left if not each.is_dry]
    _report_jobs(ports, "stuck", "recurring rebalancers cannot be booked", others)


def notify_of_runs(ports: RecurringDependencies, reports: Sequence[RunReport]) -> None:
    """Report runs that did not do their work, with reasons, and targets that recovered."""
    for each in reports:
        ports.observe(each)
        key = f"{ports.vault}:run:{each.target}"
        if each.reason:
            ports.progress(f"{ports.vault}: {each}")
        if not each.needs_attention:
            ports.notifier.recovered(key, f"{ports.vault}: {each}")
            continue
        title = f"{ports.vault}: a paid run of {each.target} moved nothing"
        advice = ADVICE.get(each.reason, "`ballast recurring status` shows the last run of each")
        text = f"{each}: {advice}"
        ports.notifier.report(Notice(key=key, severity=Severity.WARNING, title=title, text=text))


def _report_jobs(
    ports: RecurringDependencies, what: str, title: str, jobs: Sequence[StuckJob]
) -> None:
    key = f"{ports.vault}:{what}"
    if not jobs:
        ports.notifier.recovered(key, f"{ports.vault}: all rebalancers can be booked again")
        return
    shown = [remedy_of(each) for each in sorted(jobs, key=lambda job: job.target)[:NAMED]]
    more = [] if len(jobs) <= NAMED else [f"and {len(jobs) - NAMED} more"]
    text = ". ".join((*shown, *more))
    ports.notifier.report(
        Notice(key=key, severity=Severity.WARNING, title=f"{ports.vault}: {title}", text=text)
    )


def _native(wei: int) -> str:
    return format_units(wei, COIN_DECIMALS)
