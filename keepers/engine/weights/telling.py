"""What people are told of a run of weights that has ended."""

from __future__ import annotations

from keepers.domain.notice import Notice, Severity
from keepers.domain.run import JsonObject, RunRecord, RunStatus, Stage
from keepers.domain.tier import Tier
from keepers.engine.rebalance.restoring import detail_of
from keepers.engine.weights.world import WeightsWorld

BAD = frozenset({RunStatus.FAILED, RunStatus.REFUSED})


def tell(world: WeightsWorld, tier: Tier, record: RunRecord) -> None:
    """Report trouble, that it is over, and what was done.

    A dry run is nobody's news, and neither is a reason that passes.
    """
    if not record.run.armed:
        return
    notifier, vault = world.runs.notifier, world.runs.vault
    key, what = f"weights:{vault}:{tier.name}", f"vault {vault}: the weights of {tier.name}"
    if record.status in BAD:
        notifier.report(_trouble(key, f"{what} were not rebalanced", record))
    is_answered = record.status is RunStatus.NOTHING_TO_DO and record.reason is None
    if record.status is RunStatus.DONE or is_answered:
        notifier.recovered(key, f"{what} are at their targets, or were brought nearer")
    if record.status is RunStatus.DONE:
        notifier.report(_report(what, record))
        _tell_verification(world, tier, record)


def _trouble(key: str, title: str, record: RunRecord) -> Notice:
    text = (
        f"{record.reason or 'no reason given'}. "
        f"`ballast report --run {record.run.run_id}` has all of it."
    )
    return Notice(key=key, severity=Severity.WARNING, title=title, text=text)


def _report(what: str, record: RunRecord) -> Notice:
    plan: JsonObject = detail_of(record, Stage.PLAN) or {"orders": ()}
    lines = [f"{each['kind'].lower()} of {each['symbol']}" for each in plan["orders"]]
    return Notice(
        key=f"report:{record.run.run_id}",
        severity=Severity.INFO,
        title=f"{what} were rebalanced",
        text="\n".join(lines),
    )


def _tell_verification(world: WeightsWorld, tier: Tier, record: RunRecord) -> None:
    detail, vault = detail_of(record, Stage.VERIFICATION), world.runs.vault
    if detail is None:
        return
    key = f"verification:{vault}:{tier.name}"
    if not detail["alert"]:
        text = f"vault {vault}: the weights of {tier.name} ended as simulated"
        world.runs.notifier.recovered(key, text)
        return
    title = f"vault {vault}: {tier.name} is not where the simulation said"
    text = (
        f"{detail['deviation_bps']} bps off at block {detail['block']} after run "
        f"{record.run.run_id}; compare the prices, and look for other movements of the vault"
    )
    notice = Notice(key=key, severity=Severity.WARNING, title=title, text=text)
    world.runs.notifier.report(notice)
