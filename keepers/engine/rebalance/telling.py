"""What people are told of a run that has ended."""

from __future__ import annotations

from keepers.domain.notice import Notice, Severity
from keepers.domain.run import RunRecord, RunStatus, Stage
from keepers.engine.rebalance.restoring import detail_of
from keepers.engine.rebalance.world import World

BAD = frozenset({RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.REFUSED})
PAUSED = "paused"


def tell(world: World, record: RunRecord) -> None:
    """Report trouble, that it is over, and what was done; a dry run is nobody's news."""
    if not record.run.armed:
        return
    status = record.status
    if status in BAD:
        world.notifier.report(_trouble(world, record))
    if status is RunStatus.DONE:
        over(world)
    _tell_verification(world, record)
    if status in {RunStatus.DONE, RunStatus.PARTIAL}:
        world.notifier.report(_report(world, record))


def over(world: World) -> None:
    """The trouble of earlier runs is over: one went well again, or nothing is left to do."""
    text = f"vault {world.vault}: a run went well again, or nothing is left to do"
    world.notifier.recovered(_run_key(world.vault), text)


def _run_key(vault: str) -> str:
    return f"run:{vault}"


def _trouble(world: World, record: RunRecord) -> Notice:
    """A pause is for somebody to look into now; everything else is a warning."""
    reason = record.reason or "no reason given"
    severity = Severity.CRITICAL if PAUSED in reason else Severity.WARNING
    return Notice(
        key=_run_key(world.vault),
        severity=severity,
        title=f"vault {world.vault}: a rebalance was {_words(record.status)}",
        text=f"{reason}. `ballast report --run {record.run.run_id}` has all of it.",
    )


def _tell_verification(world: World, record: RunRecord) -> None:
    detail = detail_of(record, Stage.VERIFICATION)
    if detail is None:
        return
    key = f"verification:{world.vault}"
    if not detail["alert"]:
        world.notifier.recovered(key, f"vault {world.vault}: a run ended as simulated")
        return
    title = f"vault {world.vault}: the tiers are not where the simulation said"
    text = (
        f"{detail['deviation_bps']} bps off at block {detail['block']} after run "
        f"{record.run.run_id}; compare the prices, and look for other movements of the vault"
    )
    world.notifier.report(Notice(key=key, severity=Severity.WARNING, title=title, text=text))


def _report(world: World, record: RunRecord) -> Notice:
    lines = [f"{each.step.reason}: {each.status.lower()}" for each in record.steps]
    return Notice(
        key=f"report:{record.run.run_id}",
        severity=Severity.INFO,
        title=f"vault {world.vault}: rebalanced, {_words(record.status)}",
        text="\n".join(lines) or "nothing was traded",
    )


def _words(status: RunStatus) -> str:
    words = {RunStatus.PARTIAL: "done in part", RunStatus.REFUSED: "refused"}
    return words.get(status, status.lower())
