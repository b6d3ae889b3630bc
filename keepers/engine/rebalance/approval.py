"""Stage 3: does the plan need approvers? If so, this version refuses it."""

from __future__ import annotations

from keepers.domain.numerals import format_units
from keepers.domain.run import Stage
from keepers.domain.tier_plan import TriggerKind
from keepers.engine.rebalance.plan import Planned
from keepers.engine.rebalance.world import RunRefusedError, World


def check_approval(world: World, run_id: str, planned: Planned) -> None:
    """Let a plan pass that needs nobody's approval.

    Raises:
        RunRefusedError: It needs one; approvals are not collected yet.
    """
    approval = planned.plan.approval
    detail = {
        "required": approval.required,
        "granted": 0,
        "review_afterwards": approval.review_afterwards,
        "deadline_hours": approval.deadline_hours,
    }
    world.record(run_id, Stage.APPROVAL, detail)
    if approval.required:
        raise RunRefusedError(Stage.APPROVAL, _refusal(planned))


def _refusal(planned: Planned) -> str:
    decimals = planned.snapshot.settlement_decimals
    total = format_units(planned.plan.total_amount, decimals)
    needs = f"a plan of {total} {planned.snapshot.settlement_symbol}"
    manual = any(trigger.kind is TriggerKind.MANUAL for trigger in planned.plan.triggers)
    advice = "use the trigger auto" if manual else "raise REBALANCE_APPROVAL_THRESHOLD"
    return (
        f"{needs} needs {planned.plan.approval.required} approval(s), which this version cannot "
        f"collect; {advice}, or wait for the approval ledger"
    )
