"""What a receipt means for a run of weights: what the judge's event says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.chain import Receipt
from keepers.model.money import WHOLE_BPS
from keepers.model.transactions.records import ReceiptVerdict, StepView
from keepers.model.weights_run import WeightsEvent
from keepers.runs.tiers.amounts import bps_text


@dataclass(frozen=True, slots=True)
class WeightsJudge:
    """The engine's judge of runs of weights.

    Attributes:
        event_of: Finds the event of a judge in a receipt.
    """

    event_of: Callable[[Receipt, str], WeightsEvent | None]

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Done with its turnover and loss; a success without the event is none."""
        event = self.event_of(receipt, str(step.detail["target"]))
        if event is None:
            return ReceiptVerdict(
                done=False, reason="included, but the judge emitted no event of it"
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
