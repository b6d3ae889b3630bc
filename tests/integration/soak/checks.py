"""Properties that must hold after a soak; each that does not hold is returned as a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from web3.types import EventData

from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.model.step import step_fields
from keepers.store.runs import MaintenanceRunRepository, WeightsRunRepository
from tests.integration.soak.diary import Diary, Step
from tests.integration.soak.disturbances import Trouble
from tests.integration.soak.soak import Soak

INFORMATION, RECOVERY = "INFO", "RECOVERY"
ASKED = "approval:"
"""Prefix of requests for approval, which are expected at any time."""

EXPECTED = {
    Trouble.FEED_OUTAGE: ("is stale",),
    Trouble.GAS_SPIKE: ("above the cap", "above the limit"),
    Trouble.PRICE_JUMP: ("bps within 3600 seconds",),
    Trouble.PAUSED_KEEPERS: ("paused",),
}
"""Texts of which a message must contain one while the disturbance lasts."""

FAILS = {Trouble.GAS_SPIKE: "is queued"}
"""Expected reason of failing checks: a payment waits for cheaper gas."""


def broken(soak: Soak, diary: Diary) -> list[str]:
    """Return every property that does not hold."""
    rebalances = soak.rebalances()
    upkeep = soak.runs(MaintenanceRunRepository)
    weights = soak.runs(WeightsRunRepository)
    return [
        *diary.late,
        *diary.drops,
        *executed_once(soak, rebalances, upkeep),
        *nonces_dense(soak, (*rebalances, *upkeep, *weights)),
        *ended((*rebalances, *upkeep, *weights)),
        *alarms(diary),
    ]


def executed_once(
    soak: Soak, rebalances: tuple[RunRecord, ...], upkeep: tuple[RunRecord, ...]
) -> Iterator[str]:
    """Check that each trade and payment event belongs to one done step, and the reverse."""
    deployment = soak.vault.deployment
    controller, queue = (
        deployment.contract("AssetController"),
        deployment.contract("RedemptionQueue"),
    )
    first = soak.first_block
    trades = [
        *controller.events.AssetPurchased().get_logs(from_block=first),
        *controller.events.AssetRedeemed().get_logs(from_block=first),
    ]
    paid = queue.events.BatchFulfilled().get_logs(from_block=first)
    for what, logs, runs in (("trade", trades, rebalances), ("payment", paid, upkeep)):
        on_chain = Counter((each["transactionHash"].to_0x_hex(), subject(each)) for each in logs)
        known = Counter(
            (attempt.signed.transaction_hash, step_fields(step.step)["asset"].lower())
            for run in runs
            for step in run.steps
            if step.status is StepStatus.DONE
            for attempt in step.attempts
            if attempt.inclusion is not None
        )
        if on_chain != known:
            yield f"{what}s of the chain and of the store differ: {on_chain - known} on chain "
            yield f"only, {known - on_chain} in the store only"


def subject(log: EventData) -> str:
    """Return the token of a trade, or the queue of a payment."""
    return str(log["args"].get("token", log["address"])).lower()


def nonces_dense(soak: Soak, runs: tuple[RunRecord, ...]) -> Iterator[str]:
    """Check that the store has every transaction of the key, and that nonces have no gaps."""
    attempts = [each for run in runs for step in run.steps for each in step.attempts]
    attempts += [each for run in runs for each in run.openings]
    nonces = {each.nonce for each in attempts}
    used = soak.vault.keeper_nonce()
    if nonces != set(range(used)):
        yield f"nonces {sorted(nonces ^ set(range(used)))} are in one of chain and store only"


def ended(runs: tuple[RunRecord, ...]) -> Iterator[str]:
    """Check that only runs that wait for approval are open."""
    for run in runs:
        waits = any(each.detail.get("plan_hash") for each in run.stages)
        if run.status is RunStatus.OPEN and not waits:
            yield f"run {run.run.run_id} is open at the end"


def alarms(diary: Diary) -> Iterator[str]:
    """Check that each disturbance was reported, and nothing else."""
    for step in diary.steps:
        trouble = step.trouble.trouble if step.trouble else None
        excused = FAILS.get(trouble) if trouble else None
        for each in step.checks.failures:
            if excused is None or excused not in each:
                yield f"step {step.index}, {trouble}: a check failed: {each}"
        yield from _unexpected(step, EXPECTED.get(trouble, ()) if trouble else ())
    yield from _unheard(diary)


def _unexpected(step: Step, words: tuple[str, ...]) -> Iterator[str]:
    for each in step.messages:
        if each.severity == INFORMATION or each.kind == RECOVERY:
            continue
        if each.key.startswith(ASKED):
            continue
        if not any(word in each.text for word in words):
            yield f"step {step.index}, {step.happened}: unexpected: {each.title}: {each.text}"


def _unheard(diary: Diary) -> Iterator[str]:
    """Check that each reportable disturbance has a message, and a message of its end."""
    open_keys: set[str] = set()
    heard: set[tuple[int, Trouble]] = set()
    begun: set[tuple[int, Trouble]] = set()
    for step in diary.steps:
        for each in step.messages:
            if each.severity == INFORMATION or each.key.startswith(ASKED):
                continue
            (open_keys.discard if each.kind == RECOVERY else open_keys.add)(each.key)
            if step.trouble and _reports(step.trouble.trouble, each.text):
                heard.add((step.trouble.first, step.trouble.trouble))
        if step.trouble and step.trouble.trouble in EXPECTED:
            begun.add((step.trouble.first, step.trouble.trouble))
    yield from (f"the {kind} of step {first} was not reported" for first, kind in begun - heard)
    yield from (f"the end of {key} was not reported" for key in sorted(open_keys))


def _reports(trouble: Trouble, text: str) -> bool:
    return any(word in text for word in EXPECTED.get(trouble, ()))
