"""What a receipt means for a batch: what the contracts' events say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keepers.model.chain import Receipt
from keepers.model.recurring import RecurringEvent, RunOutcome, RunReport
from keepers.model.transactions.records import ReceiptVerdict, StepView

RUNS = "runs"


@dataclass(frozen=True, slots=True)
class RecurringJudge:
    """The engine's judge of batches.

    Attributes:
        event_of: Reads what a receipt says of a batch.
    """

    event_of: Callable[[Receipt], RecurringEvent]

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Done, also where another keeper was faster with all of it: then it is done as well.

        What each run came to is remembered: a run that moved nothing is paid for, and not done.
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
    """What a step's outcome has of its runs."""
    for each in (outcome or {}).get(RUNS, ()):
        yield RunReport(
            handler=each["handler"],
            target=each["target"],
            outcome=RunOutcome(each["outcome"]),
            reason=each["reason"],
            retry=int(each["retry"]),
        )
