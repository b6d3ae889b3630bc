"""Executed actions of a run, for undoing them."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.order import OrderKind, OrderList
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TierPlan


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
