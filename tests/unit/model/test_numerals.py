"""Tests of numbers as text: one accepted form, one printed form, and no loss of precision."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.errors import NumberError
from keepers.model.money import (
    UINT256_MAX,
    format_exact,
    format_rounded,
    format_units,
    parse_exact,
    parse_units,
)

NOT_NUMBERS = [
    "", " ", "-", ".", "-1", "+1", "01", "00", "1.", ".5", "1e3", "1E3", " 1", "1 ", "1\n", "1,5",
    "1_000", "0x10", "NaN", "Infinity", "1.2.3", "1/3", "\u0661", "\uff11", "--1", "1-", "1.-5",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_parse_units__not_of_the_form__is_refused(text: str) -> None:
    with pytest.raises(NumberError, match="is not a number"):
        parse_units(text, 6)


@pytest.mark.parametrize("text", [*NOT_NUMBERS[:4], *NOT_NUMBERS[5:]])
def test_parse_exact__not_of_the_form__is_refused_even_with_a_sign(text: str) -> None:
    with pytest.raises(NumberError, match="is not a number"):
        parse_exact(text, signed=True)


def test_parse_exact__sign__is_taken_only_where_allowed() -> None:
    assert parse_exact("-0.05", signed=True) == Fraction(-1, 20)
    with pytest.raises(NumberError, match="is not a number"):
        parse_exact("-0.05")


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [("0", 6, 0), ("12.5", 6, 12_500_000), ("0.000001", 6, 1), ("1.00", 2, 100), ("7", 0, 7)],
)
def test_parse_units__number__is_counted_exactly(text: str, decimals: int, units: int) -> None:
    assert parse_units(text, decimals) == units


def test_parse_units__one_decimal_too_many__is_refused_even_if_it_is_a_zero() -> None:
    with pytest.raises(NumberError, match="7 decimals, the token has 6"):
        parse_units("1.0000000", 6)


def test_parse_units__beyond_256_bits__is_refused() -> None:
    assert parse_units(str(UINT256_MAX), 0) == UINT256_MAX
    with pytest.raises(NumberError, match="256 bits"):
        parse_units(str(UINT256_MAX + 1), 0)


def test_parse_units__thousands_of_digits__is_refused_by_their_number() -> None:
    with pytest.raises(NumberError, match="has 5000 characters"):
        parse_units("9" * 5000, 0)


@given(st.integers(0, UINT256_MAX), st.integers(0, 18))
def test_format_units__read_again__is_the_same_amount(units: int, decimals: int) -> None:
    text = format_units(units, decimals)

    assert parse_units(text, decimals) == units
    assert not ("." in text and text.endswith("0"))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9)))
def test_format_exact__read_again__is_the_same_number(number: object) -> None:
    exact = Fraction(str(number))

    assert parse_exact(format_exact(exact), signed=True) == exact


def test_format_exact__endless_decimals__is_refused() -> None:
    with pytest.raises(NumberError, match="1/3 has no finite decimal form"):
        format_exact(Fraction(1, 3))


def test_format_exact__negative_zero__has_no_sign() -> None:
    assert format_exact(parse_exact("-0.0", signed=True)) == "0"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(13, 200), "0.065"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(5, 10**7), "0"),  # a tie, to the even 0
        (Fraction(15, 10**7), "0.000002"),  # a tie, to the even 2
        (Fraction(25, 10**7), "0.000002"),  # a tie, to the even 2
        (Fraction(1), "1"),
    ],
)
def test_format_rounded__six_places__ties_go_to_the_even_digit(number: Fraction, text: str) -> None:
    assert format_rounded(number, 6) == text


def test_parse_units__largest_of_a_contract__is_taken_and_no_more() -> None:
    largest = 2**256 - 1
    assert largest == UINT256_MAX
    assert parse_units(str(largest), 0) == largest
    with pytest.raises(NumberError, match="does not fit into 256 bits"):
        parse_units(str(largest + 1), 0)


def test_parse_exact__longest_text__is_taken_and_no_longer() -> None:
    longest = "0." + "1" * 98
    assert parse_exact(longest) == Fraction(int("1" * 98), 10**98)
    with pytest.raises(NumberError, match="has 101 characters, more than the 100 allowed"):
        parse_exact(longest + "1")
