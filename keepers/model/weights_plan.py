"""Plan for the weights of a portfolio.

Quantities are in base units of their token: an `int` where they are rounded to the token, a
`Fraction` where they are exact. Values are fractions in the currency of prices, weights fractions
of 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

Quantity: TypeAlias = int | Fraction
"""Base units of a token."""


class Rejection(StrEnum):
    """Reason why the contract would revert; the names are those of its errors."""

    MAX_TOTAL_VALUE_LOSS = "MaxTotalValueLoss"
    """More value is lost than allowed; judged first."""
    NOT_IMPROVED = "NotImproved"
    """The weights are not strictly nearer to their targets than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """`quantity` of an asset for `received` of the settlement token, worth `proceeds`."""

    symbol: str
    quantity: Quantity
    received: Quantity
    proceeds: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """`quantity` of an asset for `paid` of the settlement token, worth `spent`."""

    symbol: str
    paid: Quantity
    spent: Fraction
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioWeights:
    """A portfolio on the scales.

    Attributes:
        total_value: Of the assets and the settlement token.
        weights: Of the assets, by symbol.
        settlement_weight: Of the settlement token.
        deviation: The sum of absolute differences between weight and target, over the assets and,
            where it has a target, the settlement token; from 0 to 2.
    """

    total_value: Fraction
    weights: Mapping[str, Fraction]
    settlement_weight: Fraction
    deviation: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsPlan:
    """The plan: what is sold, how the budget is split, what is bought, and what comes of it.

    Everything is in the order of symbols.

    Attributes:
        sales: What is sold, before anything is bought.
        weights: Weights after the sales.
        gaps: What assets that were not sold lack, as weights; those that lack nothing left out.
        budget: The value that purchases may take.
        allocations: Its split over the gaps by value, too small ones included.
        purchases: What is bought.
        before: The portfolio as it is.
        after: The portfolio once everything is traded.
        value_loss: What the total value loses, in basis points of it.
        rejection: Why the contract would revert, None where it would not.
    """

    sales: tuple[Sale, ...]
    weights: Mapping[str, Fraction]
    gaps: Mapping[str, Fraction]
    budget: Fraction
    allocations: Mapping[str, Fraction]
    purchases: tuple[Purchase, ...]
    before: PortfolioWeights
    after: PortfolioWeights
    value_loss: Fraction
    rejection: Rejection | None

    @property
    def improved(self) -> bool:
        """Return whether the weights are strictly nearer to their targets."""
        return self.after.deviation < self.before.deviation

    @property
    def accepted(self) -> bool:
        """Return whether the contract would go through with it."""
        return self.rejection is None
