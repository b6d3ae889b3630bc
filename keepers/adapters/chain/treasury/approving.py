"""The engine's `TreasuryPlans`: approved plans of one treasury."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.adapters.chain.codec import Call
from keepers.adapters.chain.contracts.treasury import Treasury
from keepers.adapters.chain.plans.on_chain import ChainPlans
from keepers.adapters.chain.treasury.calls import TreasuryCalls
from keepers.domain.approval import Signature
from keepers.domain.chain import ContractCall
from keepers.domain.treasury import TreasuryPlan


@dataclass(frozen=True, slots=True)
class LedgerTreasuryPlans(ChainPlans):
    """Reads and calls about plans of a treasury, which is the consumer."""

    def epoch_call(self) -> Call[int]:
        """The read of the treasury's epoch."""
        return Treasury(self.consumer).epoch()

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """The call that opens one."""
        return TreasuryCalls(self.consumer).open_plan_call(plan, signatures)
