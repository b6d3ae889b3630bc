"""Notifications about finished weights runs."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.model.left_out import LeftOut
from keepers.model.notice import NOTHING, Notice, Notification, Severity
from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.model.tier_config import Tier
from keepers.runs.results import detail_of
from keepers.runs.tiers.notifications import deviation_notice, trouble_notice

BAD = frozenset({RunStatus.FAILED, RunStatus.REFUSED})


def notification_of(tier: Tier, vault: str, record: RunRecord) -> Notification:
    """Return problems, recoveries and executed trades.

    Dry runs and transient refusals are not reported.
    """
    if not record.run.armed:
        return NOTHING
    subject = f"vault {vault}: the weights of {tier.name}"
    trouble, deviation = f"weights:{vault}:{tier.name}", f"verification:{vault}:{tier.name}"
    notices: list[Notice] = []
    over: list[tuple[str, str]] = []
    if record.status in BAD:
        notices.append(trouble_notice(trouble, f"{subject} were not rebalanced", record))
    is_done = record.status is RunStatus.DONE
    if is_done or (record.status is RunStatus.NOTHING_TO_DO and record.reason is None):
        over.append((trouble, f"{subject} are at their targets, or closer to them"))
    if is_done:
        notices.append(_report(f"{subject} were rebalanced", record))
        verified = detail_of(record, Stage.VERIFICATION)
        if verified is not None and verified["alert"]:
            title = f"vault {vault}: {tier.name} deviates from the simulation"
            notices.append(deviation_notice(deviation, title, record, verified))
        elif verified is not None:
            over.append((deviation, f"{subject} ended as simulated"))
    return Notification(tuple(notices), tuple(over))


def _report(title: str, record: RunRecord) -> Notice:
    return Notice(
        key=f"report:{record.run.run_id}",
        severity=Severity.INFO,
        title=title,
        text="\n".join(_lines(record)),
    )


def _lines(record: RunRecord) -> Iterator[str]:
    plan = detail_of(record, Stage.PLAN) or {}
    for each in plan.get("orders", ()):
        yield f"{each['kind'].lower()} of {each['symbol']}"
    for each in plan.get("left_out", ()):
        yield LeftOut.of(each).text
