"""In-memory plan ledger: the state of a plan is read from the in-memory chain's blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from keepers.model.approval import ApprovablePlan, PlanStatus, Signature, SignedPlan, Verb
from keepers.model.chain import ContractCall
from keepers.model.limits import Limit
from keepers.model.order import OrderKind
from tests.unit.runs.market import (
    CONTROLLER,
    PLENTY,
    Memory,
    PlannedTrade,
    Trade,
    opening,
    together,
    trade_of,
)

LEDGER = "0x" + "1e" * 20
KINDS = {Verb.PURCHASE: OrderKind.PURCHASE, Verb.SALE: OrderKind.SALE}


def hash_of(plan: SignedPlan) -> str:
    """Return a hash that is different for each plan."""
    return f"0x{sha256(repr(plan).encode()).hexdigest()}"


@dataclass
class PaperPlans:
    """In-memory `PlanContracts`; a signature is valid text if it begins with the plan's hash."""

    memory: Memory
    approvers: dict[str, int] = field(default_factory=dict[str, int])
    thresholds: dict[str, int] = field(default_factory=dict[str, int])
    owned: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    epoch: int = 0
    at_least: int = 0
    limit: Limit = PLENTY
    cancelled: bool = False
    voided: bool = False

    async def terms(self) -> tuple[str, int]:
        """Return the ledger's address and the epoch."""
        return LEDGER, self.epoch

    async def needed(self, size: int) -> int:
        """Return the configured minimum, for every size."""
        del size
        return self.at_least

    async def limits(self, assets: Sequence[str]) -> tuple[Limit, ...]:
        """Return the same limit for each asset."""
        return (self.limit,) * len(assets)

    def hash_of(self, plan: SignedPlan) -> str:
        """Return the hash of a plan."""
        return hash_of(plan)

    def open_call(self, plan: ApprovablePlan, signatures: Sequence[Signature]) -> ContractCall:
        """Return a call that the in-memory chain reads as an opening."""
        signers = ",".join(each.signer for each in signatures)
        return ContractCall(CONTROLLER, opening(f"{hash_of(plan)}:{signers}"))

    def execute_call(self, plan: ApprovablePlan, index: int) -> ContractCall:
        """Return the trade of an action as a call."""
        action = plan.actions[index]
        symbol = action.asset.removeprefix("0x")
        trade = Trade(KINDS[action.verb], symbol, action.amount, action.minimum_out)
        return ContractCall(CONTROLLER, trade.calldata)

    def execute_together(self, plan: ApprovablePlan, gas: Mapping[int, int]) -> ContractCall:
        """Return the trades of several actions as one call."""
        trades = [
            PlannedTrade(
                index,
                plan.actions[index].depends_on,
                trade_of(self.execute_call(plan, index).calldata),
            )
            for index in sorted(gas)
        ]
        return ContractCall(CONTROLLER, together(trades))

    async def status(self, plan: SignedPlan) -> PlanStatus:
        """Return the plan's status according to the blocks."""
        start = opening(hash_of(plan))
        is_open = any(
            each.decoded.calldata.startswith(start) for _, each in self.memory.paper.included()
        )
        return PlanStatus(
            is_open=is_open,
            done=0,
            approvals=len(self.approvers),
            cancelled=self.cancelled,
            nonce_used=is_open or self.voided,
            epoch=self.epoch,
        )

    async def weights(self, plan: SignedPlan, signatures: Sequence[Signature]) -> tuple[int, ...]:
        """Return each signer's weight, or 0 if its signature or an owner of it is not valid."""
        return tuple(
            self.approvers.get(each.signer, 0) if self._holds(plan, each) else 0
            for each in signatures
        )

    def _holds(self, plan: SignedPlan, signature: Signature) -> bool:
        if signature.signer not in self.owned:
            return signature.data.startswith(hash_of(plan))
        allowed = {each.removeprefix("0x") for each in self.owned[signature.signer]}
        data = signature.data.removeprefix("0x")
        return {data[start : start + 40] for start in range(0, len(data), 40)} <= allowed

    async def threshold(self, signer: str) -> int:
        """Return the configured threshold."""
        return self.thresholds[signer]

    async def owners(self, signer: str) -> frozenset[str]:
        """Return the configured owners."""
        return self.owned[signer]
