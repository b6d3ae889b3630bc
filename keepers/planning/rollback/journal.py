"""From a run's record to what it has really done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keepers.model.order import OrderKind
from keepers.model.rollback import Executed
from keepers.model.run import RunRecord, Stage, StepRecord, StepStatus
from keepers.model.tier import Tier


def executed_of(record: RunRecord) -> tuple[Executed, ...]:
    """The actions that succeeded, in the order in which they ran.

    What failed, was skipped or is not known to have ended has done nothing that could be undone.
    """
    planned = _orders(record)
    done = [each for each in record.steps if each.status is StepStatus.DONE]
    ran = sorted(done, key=lambda each: (each.step.priority, each.step.index))
    return tuple(_executed(each, planned) for each in ran)


def _executed(step: StepRecord, planned: Mapping[int, Mapping[str, Any]]) -> Executed:
    new = step.step
    funding = planned[new.index]["funding"] if new.index in planned else ()
    return Executed(
        index=new.index,
        kind=OrderKind(new.kind),
        asset=new.symbol,
        tier=Tier(new.tier),
        planned=new.amount,
        received=_received(step),
        depends_on=new.depends_on,
        funding=tuple(int(amount) for amount in funding),
    )


def _received(step: StepRecord) -> int:
    """What the receipt said; only one attempt of a step can have succeeded."""
    outcomes = (each.outcome for each in step.attempts)
    return next((each.received for each in outcomes if each and each.received is not None), 0)


def _orders(record: RunRecord) -> Mapping[int, Mapping[str, Any]]:
    """The orders as the plan stage keeps them, by index."""
    for stage in record.stages:
        if stage.stage is Stage.PLAN:
            return {each["index"]: each for each in stage.detail.get("orders", ())}
    return {}
