"""Small markets of one asset, written in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from keepers.model.inventory import BalanceTrigger, Route, SharedLimit, Surplus
from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.solution import PlanningDeadline

Units = int | tuple[int, int]
"""Units of a token without decimals, or units and decimals."""


def endless() -> PlanningDeadline:
    """A deadline that no test comes near."""
    return PlanningDeadline.after(Fraction(300))


def passed() -> PlanningDeadline:
    """A deadline at which nothing is left."""
    return PlanningDeadline(0.0, lambda: 0.0)


class CountedDeadline(PlanningDeadline):
    """A deadline that passes when it is looked at for the given time."""

    def __new__(cls, checks: int) -> PlanningDeadline:  # type: ignore[misc]
        """Count each reading of the clock as a second."""
        seconds = iter(range(10**9))
        return PlanningDeadline(float(checks), lambda: float(next(seconds)))


def route(source: str, destination: str, name: str = "R", **more: Any) -> Route:
    return Route(asset="USDC", source=source, destination=destination, route=name, **more)


def limit(source: str, maximum: int, name: str | None = None) -> SharedLimit:
    return SharedLimit(asset="USDC", source=source, maximum=maximum, route=name)


def trigger(chain: str, deficit: Units) -> BalanceTrigger:
    units, decimals = deficit if isinstance(deficit, tuple) else (deficit, 0)
    return BalanceTrigger(
        asset="USDC",
        chain=chain,
        decimals=decimals,
        base=2 * units,
        balance=units,
        threshold=Fraction(units),
        deficit=units,
    )


def surplus(chain: str, amount: Units) -> Surplus:
    units, decimals = amount if isinstance(amount, tuple) else (amount, 0)
    return Surplus(asset="USDC", chain=chain, decimals=decimals, amount=units)


def market_of(
    supplies: Mapping[str, Units],
    needs: Mapping[str, Units],
    routes: Sequence[Route] | None = None,
    limits: Sequence[SharedLimit] = (),
) -> AssetMarket:
    return AssetMarket(
        [trigger(*each) for each in needs.items()],
        [surplus(*each) for each in supplies.items()],
        routes,
        limits,
    )
