"""The tier variables of the engine document, as a vault's configuration sets them."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from keepers.app.settings.values import Numeral
from keepers.domain.errors import InputError, NumberError
from keepers.domain.numerals import parse_exact, parse_units
from keepers.domain.tier_config import AMOUNT_FIELDS, RATIO_FIELDS, TierConfig

TIER_VARIABLES: Mapping[str, str] = {name.upper(): name for name in (*AMOUNT_FIELDS, *RATIO_FIELDS)}
"""Every tier variable and the field of `TierConfig` that it sets."""

MOST_DECIMALS = 18
"""Decimals with which tiers are checked before a settlement token is known."""


def tier_config_of(given: Mapping[str, str], decimals: int) -> TierConfig:
    """The tier configuration that some variables make, the rest at their defaults.

    Args:
        given: Variables by name; amounts in whole settlement tokens, ratios in basis points.
        decimals: Decimals of the settlement token.

    Raises:
        InputError: They do not fit together, or an amount has more decimals than the token.
    """
    fields = {TIER_VARIABLES[name]: text for name, text in given.items()}
    amounts = {
        name: _amount(name, fields[name], decimals) for name in AMOUNT_FIELDS if name in fields
    }
    ratios = {name: parse_exact(fields[name]) for name in RATIO_FIELDS if name in fields}
    return TierConfig.for_token(decimals, amounts=amounts, ratios=ratios)


def tier_defaults() -> dict[str, str]:
    """Every tier variable at its default, as a configuration would have it."""
    config = tier_config_of({}, 0)
    return {name: str(getattr(config, field)) for name, field in TIER_VARIABLES.items()}


def _amount(name: str, text: str, decimals: int) -> int:
    try:
        return parse_units(text, decimals)
    except NumberError as error:
        raise InputError(name.upper(), error.problem) from error


def _known(name: str) -> str:
    if name not in TIER_VARIABLES:
        raise PydanticCustomError("tier_variable", "is no tier variable")
    return name


def _fitting(given: dict[str, str]) -> dict[str, str]:
    try:
        tier_config_of(given, MOST_DECIMALS)
    except InputError as error:
        facts = {"variable": error.field, "problem": error.problem}
        raise PydanticCustomError("tier_config", "{variable} {problem}", facts) from error
    return given


TierOverrides: TypeAlias = Annotated[
    dict[Annotated[str, AfterValidator(_known)], Numeral], AfterValidator(_fitting)
]
"""Tier variables by name; those not given have their defaults."""
