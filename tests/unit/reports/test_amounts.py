from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.reports import amounts


@pytest.mark.parametrize(
    ("units", "decimals", "said"),
    [
        (0, 6, "0.00"),
        (1_234_567_891_234, 6, "1,234,567.89"),
        (-1_500_000, 6, "-1.50"),
        (4_999, 6, "0.00"),
        (2**256 - 1, 0, f"{2**256 - 1:,}.00"),
    ],
)
def test_grouped__is_rounded_and_grouped(units: int, decimals: int, said: str) -> None:
    assert amounts.grouped(units, decimals) == said


@given(units=st.integers(-(10**30), 10**30), decimals=st.integers(0, 18))
def test_grouped__any_amount__is_off_by_at_most_half_a_cent(units: int, decimals: int) -> None:
    said = Fraction(amounts.grouped(units, decimals).replace(",", ""))
    assert abs(said - Fraction(units, 10**decimals)) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("bps", "said"), [(0, "0 %"), (500, "5 %"), (1_000, "10 %"), (1_250, "12.5 %"), (1, "0.01 %")]
)
def test_percent_of_bps__has_no_trailing_zeros(bps: int, said: str) -> None:
    assert amounts.percent_of_bps(bps) == said


def test_shares__unknown_or_not__are_said() -> None:
    assert amounts.percent(None) == amounts.bps(None) == amounts.NOTHING
    assert amounts.percent(Fraction(1, 3)) == "33.33 %"
    assert amounts.bps("-12.5") == "-0.125 %"


@pytest.mark.parametrize(
    ("seconds", "said"), [(9.42, "9.4 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min")]
)
def test_duration__in_its_two_largest_units(seconds: float, said: str) -> None:
    assert amounts.duration(timedelta(seconds=seconds)) == said


def test_short__keeps_both_ends() -> None:
    assert amounts.short("0x" + "ab" * 32) == "0xababab…ababab"
    assert amounts.short("0x1234") == "0x1234"
