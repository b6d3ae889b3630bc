"""Request to the inventory planner, and its plan: transfers across chains."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.money import format_units

LONGEST_TIME_LIMIT = Fraction(10)
"""Seconds that a plan may take unless its request says otherwise."""


class Solver(StrEnum):
    """Method of the planner."""

    EXACT = "exact"
    """The fewest transfers."""
    GREEDY = "greedy"
    """Each deficit from the current largest surplus, as the rulebook's text says (section 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Balance of one asset on one chain, in base units of its token there.

    Attributes:
        base: What it should hold; above 0.
        balance: What it holds.
        decimals: Of the token on this chain, from 0 to 18.
    """

    base: int
    balance: int
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """A transfer that has not come to its end.

    Attributes:
        amount: What leaves the source, in its units.
        arriving: What comes in at the destination, in its units.
        debited: Whether the source's balance is already without it.
        credited: Whether the destination's balance has it already.
    """

    asset: str
    source: str
    destination: str
    amount: int
    arriving: int
    debited: bool
    credited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way for an asset from chain to chain.

    Attributes:
        fee: Taken from each transfer, in units of the source.
        fee_bps: Taken besides, in basis points of the amount sent, rounded up to a unit.
        minimum: Least amount that can be sent, in units of the source; None without a limit.
        maximum: Most that can be sent at once; None without a limit.
        seconds: How long it takes.
        fallback: Whether it is only for what the others cannot cover.
    """

    asset: str
    source: str
    destination: str
    route: str
    fee: int = 0
    fee_bps: Fraction = Fraction(0)
    minimum: int | None = None
    maximum: int | None = None
    seconds: Fraction = Fraction(0)
    fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLimit:
    """A limit on what leaves a chain in total, whatever the destinations.

    Attributes:
        route: The route that it is on; None for all routes together.
        maximum: In units of the source; fees are part of what leaves.
    """

    asset: str
    source: str
    maximum: int
    route: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRequest:
    """Balances of assets over chains, and how to plan for them.

    Attributes:
        trigger_percentage: A chain is triggered that has lost this part of its base, or more.
        assets: By asset and chain.
        routes: The only ways there are; None for a free and unlimited one between any two chains.
        limits: What may leave a chain in total, by one route or by all.
        time_limit: Seconds after which the best plan found so far is taken.

    Raises:
        InputError: The percentage is not inside (0, 1), a base is 0, two routes or two limits are
            the same, or more is on its way out than there is.
    """

    trigger_percentage: Fraction
    assets: Mapping[str, Mapping[str, Balance]]
    in_flight: tuple[InFlight, ...] = ()
    routes: tuple[Route, ...] | None = None
    solver: Solver = Solver.EXACT
    time_limit: Fraction = LONGEST_TIME_LIMIT
    limits: tuple[SharedLimit, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.trigger_percentage < 1:
            raise InputError("trigger_percentage", "must be above 0 and below 1")
        for asset, chains in self.assets.items():
            for chain, each in chains.items():
                if each.base == 0:
                    raise InputError(f"assets.{asset}.{chain}.base", "must be above 0")
        self._check_ways()
        self._check_limits()
        self._check_effective()

    def effective_balances(self) -> dict[tuple[str, str], int]:
        """By asset and chain, without what is about to leave and with what is about to arrive."""
        effective = {
            (asset, chain): each.balance
            for asset, chains in self.assets.items()
            for chain, each in chains.items()
        }
        for flight in self.in_flight:
            if not flight.debited:
                effective[flight.asset, flight.source] -= flight.amount
            if not flight.credited:
                effective[flight.asset, flight.destination] += flight.arriving
        return effective

    def _check_ways(self) -> None:
        for index, flight in enumerate(self.in_flight):
            self._check_ends(f"in_flight[{index}]", flight)
        seen: set[tuple[str, str, str, str]] = set()
        for index, route in enumerate(self.routes or ()):
            self._check_ends(f"routes[{index}]", route)
            key = (route.asset, route.source, route.destination, route.route)
            if key in seen:
                raise InputError(
                    f"routes[{index}].route",
                    f"{route.route} from {route.source} to {route.destination} is given twice",
                )
            seen.add(key)

    def _check_limits(self) -> None:
        seen: set[tuple[str, str, str | None]] = set()
        for index, limit in enumerate(self.limits):
            if limit.asset not in self.assets:
                problem = f"{limit.asset} is not one of the assets"
                raise InputError(f"limits[{index}].asset", problem)
            if limit.source not in self.assets[limit.asset]:
                problem = f"{limit.source} is not a chain of {limit.asset}"
                raise InputError(f"limits[{index}].source", problem)
            key = (limit.asset, limit.source, limit.route)
            if key in seen:
                what = limit.route or "the limit of all routes"
                problem = f"{what} from {limit.source} is given twice"
                raise InputError(f"limits[{index}].route", problem)
            seen.add(key)

    def _check_ends(self, where: str, way: InFlight | Route) -> None:
        if way.asset not in self.assets:
            raise InputError(f"{where}.asset", f"{way.asset} is not one of the assets")
        for end, chain in (("source", way.source), ("destination", way.destination)):
            if chain not in self.assets[way.asset]:
                raise InputError(f"{where}.{end}", f"{chain} is not a chain of {way.asset}")
        if way.source == way.destination:
            raise InputError(f"{where}.destination", f"{way.source} is the source itself")

    def _check_effective(self) -> None:
        for (asset, chain), effective in self.effective_balances().items():
            if effective < 0:
                shown = format_units(effective, self.assets[asset][chain].decimals)
                raise InputError(
                    f"assets.{asset}.{chain}.balance",
                    f"is {shown} without what is on its way out",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTrigger:
    """A chain that has fallen to its threshold.

    Attributes:
        balance: Effective, in units of the token on this chain, as is `deficit`.
        threshold: In units too, exact.
        deficit: What brings it back to its base.
    """

    asset: str
    chain: str
    decimals: int
    base: int
    balance: int
    threshold: Fraction
    deficit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Balance of a chain above its base, in units of the token there."""

    asset: str
    chain: str
    decimals: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTransfer:
    """One transfer.

    Attributes:
        amount: What leaves the source, in units of the token there.
        arrives: What comes in, in units of the token at the destination.
        fee: What the route takes of the amount, in units of the source.
        seconds: How long the route takes.
        fallback: Whether the route is one for what others cannot cover.
    """

    asset: str
    source: str
    destination: str
    route: str
    amount: int
    arrives: int
    fee: int
    seconds: Fraction
    fallback: bool
    source_decimals: int
    destination_decimals: int


class UncoveredError(StrEnum):
    """Reason why a trigger could not be covered."""

    INSUFFICIENT_SURPLUS = "InsufficientSurplus"
    """The other chains do not have enough."""
    ROUTE_UNAVAILABLE = "RouteUnavailable"
    """They have enough, but routes, fees, minimums or maximums stand in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """A trigger that stays as it is; `available` is in whole tokens, exact."""

    asset: str
    chain: str
    decimals: int
    deficit: int
    available: Fraction
    error: UncoveredError


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPlan:
    """The plan for all assets.

    Attributes:
        triggers: By asset and chain.
        surpluses: By asset and chain.
        transfers: By asset, destination, source and route.
        uncovered: By asset and chain.
        lower_bound: No plan that covers the same triggers with as few fallbacks has less transfers.
        optimal: Whether nothing better exists, to the last rule for ties.
        greedy: What the greedy rule does for the same triggers; None where it cannot cover them.
    """

    triggers: tuple[BalanceTrigger, ...]
    surpluses: tuple[Surplus, ...]
    transfers: tuple[PlannedTransfer, ...]
    uncovered: tuple[Uncovered, ...]
    lower_bound: int
    optimal: bool
    greedy: tuple[PlannedTransfer, ...] | None
