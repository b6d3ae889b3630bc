"""Plan for the tiers of a vault, and the rollback plan of a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from keepers.model.order import OrderKind, OrderList
from keepers.model.tier_config import Tier, TierValues


class TriggerKind(StrEnum):
    """Kind of a trigger."""

    LIQUIDITY = "LIQUIDITY"
    THRESHOLD = "THRESHOLD"
    EVENT = "EVENT"
    SCHEDULED = "SCHEDULED"
    MANUAL = "MANUAL"


AUTO: Final = "auto"
TriggerChoice: TypeAlias = TriggerKind | Literal["auto"]
"""Kind of trigger to evaluate, or `auto`: liquidity, thresholds and events."""


class ActionType(StrEnum):
    """Kind of a movement from tier to tier."""

    TRANSFER = "TRANSFER"
    """Between L1 and L2."""
    PURCHASE = "PURCHASE"
    """Into L3."""
    REDEEM = "REDEEM"
    """Out of L3."""
    DIVERSIFY = "DIVERSIFY"
    """Within one tier, to the target weights of its holdings."""


@dataclass(frozen=True, slots=True)
class TierTrigger:
    """Trigger of a plan.

    `tier` is the named tier, None for none or all; `asset` is the asset concerned, None for none.
    """

    kind: TriggerKind
    tier: Tier | None
    reason: str
    asset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierAction:
    """Leg that moves `amount` base units of the settlement token between tiers.

    A lower priority is executed first. `depends_on` has the indices of actions of the same plan
    that must succeed first; it is empty for legs, because no tier is both source and destination.
    """

    type: ActionType
    from_tier: Tier
    to_tier: Tier
    amount: int
    priority: int
    reason: str
    depends_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """Approval that a plan needs.

    Either `required` approvals within `deadline_hours` (None if none is required) before it is
    executed, or a review afterwards.
    """

    required: int
    deadline_hours: int | None
    review_afterwards: bool


@dataclass(frozen=True, slots=True)
class Unmet:
    """Need that exceeds the vault's total value; `amount` is the shortfall."""

    need: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPlan:
    """Plan: triggers, actions, expected result and required approval.

    `before` and `after` are tier values in base units; `portfolios_due` are the tiers whose
    portfolio weights need a rebalance, ascending.
    """

    triggers: tuple[TierTrigger, ...]
    before: TierValues
    actions: tuple[TierAction, ...]
    after: TierValues
    approval: Approval
    portfolios_due: tuple[Tier, ...]
    unmet: tuple[Unmet, ...]

    @property
    def total_amount(self) -> int:
        """Return the sum of all actions."""
        return sum(action.amount for action in self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """Action that succeeded.

    Attributes:
        index: Index in the run.
        kind: Sale or purchase.
        asset: The asset that was sold or bought.
        tier: The tier that it belongs to.
        planned: Planned value, in settlement base units.
        received: Received amount: settlement base units for a sale, asset units for a purchase.
        depends_on: Indices of the sales that funded a purchase.
        funding: Planned amount to spend of each of those sales.
    """

    index: int
    kind: OrderKind
    asset: str
    tier: Tier
    planned: int
    received: int
    depends_on: tuple[int, ...] = ()
    funding: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollback:
    """Plan that reverses a run, for approval, and its orders."""

    plan: TierPlan
    orders: OrderList
