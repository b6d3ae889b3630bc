"""What a receipt means for a batch: what the contracts' events say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keepers.domain.chain import Receipt
from keepers.domain.recurring import RecurringEvent
from keepers.domain.transaction.records import StepView, Verdict


@dataclass(frozen=True, slots=True)
class RecurringJudge:
    """The engine's judge of batches.

    Attributes:
        event_of: Reads what a receipt says of a batch.
    """

    event_of: Callable[[Receipt], RecurringEvent]

    def judge(self, step: StepView, receipt: Receipt) -> Verdict:
        """Done, also where another keeper was faster with all of it: then it is done as well."""
        del step
        event = self.event_of(receipt)
        return Verdict(done=True, outcome={"received": str(event.paid), "jobs": str(event.jobs)})
