"""Small markets of one asset, written in a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def counted() -> tuple[PlanningDeadline, list[None]]:
    """A deadline that never passes, and an item for each time that it was checked."""
    asked: list[None] = []

    def clock() -> float:
        asked.append(None)
        return 0.0

    return PlanningDeadline(1.0, clock), asked


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


def rated_market() -> AssetMarket:
    """Sources of one decimal more than the trigger, which lacks 10: steps of ten units.

    The cheaper route takes a tenth, brings at least 2 and at most 3; the dearer takes a half.
    """
    routes = [
        route("S1", "D", "CHEAP", fee_bps=Fraction(1_000), minimum=23, maximum=34),
        route("S2", "D", "DEAR", fee=3, fee_bps=Fraction(5_000)),
    ]
    return market_of({"S1": (1_000, 1), "S2": (1_000, 1)}, {"D": 10}, routes)


def finer_market() -> AssetMarket:
    """The rated market beside a trigger of two decimals, so that fees are counted in tenths."""
    market = rated_market()
    return AssetMarket(
        [*market.triggers, trigger("U", (1, 2))], market.surpluses, market.routes, market.limits
    )


def answer(found: Any) -> Callable[..., Any]:
    """A function that answers so whatever it is given, or raises."""

    def answering(*_: object, **__: object) -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    return answering
