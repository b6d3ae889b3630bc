"""The engine's `TreasuryPlans`: approved plans of one treasury."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.chain.codec import Call
from keepers.chain.contracts.treasury import Treasury
from keepers.chain.plans.on_chain import ChainPlans
from keepers.chain.treasury.calls import TreasuryCalls
from keepers.model.approval import Signature
from keepers.model.chain import ContractCall
from keepers.model.treasury import TreasuryPlan


@dataclass(frozen=True, slots=True)
class LedgerTreasuryPlans(ChainPlans):
    """Reads and calls about plans of a treasury, which is the consumer."""

    def epoch_call(self) -> Call[int]:
        """The read of the treasury's epoch."""
        return Treasury(self.consumer).epoch()

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """The call that opens one."""
        return TreasuryCalls(self.consumer).open_plan_call(plan, signatures)
