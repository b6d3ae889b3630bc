"""What a receipt means for an action of a rebalance: what the controller's event says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.chain import ActionEvent, Receipt
from keepers.model.run import JsonObject
from keepers.model.transactions.records import ReceiptVerdict, StepView
from keepers.runs.tiers.amounts import bps_text, measured_slippage_bps


@dataclass(frozen=True, slots=True)
class ActionJudge:
    """The engine's judge of actions.

    Attributes:
        action_of: Finds the controller's event in a receipt.
    """

    action_of: Callable[[Receipt], ActionEvent | None]

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Done with what came in; a success without the event is none."""
        action = self.action_of(receipt)
        if action is None:
            reason = "included, but the controller emitted no event of it"
            return ReceiptVerdict(done=False, reason=reason)
        return ReceiptVerdict(done=True, outcome=_outcome(step.detail, action))


def _outcome(planned: JsonObject, action: ActionEvent) -> JsonObject:
    quoted = Fraction(int(planned["quoted_out"]) * action.amount, int(planned["amount_in"]))
    slippage = measured_slippage_bps(
        quoted=quoted,
        estimated_bps=Fraction(planned["estimated_slippage_bps"]),
        received=action.received,
    )
    return {"received": str(action.received), "slippage_bps": bps_text(slippage)}
