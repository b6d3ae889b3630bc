"""Receipt interpreters, one per kind of step; contract events prove what was done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from keepers.model.chain import ActionEvent, PlanEvents, Receipt
from keepers.model.json_document import JsonObject
from keepers.model.maintenance import UpkeepEvent
from keepers.model.money import WHOLE_BPS
from keepers.model.recurring import RecurringEvent, RunOutcome, RunReport
from keepers.model.transaction_records import ReceiptVerdict, StepView
from keepers.model.weights_run import WeightsEvent
from keepers.runs.amounts import bps_text, measured_slippage_bps

NONE_LEFT = "none of its actions can be executed any more"
NO_EVENT = "included, but the controller emitted no event for it"
OTHER_EVENTS = "included, but the controller emitted events of other actions"


@dataclass(frozen=True, slots=True)
class TradeInterpreter:
    """Receipt interpreter of trades.

    Attributes:
        action_of: Finds the controller's event in a receipt.
    """

    action_of: Callable[[Receipt], ActionEvent | None]

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return the received amount; a success without the event counts as a failure."""
        action = self.action_of(receipt)
        if action is None:
            return ReceiptVerdict(done=False, reason=NO_EVENT)
        return ReceiptVerdict(done=True, outcome=_outcome(step.detail, action))


@dataclass(frozen=True, slots=True)
class PlanInterpreter:
    """Receipt interpreter of transactions that execute several trades.

    Attributes:
        events_of: Reads the controller's events in a receipt.
    """

    events_of: Callable[[Receipt], PlanEvents]

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return the result of each trade by its event.

        The controller executes trades in their order, and reports each that failed by its index in
        the call. An event that belongs to no trade means that another call was made; all trades
        then count as failed.
        """
        events = self.events_of(receipt)
        left = deque(events.executed)
        verdicts = dict[int, ReceiptVerdict]()
        for index, each in zip(step.detail["indices"], step.carried, strict=True):
            if index in events.failed:
                verdict = ReceiptVerdict(done=False, reason=events.failed[index])
            elif left and left[0].token.lower() == str(each.detail["asset"]).lower():
                outcome = _outcome(each.detail, left.popleft())
                verdict = ReceiptVerdict(done=True, outcome=outcome)
            else:
                verdict = ReceiptVerdict(done=False, reason=NO_EVENT)
            verdicts[each.step_id] = verdict
        if left:
            return ReceiptVerdict(done=False, reason=OTHER_EVENTS)
        return ReceiptVerdict(done=True, carried=verdicts)

    def problem_of(self, result: bytes) -> str | None:
        """Return that the controller would execute none of the trades, which it returns as bits."""
        return None if int.from_bytes(result, "big") else NONE_LEFT


def _outcome(planned: JsonObject, action: ActionEvent) -> JsonObject:
    quoted = Fraction(int(planned["quoted_out"]) * action.amount, int(planned["amount_in"]))
    slippage = measured_slippage_bps(
        quoted=quoted,
        estimated_bps=Fraction(planned["estimated_slippage_bps"]),
        received=action.received,
    )
    return {"received": str(action.received), "slippage_bps": bps_text(slippage)}


@dataclass(frozen=True, slots=True)
class WeightsInterpreter:
    """Receipt interpreter of weights runs.

    Attributes:
        event_of: Finds a rebalancer's event in a receipt.
    """

    event_of: Callable[[Receipt, str], WeightsEvent | None]

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return turnover and loss; a success without the event counts as a failure."""
        event = self.event_of(receipt, str(step.detail["target"]))
        if event is None:
            return ReceiptVerdict(
                done=False, reason="included, but the weights contract emitted no event for it"
            )
        lost = Fraction(event.lost * WHOLE_BPS, event.turnover) if event.turnover else Fraction(0)
        return ReceiptVerdict(
            done=True,
            outcome={
                "received": str(event.turnover),
                "slippage_bps": bps_text(lost),
                "lost": str(event.lost),
                "returned": str(event.returned),
            },
        )


@dataclass(frozen=True, slots=True)
class MaintenanceInterpreter:
    """Receipt interpreter of one kind of maintenance task.

    Attributes:
        event_of: Finds the event in a receipt.
    """

    event_of: Callable[[Receipt], UpkeepEvent | None]

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return the amount paid or received; a success without the event counts as a failure."""
        event = self.event_of(receipt)
        if event is None or event.subject.lower() != str(step.detail["subject"]).lower():
            return ReceiptVerdict(
                done=False, reason="included, but no contract emitted an event for it"
            )
        return ReceiptVerdict(
            done=True, outcome={"received": str(event.assets), "shares": str(event.shares)}
        )


RUNS = "runs"


@dataclass(frozen=True, slots=True)
class BatchInterpreter:
    """Receipt interpreter of recurring batches.

    Attributes:
        event_of: Parses the batch's events in a receipt.
    """

    event_of: Callable[[Receipt], RecurringEvent]

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return what was executed; a batch already executed by another keeper is done as well.

        The outcome of each run is stored: a run that moved nothing is paid for but not done.
        """
        del step
        event = self.event_of(receipt)
        outcome: dict[str, Any] = {"received": str(event.paid), "jobs": str(event.jobs)}
        if event.runs:
            outcome[RUNS] = [
                {
                    "handler": each.handler,
                    "target": each.target,
                    "outcome": str(each.outcome),
                    "reason": each.reason,
                    "retry": each.retry,
                }
                for each in event.runs
            ]
        return ReceiptVerdict(done=True, outcome=outcome)


def runs_in(outcome: Mapping[str, Any] | None) -> Iterator[RunReport]:
    """Yield the run reports in a step's outcome."""
    for each in (outcome or {}).get(RUNS, ()):
        yield RunReport(
            handler=each["handler"],
            target=each["target"],
            outcome=RunOutcome(each["outcome"]),
            reason=each["reason"],
            retry=int(each["retry"]),
        )
