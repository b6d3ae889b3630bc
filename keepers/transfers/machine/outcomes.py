"""What a receipt means for a transfer's step: what the treasury's event says of its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keepers.model.chain import Receipt
from keepers.model.transactions.records import ReceiptVerdict, StepView


@dataclass(frozen=True, slots=True)
class TransferJudge:
    """The engine's judge of one kind of steps.

    Attributes:
        amounts_of: Reads the ids that a receipt is about, each with an amount.
    """

    amounts_of: Callable[[Receipt], Mapping[str, int]]

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Done if the treasury has told of this very transfer."""
        transfer_id = str(step.detail["transfer_id"]).lower()
        amounts = {each.lower(): amount for each, amount in self.amounts_of(receipt).items()}
        if transfer_id not in amounts:
            return ReceiptVerdict(
                done=False, reason="included, but the treasury told nothing of it"
            )
        return ReceiptVerdict(done=True, outcome={"amount": str(amounts[transfer_id])})
