"""How planners say numbers to people."""

from fractions import Fraction

from keepers.model.money import WHOLE_BPS, BasisPoints
from keepers.model.numerals import format_rounded, format_units
from keepers.model.tier_state import Settlement

PERCENT = WHOLE_BPS // 100
PERCENT_PLACES = 4


def percent(part: int, whole: int) -> str:
    """A share of a whole, as in `6.5 %`; anything is more than all of nothing."""
    if whole == 0:
        return "over 100 %"
    return f"{format_rounded(Fraction(100 * part, whole), PERCENT_PLACES)} %"


def limit(share: BasisPoints) -> str:
    """A configured share, as in `8 %`."""
    return f"{format_rounded(Fraction(share) / PERCENT, PERCENT_PLACES)} %"


def points(share: BasisPoints) -> str:
    """A configured distance between shares, as in `5 points`."""
    return f"{format_rounded(Fraction(share) / PERCENT, PERCENT_PLACES)} points"


def money(units: int, settlement: Settlement) -> str:
    """An amount of the settlement token, as in `35000 USDT`."""
    return f"{format_units(units, settlement.decimals)} {settlement.symbol}"
