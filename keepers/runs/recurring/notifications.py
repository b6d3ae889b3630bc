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
LOOK = (
    "look at the FailedRecurringSchedule of each: a scheduler that is paused or full, or a funder "
    "that fails"
)
ADVICE = {
    "BucketEmpty": "its limit at the target is missing or used up; `ape run verify` names one that "
    "is missing, and `ape run configure` sets it",
    "Paused": "the target is paused",
    "Busy": "no market gave anything at that moment; it is tried again in minutes",
    "StalePrice": "a price feed has not spoken",
}
"""Remedies for skipped runs, where known."""


def remedy_of(job: StuckJob) -> str:
    """Return the account that does not pay for a stuck rebalancer and the call that fixes it."""
    funding, needed, there = job.funding, _coins(job.required), _coins(job.available)
    if not job.is_dry:
        return f"{job.target}: its account has {there} coins of {needed}; {LOOK}"
    if funding.is_external:
        return (
            f"{job.target}: its funder, the contract {funding.payer}, gives {there} coins of "
            f"{needed}: send it coins, or raise what {job.handler} may take of it"
        )
    account = f"{job.target}: the account of {funding.payer} for {job.handler}"
    lacks = job.required - funding.balance
    calls: list[str] = []
    if lacks > 0:
        calls.append(f"anybody: deposit({funding.payer}, {job.handler}) with {_coins(lacks)} coins")
    own = funding.payer.lower() == job.handler.lower()
    least = -(-job.required // GWEI)
    if not own and funding.per_day == 0:
        problem = "is not open to it"
        calls.append(
            f"{funding.payer}: setSpender({job.handler}, perRun, perDay) in gwei, at least {least}"
        )
    elif funding.per_day > 0 and min(funding.per_run, funding.per_day) < least:
        problem = f"admits {funding.per_run} gwei a run and {funding.per_day} a day"
        calls.append(
            f"{funding.payer}: setSpender({job.handler}, perRun, perDay), at least {least}"
        )
    elif lacks > 0:
        problem = f"has {_coins(funding.balance)} coins"
    else:
        return f"{account} has used up what a day may take ({funding.per_day} gwei); it refills"
    return (
        f"{account} {problem}, and a booking takes {needed}; at the scheduler, {'; '.join(calls)}"
    )


def notify_of_stuck(ports: RecurringDependencies, left: Sequence[StuckJob]) -> None:
    """Report stuck jobs that a fix would not book, or that there are none any more."""
    dry = [each for each in left if each.is_dry]
    _tell(ports, "dry", "recurring rebalancers have no money", dry)
    others = [each for each in left if not each.is_dry]
    _tell(ports, "stuck", "recurring rebalancers cannot be booked", others)


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


def _tell(ports: RecurringDependencies, what: str, title: str, jobs: Sequence[StuckJob]) -> None:
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


def _coins(wei: int) -> str:
    return format_units(wei, COIN_DECIMALS)
