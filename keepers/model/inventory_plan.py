"""Plan for the inventory across chains."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


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
