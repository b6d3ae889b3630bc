"""What a receipt means for a chore: what the contract's event says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keepers.model.chain import Receipt
from keepers.model.maintenance import UpkeepEvent
from keepers.model.transactions.records import ReceiptVerdict, StepView


@dataclass(frozen=True, slots=True)
class UpkeepJudge:
    """The engine's judge of one kind of chores.

    Attributes:
        event_of: Finds the event in a receipt.
    """

    event_of: Callable[[Receipt], UpkeepEvent | None]

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Done with what came of it; a success without the event, or of another asset, is none."""
        event = self.event_of(receipt)
        if event is None or event.subject.lower() != str(step.detail["subject"]).lower():
            return ReceiptVerdict(
                done=False, reason="included, but no contract emitted an event of it"
            )
        return ReceiptVerdict(
            done=True, outcome={"received": str(event.assets), "shares": str(event.shares)}
        )
