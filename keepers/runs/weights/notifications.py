"""What people are told of a run of weights that ends."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.model.json_document import JsonObject
from keepers.model.left_out import LeftOut
from keepers.model.notice import NOTHING, Notice, Notification, Severity
from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.model.tier_config import Tier
from keepers.runs.results import detail_of

BAD = frozenset({RunStatus.FAILED, RunStatus.REFUSED})


def notification_of(tier: Tier, vault: str, record: RunRecord) -> Notification:
    """Trouble, that it is over, and what was done.

    A dry run is nobody's news, and neither is a reason that passes.
    """
    if not record.run.armed:
        return NOTHING
    return Notification(tuple(_notices(tier, vault, record)), tuple(_over(tier, vault, record)))


def _notices(tier: Tier, vault: str, record: RunRecord) -> Iterator[Notice]:
    if record.status in BAD:
        yield _trouble(tier, vault, record)
    if record.status is RunStatus.DONE:
        yield _report(tier, vault, record)
        verified = detail_of(record, Stage.VERIFICATION)
        if verified is not None and verified["alert"]:
            yield _elsewhere(tier, vault, record, verified)


def _over(tier: Tier, vault: str, record: RunRecord) -> Iterator[tuple[str, str]]:
    is_answered = record.status is RunStatus.NOTHING_TO_DO and record.reason is None
    if record.status is RunStatus.DONE or is_answered:
        yield (
            _weights(tier, vault),
            f"{_what(tier, vault)} are at their targets, or were brought nearer",
        )
    verified = detail_of(record, Stage.VERIFICATION)
    if record.status is RunStatus.DONE and verified is not None and not verified["alert"]:
        yield _verification(tier, vault), f"{_what(tier, vault)} ended as simulated"


def _weights(tier: Tier, vault: str) -> str:
    return f"weights:{vault}:{tier.name}"


def _verification(tier: Tier, vault: str) -> str:
    return f"verification:{vault}:{tier.name}"


def _what(tier: Tier, vault: str) -> str:
    return f"vault {vault}: the weights of {tier.name}"


def _trouble(tier: Tier, vault: str, record: RunRecord) -> Notice:
    text = (
        f"{record.reason or 'no reason given'}. "
        f"`ballast report --run {record.run.run_id}` has all of it."
    )
    title = f"{_what(tier, vault)} were not rebalanced"
    return Notice(key=_weights(tier, vault), severity=Severity.WARNING, title=title, text=text)


def _report(tier: Tier, vault: str, record: RunRecord) -> Notice:
    plan: JsonObject = detail_of(record, Stage.PLAN) or {"orders": ()}
    lines = [f"{each['kind'].lower()} of {each['symbol']}" for each in plan["orders"]]
    lines += [LeftOut.of(each).text for each in plan.get("left_out", ())]
    return Notice(
        key=f"report:{record.run.run_id}",
        severity=Severity.INFO,
        title=f"{_what(tier, vault)} were rebalanced",
        text="\n".join(lines),
    )


def _elsewhere(tier: Tier, vault: str, record: RunRecord, verified: JsonObject) -> Notice:
    text = (
        f"{verified['deviation_bps']} bps off at block {verified['block']} after run "
        f"{record.run.run_id}; compare the prices, and look for other movements of the vault"
    )
    title = f"vault {vault}: {tier.name} is not where the simulation said"
    key = _verification(tier, vault)
    return Notice(key=key, severity=Severity.WARNING, title=title, text=text)
