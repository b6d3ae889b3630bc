"""Steps of a run: one contract call each, with the facts of its kind.

`NewStep` is the closed union of all kinds. Every member has the fields of `StepCall`, and a
`symbol` and an `amount` for display.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from keepers.model.chain import ContractCall
from keepers.model.tier_config import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCall:
    """Fields common to all kinds of steps.

    Attributes:
        index: Index in the plan.
        kind: Selects the step's type and the interpreter of its receipt.
        reason: Reason, for display.
        target: The called contract.
        calldata: Data of the call in hexadecimal.
        priority: Steps of lower numbers are executed first.
        depends_on: Indices of the steps that must succeed first.
    """

    index: int
    kind: str
    reason: str
    target: str
    calldata: str
    priority: int = 0
    depends_on: tuple[int, ...] = ()

    @property
    def call(self) -> ContractCall:
        """Return the planned call."""
        return ContractCall(self.target, self.calldata)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeStep(StepCall):
    """Sale or purchase of one asset of a tier.

    `amount` is in settlement base units, `amount_in` and `minimum_out` in the units of the call.
    """

    tier: int
    asset: str
    symbol: str
    amount: int
    amount_in: int
    quoted_out: int
    minimum_out: int
    estimated_slippage_bps: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsStep(StepCall):
    """All trades of one portfolio in one call; each trade has its own minimum in the call.

    Attributes:
        tier: Tier of the portfolio.
        verifier: The contract that verifies the weights.
        turnover: Proceeds of sales plus cost of purchases, in settlement base units.
        estimated_slippage_bps: Loss of the quotes against the oracle, in basis points.
    """

    tier: int
    verifier: str
    turnover: int
    estimated_slippage_bps: str

    @property
    def symbol(self) -> str:
        """Return the tier's name."""
        return Tier(self.tier).name

    @property
    def amount(self) -> int:
        """Return the turnover."""
        return self.turnover


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceStep(StepCall):
    """Maintenance call for a subject: the redemption queue, or an asset.

    `shares` are those of the vault or of the asset, `assets` are settlement base units.
    """

    subject: str
    symbol: str
    shares: int
    assets: int

    @property
    def amount(self) -> int:
        """Return the settlement base units that are paid or received."""
        return self.assets


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStep(StepCall):
    """Batch of recurring jobs in one call."""

    jobs: int

    @property
    def symbol(self) -> str:
        """Return the kind, for display."""
        return self.kind.lower()

    @property
    def amount(self) -> int:
        """Return the number of jobs."""
        return self.jobs


NewStep: TypeAlias = TradeStep | WeightsStep | MaintenanceStep | BatchStep


def step_fields(step: NewStep) -> dict[str, Any]:
    """Return the fields of a step for documents, the same for every kind.

    Numbers that a kind does not have are 0.
    """
    match step:
        case TradeStep():
            asset, amount_in, quoted = step.asset, step.amount_in, step.quoted_out
            minimum, slippage = step.minimum_out, step.estimated_slippage_bps
        case WeightsStep():
            asset, amount_in, quoted = step.verifier, step.turnover, step.turnover
            minimum, slippage = 0, step.estimated_slippage_bps
        case MaintenanceStep():
            asset, amount_in, quoted = step.subject, step.shares, step.assets
            minimum, slippage = 0, "0"
        case BatchStep():
            asset, amount_in, quoted = step.target, step.jobs, 0
            minimum, slippage = 0, "0"
    return {
        "index": step.index,
        "kind": step.kind,
        "tier": step.tier if isinstance(step, (TradeStep, WeightsStep)) else 0,
        "asset": asset,
        "symbol": step.symbol,
        "amount": step.amount,
        "amount_in": amount_in,
        "quoted_out": quoted,
        "minimum_out": minimum,
        "priority": step.priority,
        "depends_on": step.depends_on,
        "reason": step.reason,
        "target": step.target,
        "calldata": step.calldata,
        "estimated_slippage_bps": slippage,
    }
