"""Notifications about finished tier runs."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.model.json_document import JsonObject
from keepers.model.left_out import LeftOut
from keepers.model.notice import NOTHING, Notice, Notification, Severity, trouble_key
from keepers.model.run import RunRecord, RunStatus, Stage, StepStatus
from keepers.model.vault import VaultSnapshot
from keepers.runs.results import detail_of
from keepers.runs.tiers.dependencies import TierRunDependencies

BAD = frozenset({RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.REFUSED})
PAUSED = "paused"
MEANWHILE = (
    "All other assets are traded. Deposits stay closed until it has a value; a guardian "
    "can mark it down"
)


def notification_of(vault: str, record: RunRecord) -> Notification:
    """Return problems, recoveries and executed actions; nothing for a dry run.

    For an interrupted run only executed actions are reported; the next run reports the rest.
    """
    if not record.run.armed:
        return NOTHING
    if record.status is RunStatus.INTERRUPTED:
        moved = any(step.status is StepStatus.DONE for step in record.steps)
        return Notification((_report(vault, record),)) if moved else NOTHING
    return Notification(tuple(_notices(vault, record)), tuple(_over(vault, record)))


def notify_recovered(ports: TierRunDependencies) -> None:
    """Report the recovery from failed runs, since nothing is left to do."""
    ports.notifier.recovered(*_recovery(ports.vault))


def notify_unvalued(ports: TierRunDependencies, snapshot: VaultSnapshot) -> None:
    """Report holdings without a value, and those that have one again."""
    for each in snapshot.positions:
        key = f"holding:{ports.vault}:{each.symbol}"
        if each.problem is None:
            ports.notifier.recovered(key, f"vault {ports.vault}: {each.symbol} has a value again")
            continue
        title = f"vault {ports.vault}: {each.symbol} has no value"
        text = f"{LeftOut(each.symbol, each.problem).text}. {MEANWHILE}"
        severity = Severity.WARNING
        ports.notifier.report(Notice(key=key, severity=severity, title=title, text=text))


def trouble_notice(
    key: str, title: str, record: RunRecord, severity: Severity = Severity.WARNING
) -> Notice:
    """Return the notice of an unsuccessful run."""
    text = (
        f"{record.reason or 'no reason given'}. `ballast report --run {record.run.run_id}` "
        "shows the details."
    )
    return Notice(key=key, severity=severity, title=title, text=text)


def deviation_notice(key: str, title: str, record: RunRecord, verified: JsonObject) -> Notice:
    """Return the notice of a run whose result deviates from the simulation."""
    text = (
        f"{verified['deviation_bps']} bps off the simulation at block {verified['block']} "
        f"after run {record.run.run_id}; compare the prices, and check for other "
        "transactions of the vault"
    )
    return Notice(key=key, severity=Severity.WARNING, title=title, text=text)


def _notices(vault: str, record: RunRecord) -> Iterator[Notice]:
    if record.status in BAD:
        # A pause requires immediate attention; everything else is a warning.
        severity = Severity.CRITICAL if PAUSED in (record.reason or "") else Severity.WARNING
        title = f"vault {vault}: a rebalance was {_words(record.status)}"
        yield trouble_notice(trouble_key(vault), title, record, severity)
    verified = detail_of(record, Stage.VERIFICATION)
    if verified is not None and verified["alert"]:
        title = f"vault {vault}: the tiers deviate from the simulation"
        yield deviation_notice(_verification(vault), title, record, verified)
    if record.status in {RunStatus.DONE, RunStatus.PARTIAL}:
        yield _report(vault, record)


def _over(vault: str, record: RunRecord) -> Iterator[tuple[str, str]]:
    if record.status is RunStatus.DONE:
        yield _recovery(vault)
    verified = detail_of(record, Stage.VERIFICATION)
    if verified is not None and not verified["alert"]:
        yield _verification(vault), f"vault {vault}: a run ended as simulated"


def _recovery(vault: str) -> tuple[str, str]:
    return trouble_key(vault), f"vault {vault}: a run succeeded again, or nothing is left to do"


def _verification(vault: str) -> str:
    return f"verification:{vault}"


def _report(vault: str, record: RunRecord) -> Notice:
    lines = [f"{each.step.reason}: {each.status.lower()}" for each in record.steps]
    return Notice(
        key=f"report:{record.run.run_id}",
        severity=Severity.INFO,
        title=f"vault {vault}: rebalanced, {_words(record.status)}",
        text="\n".join(lines) or "nothing was traded",
    )


def _words(status: RunStatus) -> str:
    words = {RunStatus.PARTIAL: "partly done", RunStatus.REFUSED: "refused"}
    return words.get(status, status.lower())
