"""Plan for the tiers of a vault, and the plan that undoes a run."""

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
"""The kind to judge, or `auto`: liquidity, thresholds and events."""


class ActionType(StrEnum):
    """Kind of a movement from tier to tier."""

    TRANSFER = "TRANSFER"
    """Between L1 and L2."""
    PURCHASE = "PURCHASE"
    """Into L3."""
    REDEEM = "REDEEM"
    """Out of L3."""
    DIVERSIFY = "DIVERSIFY"
    """Inside one tier, to the target weights of its holdings."""


@dataclass(frozen=True, slots=True)
class TierTrigger:
    """Trigger of a plan.

    `tier` is the one tier that it names, None where it names none or all; `asset` is the asset
    that it is about, None where it is about none.
    """

    kind: TriggerKind
    tier: Tier | None
    reason: str
    asset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierAction:
    """One leg: `amount` base units of the settlement token go from tier to tier.

    The lower the priority, the earlier it runs. `depends_on` holds indices of actions of the same
    plan that have to succeed before; no leg has any, because no tier both gives and takes.
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

    `required` approvals before it runs within `deadline_hours` (None where none is required), or a
    review after it ran.
    """

    required: int
    deadline_hours: int | None
    review_afterwards: bool


@dataclass(frozen=True, slots=True)
class Unmet:
    """A need that all the vault's value cannot cover; `amount` is what is missing."""

    need: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPlan:
    """The plan: why, what, with which result, and who approves it.

    `before` and `after` are the tiers' values in base units; `portfolios_due` are the tiers whose
    own weights want a rebalance, ascending.
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
        """The sum of all actions."""
        return sum(action.amount for action in self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """An action that succeeded.

    Attributes:
        index: Its place in the run.
        kind: Sale or purchase.
        asset: What was sold or bought.
        tier: The tier that it belongs to.
        planned: Its value as it was planned, in settlement base units.
        received: What came in: settlement base units for a sale, asset units for a purchase.
        depends_on: The sales that paid for a purchase, by their indices.
        funding: How much of each of those it was planned to spend.
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
    """A plan that undoes a run, for approval, and its orders."""

    plan: TierPlan
    orders: OrderList
