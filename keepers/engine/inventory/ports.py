"""What checks of the inventory need beyond what transfers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from keepers.domain.approval import Signature
from keepers.domain.chain import ContractCall, ValuedCall
from keepers.domain.simulation import FailedCall
from keepers.domain.treasury import TreasuryPlan
from keepers.engine.approvals.ports import SignedPlans


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
