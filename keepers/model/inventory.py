"""Request to the inventory planner, and the resulting plan of transfers across chains."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.money import format_units

LONGEST_TIME_LIMIT = Fraction(10)
"""Default time limit of a plan in seconds."""


class Solver(StrEnum):
    """Method of the planner."""

    EXACT = "exact"
    """The fewest transfers."""
    GREEDY = "greedy"
    """Cover each deficit from the current largest surplus (rulebook, section 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Balance of one asset on one chain, in base units of its token there.

    Attributes:
        base: Target balance; above 0.
        balance: Current balance.
        decimals: Decimals of the token on this chain, from 0 to 18.
    """

    base: int
    balance: int
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """Unfinished transfer.

    Attributes:
        amount: Amount sent, in units of the source.
        arriving: Amount received, in units of the destination.
        debited: Whether the source's balance already excludes it.
        credited: Whether the destination's balance already includes it.
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
    """Route of an asset between two chains.

    Attributes:
        fee: Fixed fee of each transfer, in units of the source.
        fee_bps: Additional fee in basis points of the amount sent, rounded up to a unit.
        minimum: Minimum amount that can be sent, in units of the source; None without a limit.
        maximum: Maximum that can be sent at once; None without a limit.
        seconds: Duration.
        fallback: Whether the route is only for amounts that other routes cannot cover.
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
    """Limit on the total sent from a chain to all destinations.

    Attributes:
        route: The limited route; None for all routes together.
        maximum: Limit in units of the source; amounts sent include fees.
    """

    asset: str
    source: str
    maximum: int
    route: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRequest:
    """Balances of assets across chains, and the planning parameters.

    Attributes:
        trigger_percentage: Fraction of its base that a chain must have lost to be triggered.
        assets: Balances by asset and chain.
        routes: Available routes; None for a free and unlimited one between any two chains.
        limits: Limits on the total sent from a chain, by one route or by all.
        time_limit: Seconds after which the best plan found so far is returned.

    Raises:
        InputError: The percentage is not inside (0, 1), a base is 0, two routes or two limits are
            the same, or the amount about to leave exceeds the balance.
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
        """Return balances by asset and chain, less outgoing and plus incoming transfers."""
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
    """Chain whose balance is at or below its threshold.

    Attributes:
        balance: Effective balance, in units of the token on this chain, as is `deficit`.
        threshold: Threshold in the same units, exact.
        deficit: Amount that restores the base.
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
    """Transfer of a plan.

    Attributes:
        amount: Amount sent, in units of the source's token.
        arrives: Amount received, in units of the destination's token.
        fee: Fee of the route, part of the amount, in units of the source.
        seconds: Duration of the route.
        fallback: Whether the route is a fallback.
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
    """The surpluses of the other chains are too small."""
    ROUTE_UNAVAILABLE = "RouteUnavailable"
    """Surpluses suffice, but routes, fees, minimums or maximums prevent the transfers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """Trigger without transfers; `available` is in whole tokens, exact."""

    asset: str
    chain: str
    decimals: int
    deficit: int
    available: Fraction
    error: UncoveredError


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPlan:
    """Plan for all assets.

    Attributes:
        triggers: Triggered chains, ordered by asset and chain.
        surpluses: Surpluses, ordered by asset and chain.
        transfers: Transfers, ordered by asset, destination, source and route.
        uncovered: Uncovered triggers, ordered by asset and chain.
        lower_bound: Lower bound of transfers that cover the same triggers with as few fallbacks.
        optimal: Whether no better plan exists, including all tie-breaking rules.
        greedy: Result of the greedy rule for the same triggers; None if it cannot cover them.
    """

    triggers: tuple[BalanceTrigger, ...]
    surpluses: tuple[Surplus, ...]
    transfers: tuple[PlannedTransfer, ...]
    uncovered: tuple[Uncovered, ...]
    lower_bound: int
    optimal: bool
    greedy: tuple[PlannedTransfer, ...] | None
