"""The tier variables of the engine document, as set in a vault's configuration."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, TypeAlias

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from keepers.config.values import Numeral
from keepers.model.errors import InputError, NumberError
from keepers.model.money import BasisPoints, format_exact, format_units, parse_exact, parse_units
from keepers.model.tier_config import AMOUNT_FIELDS, RATIO_FIELDS, TierConfig

TIER_VARIABLES: Mapping[str, str] = {name.upper(): name for name in (*AMOUNT_FIELDS, *RATIO_FIELDS)}
"""Every tier variable, with the field of `TierConfig` that it sets."""

MOST_DECIMALS = 18
"""Decimals used to check tiers before the settlement token is known."""


def tier_config_of(given: Mapping[str, str], decimals: int) -> TierConfig:
    """Return the tier configuration of the given variables, the rest at their defaults.

    Args:
        given: Variables by name; amounts in whole settlement tokens, ratios in basis points.
        decimals: Decimals of the settlement token.

    Raises:
        InputError: The variables conflict, or an amount has more decimals than the token.
    """
    fields = {TIER_VARIABLES[name]: text for name, text in given.items()}
    amounts = {
        name: _amount(name, fields[name], decimals) for name in AMOUNT_FIELDS if name in fields
    }
    ratios = {name: parse_exact(fields[name]) for name in RATIO_FIELDS if name in fields}
    return TierConfig.for_token(decimals, amounts=amounts, ratios=ratios)


def tier_defaults() -> dict[str, str]:
    """Return every tier variable at its default, in the format of the configuration."""
    config = tier_config_of({}, 0)
    return {name: str(getattr(config, field)) for name, field in TIER_VARIABLES.items()}


def _amount(name: str, text: str, decimals: int) -> int:
    try:
        return parse_units(text, decimals)
    except NumberError as error:
        raise InputError(name.upper(), error.problem) from error


def _known(name: str) -> str:
    if name not in TIER_VARIABLES:
        raise PydanticCustomError("tier_variable", "is not a tier variable")
    return name


L1_LEVELS = ("L1_MIN_RATIO", "L1_LOW_RATIO", "L1_TARGET_RATIO", "L1_HIGH_RATIO", "L1_MAX_RATIO")
AMOUNT_LEVELS = ("REBALANCE_APPROVAL_THRESHOLD", "REBALANCE_MULTISIG_THRESHOLD")
SHARE_LEVELS = ("ASSET_CONCENTRATION", "TOP3_CONCENTRATION")
"""Variables in ascending order: a keeper could not satisfy two in the wrong order."""


def check_order(config: TierConfig, given: Mapping[str, str]) -> None:
    """Refuse variables that contradict each other.

    Raises:
        InputError: A variable is above the next; the error names the one that is set, or the later
            of two.
    """
    for names in (L1_LEVELS, AMOUNT_LEVELS, SHARE_LEVELS):
        for lower, upper in pairwise(names):
            low, high = (getattr(config, TIER_VARIABLES[each]) for each in (lower, upper))
            if low <= high:
                continue
            if upper in given or lower not in given:
                raise InputError(
                    upper, f"{_shown(upper, high)} is below {lower}, {_shown(lower, low)}"
                )
            raise InputError(lower, f"{_shown(lower, low)} is above {upper}, {_shown(upper, high)}")


def _shown(name: str, value: BasisPoints) -> str:
    if TIER_VARIABLES[name] in AMOUNT_FIELDS:
        return format_units(int(value), MOST_DECIMALS)
    return format_exact(value)


def _fitting(given: dict[str, str]) -> dict[str, str]:
    try:
        check_order(tier_config_of(given, MOST_DECIMALS), given)
    except InputError as error:
        facts = {"variable": error.field, "problem": error.problem}
        raise PydanticCustomError("tier_config", "{variable} {problem}", facts) from error
    return given


TierOverrides: TypeAlias = Annotated[
    dict[Annotated[str, AfterValidator(_known)], Numeral], AfterValidator(_fitting)
]
"""Tier variables by name; the others have their defaults."""
