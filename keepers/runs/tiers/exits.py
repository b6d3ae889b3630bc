"""Reduction of an urgent plan to what exit limits and loss budgets allow now.

A limit below the needs of an urgent plan does not block the plan: as much is sold as the limit
allows, and the rest waits until it refills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.left_out import LeftOut
from keepers.model.limits import Limit
from keepers.model.money import WHOLE_BPS
from keepers.model.order import AssetPosition, OrderKind, OrderList
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TierAction, TierPlan, TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.planning.orders.plan import plan_orders
from keepers.runs.amounts import money_of
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.offers import Offers

MARGIN_BPS = 10
"""Share of a limit left unused, since values move until the sale is included."""


@dataclass(frozen=True, slots=True)
class Exits:
    """Limits on the risk reduction of one urgent plan.

    Attributes:
        snapshot: The vault with its limits.
        plan: The plan.
        minimum: The smallest order.
    """

    snapshot: VaultSnapshot
    plan: TierPlan
    minimum: int

    def orders(self, positions: Sequence[AssetPosition]) -> tuple[OrderList, tuple[str, ...]]:
        """Return the plan's orders within the exit limit, and a text on what waits."""
        whole = plan_orders(self.plan.actions, positions, self.minimum)
        wanted, limits = _sold(whole), self.snapshot.keeper_limits
        if not self._is_cut or limits is None or not limits.allowed:
            return whole, ()
        limit = limits.reducing
        if wanted <= limit.available:
            return whole, ()
        legs = _within(self.plan.actions, whole, _with_margin(limit.available), self.minimum)
        cut = plan_orders(legs, positions, self.minimum)
        text = self._waits(limit, f"risk-reducing limit of keeper {limits.keeper}", wanted, cut)
        return OrderList(cut.orders, whole.shortfalls), (text,)

    def less_lossy(self, actions: Sequence[Action], offers: Offers) -> Offers | None:
        """Return offers with less of the asset that loses most if the loss budget is exceeded.

        An asset's sale is reduced once and then left out, so the process terminates.
        """
        limit = self.snapshot.loss_budgets.reducing
        if not self._is_cut:
            return None
        sold = [each for each in actions if each.order.kind is OrderKind.SALE]
        lost = {each.order.asset: Fraction(0) for each in sold}
        amounts = dict.fromkeys(lost, 0)
        for each in sold:
            lost[each.order.asset] += _lost(each)
            amounts[each.order.asset] += each.step.amount
        if int(sum(lost.values())) <= limit.available:
            return None
        worst = max(lost, key=lambda asset: (lost[asset] / amounts[asset], asset))
        others = sum((loss for asset, loss in lost.items() if asset != worst), Fraction(0))
        share = max(Fraction(0), _with_margin(limit.available) - others) / lost[worst]
        admitted = int(amounts[worst] * share)
        reason = self._loses_too_much(limit, int(lost[worst]))
        if admitted < self.minimum or offers.is_less(worst):
            return offers.without([LeftOut(worst, reason, OrderKind.SALE)])
        waiting = self._money(amounts[worst] - admitted)
        return offers.with_less(worst, admitted, f"{waiting} of {worst} wait: {reason}")

    @property
    def _is_cut(self) -> bool:
        """Return whether the plan is cut: raises cash only, needs no approval, is not manual."""
        raises = all(each.to_tier is Tier.L1 for each in self.plan.actions)
        asked = any(each.kind is TriggerKind.MANUAL for each in self.plan.triggers)
        return raises and not asked and not self.plan.approval.required

    def _waits(self, limit: Limit, name: str, wanted: int, cut: OrderList) -> str:
        rest = wanted - _sold(cut)
        more = min(rest, limit.cap)
        after = replace(limit, available=max(0, limit.available - _sold(cut)))
        when = after.wait_for(more)
        assert when is not None  # noqa: S101 - the amount is within the cap
        return (
            f"sales of {self._money(rest)} of {self._money(wanted)} wait: the {name} allows "
            f"{self._money(limit.available)} now ({self._money(limit.cap)} when full), and "
            f"{self._money(more)} of them at {self.snapshot.at + when}"
        )

    def _loses_too_much(self, limit: Limit, lost: int) -> str:
        when = limit.wait_for(lost)
        at = (
            "never this amount at once"
            if when is None
            else f"this amount at {self.snapshot.at + when}"
        )
        return (
            f"its sale would lose about {self._money(lost)}, but the loss budget of actions "
            f"that reduce risk allows {self._money(limit.available)} now "
            f"({self._money(limit.cap)} when full; {at})"
        )

    def _money(self, amount: int) -> str:
        return money_of(self.snapshot, amount)


def _within(
    legs: Sequence[TierAction], orders: OrderList, most: int, minimum: int
) -> tuple[TierAction, ...]:
    """Return the legs as far as their sales fit the limit together, first legs first."""
    cut: list[TierAction] = []
    left = most
    for index, leg in enumerate(legs):
        sold = sum(each.amount for each in orders.orders if each.leg == index)
        amount = min(sold, left)
        if amount < min(minimum, sold):
            amount = 0
        cut.append(replace(leg, amount=amount))
        left -= amount
    return tuple(cut)


def _sold(orders: OrderList) -> int:
    return sum(each.amount for each in orders.orders if each.kind is OrderKind.SALE)


def _lost(action: Action) -> Fraction:
    slippage = max(Fraction(0), Fraction(action.step.estimated_slippage_bps))
    return slippage * action.step.amount / WHOLE_BPS


def _with_margin(available: int) -> int:
    return available - -(-available * MARGIN_BPS // WHOLE_BPS)
