"""Functions that make small markets of one asset."""

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
    """Return a deadline that no test reaches."""
    return PlanningDeadline.after(Fraction(300))


def passed() -> PlanningDeadline:
    """Return a deadline with no time left."""
    return PlanningDeadline(0.0, lambda: 0.0)


def counted() -> tuple[PlanningDeadline, list[None]]:
    """Return a deadline that never passes, and a list with an item for each check."""
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
    """Return sources with one decimal more than the trigger, which lacks 10: steps of ten units.

    The cheap route charges 10 % and brings 2 or 3 steps; the dear route charges 3 and 50 %.
    """
    routes = [
        route("S1", "D", "CHEAP", fee_bps=Fraction(1_000), minimum=23, maximum=34),
        route("S2", "D", "DEAR", fee=3, fee_bps=Fraction(5_000)),
    ]
    return market_of({"S1": (1_000, 1), "S2": (1_000, 1)}, {"D": 10}, routes)


def finer_market() -> AssetMarket:
    """Return the rated market plus a trigger of two decimals, so that fees are in tenths."""
    market = rated_market()
    return AssetMarket(
        [*market.triggers, trigger("U", (1, 2))], market.surpluses, market.routes, market.limits
    )


def answer(found: Any) -> Callable[..., Any]:
    """Return a function that returns or raises `found` for any arguments."""

    def answering(*_: object, **__: object) -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    return answering
