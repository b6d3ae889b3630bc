"""One action of a plan while the run lasts, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.chain import ContractCall
from keepers.model.order import Order, OrderKind
from keepers.model.step import TradeStep
from keepers.model.vault import VaultPosition


@dataclass(frozen=True, slots=True)
class Action:
    """A step together with what it was made from.

    `impact_bps` is how far it moves the price in its venue, None where there is none or it is not
    known.
    """

    step: TradeStep
    order: Order
    position: VaultPosition
    deadline: datetime
    impact_bps: Fraction | None = None

    @property
    def call(self) -> ContractCall:
        """The call as planned."""
        return ContractCall(self.step.target, self.step.calldata)

    @property
    def title(self) -> str:
        """For people: `purchase of WETH`."""
        kind = "purchase" if self.order.kind is OrderKind.PURCHASE else "sale"
        return f"{kind} of {self.step.symbol}"
