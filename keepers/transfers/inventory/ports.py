"""What checks of the inventory need beyond what transfers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from keepers.model.approval import Signature
from keepers.model.chain import ContractCall, ValuedCall
from keepers.model.simulation import FailedCall
from keepers.model.treasury import TreasuryPlan
from keepers.runs.approvals.ports import SignedPlans


class CallSimulator(Protocol):
    """Runs calls of one chain in order without sending them."""

    async def run(self, sender: str, calls: Sequence[ValuedCall]) -> FailedCall | None:
        """The first that reverts; None if none does.

        Raises:
            ChainError: It cannot be said, so nothing may be sent.
        """
        ...


class TreasuryPlans(SignedPlans, Protocol):
    """Approved plans of one treasury, on chain."""

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """The call that opens one."""
        ...
