"""Tests of fees for replacements: high enough for nodes and within the configured limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.chain import Fees
from keepers.model.chain_view import FeeLimits, FeeMarket, first_fees, next_fees

prices = st.integers(0, 10**12)
markets = st.builds(FeeMarket, prices, prices)


@st.composite
def limits(draw: st.DrawFn) -> FeeLimits:
    maximum = draw(st.integers(0, 10**12))
    priority = draw(st.integers(0, maximum))
    return FeeLimits(maximum=maximum, priority=priority, rise_bps=draw(st.integers(1_000, 9_000)))


@st.composite
def some_fees(draw: st.DrawFn) -> Fees:
    maximum = draw(prices)
    return Fees(maximum, draw(st.integers(0, maximum)))


def risen(old: int) -> int:
    """Return the least replacement fee that a node accepts: 10 % more, rounded up, at least +1."""
    tenth = Fraction(11 * old, 10)
    return max(-(-tenth.numerator // tenth.denominator), old + 1)


WIDE = 10**9
VECTORS = (
    # before, base fee, tip, limit, tip's limit, rise, wanted. The market's fee is the tip plus the
    # base fee times (9/8)^3 = 1.4238, since it can rise by 1/8 in each of three blocks to the next.
    pytest.param([(2_100, 100)], (1_000, 100), (WIDE, WIDE, 1_000), (2_310, 110), id="same-market"),
    pytest.param([(2_100, 100)], (0, 0), (WIDE, WIDE, 1_000), (2_310, 110), id="market-fell"),
    pytest.param([(2_100, 100)], (1_100, 110), (WIDE, WIDE, 1_000), (2_310, 110), id="just-risen"),
    pytest.param([(2_100, 100)], (3_000, 100), (WIDE, WIDE, 1_000), (4_372, 110), id="base-rose"),
    pytest.param([(2_100, 100)], (1_300, 500), (WIDE, WIDE, 1_000), (2_351, 500), id="tip-rose"),
    pytest.param([(2_100, 100)], (3_000, 500), (WIDE, WIDE, 1_000), (4_772, 500), id="both-rose"),
    # 12.5 %: 2,362.5 and 112.5, rounded up.
    pytest.param([(2_100, 100)], (1_000, 100), (WIDE, WIDE, 1_250), (2_363, 113), id="default"),
    # 111.1 and 12.1, rounded up.
    pytest.param([(101, 11)], (0, 0), (WIDE, WIDE, 1_000), (112, 13), id="rounded-up"),
    pytest.param([(100, 0)], (0, 0), (WIDE, WIDE, 1_000), (110, 1), id="tip-of-nothing"),
    pytest.param([(5, 1)], (0, 0), (WIDE, WIDE, 1_000), (6, 2), id="tiny"),
    pytest.param([(2_100, 50), (1_000, 100)], (0, 0), (WIDE, WIDE, 1_000), (2_310, 110), id="two"),
    pytest.param([(2_100, 100)], (1_000, 100), (2_310, 110, 1_250), (2_310, 110), id="at-limits"),
    pytest.param([(2_100, 100)], (9_000, 100), (2_400, 110, 1_250), (2_400, 110), id="capped"),
    pytest.param([(2_100, 100)], (1_000, 100), (2_309, 110, 1_250), None, id="fee-too-high"),
    pytest.param([(2_100, 100)], (1_000, 100), (2_310, 109, 1_250), None, id="tip-too-high"),
    # The first fees are twice the base fee, plus the tip.
    pytest.param([], (1_000, 100), (WIDE, WIDE, 1_000), (2_100, 100), id="first"),
    pytest.param([], (1_000, 100), (1_050, 80, 1_000), (1_050, 50), id="first-capped"),
    pytest.param([], (1_000, 100), (999, 100, 1_000), None, id="base-fee-too-high"),
)


@pytest.mark.parametrize(("before", "market", "allowed", "wanted"), VECTORS)
def test_next_fees__vectors(
    before: list[tuple[int, int]],
    market: tuple[int, int],
    allowed: tuple[int, int, int],
    wanted: tuple[int, int] | None,
) -> None:
    maximum, priority, rise = allowed
    found = next_fees(
        [Fees(*each) for each in before],
        FeeMarket(*market),
        FeeLimits(maximum=maximum, priority=priority, rise_bps=rise),
    )
    assert found == (None if wanted is None else Fees(*wanted))


@given(before=st.lists(some_fees(), min_size=1, max_size=5), market=markets, allowed=limits())
def test_next_fees__any__rise_as_nodes_ask_within_the_limits(
    before: list[Fees], market: FeeMarket, allowed: FeeLimits
) -> None:
    found = next_fees(before, market, allowed)
    least = Fees(
        max(risen(each.maximum) for each in before), max(risen(each.priority) for each in before)
    )
    possible = least.maximum <= allowed.maximum and least.priority <= allowed.priority
    assert (found is not None) == possible
    if found is not None:
        assert least.maximum <= found.maximum <= allowed.maximum
        assert least.priority <= found.priority <= allowed.priority
        assert found.priority <= found.maximum


@given(before=some_fees(), market=markets, allowed=limits(), count=st.integers(2, 12))
def test_next_fees__one_after_the_other__end_at_the_limits(
    before: Fees, market: FeeMarket, allowed: FeeLimits, count: int
) -> None:
    ladder = [before]
    for _ in range(count):
        found = next_fees(ladder, market, allowed)
        if found is None:
            break
        assert 10 * found.maximum >= 11 * ladder[-1].maximum
        assert 10 * found.priority >= 11 * ladder[-1].priority
        ladder.append(found)


@given(before=some_fees(), market=markets)
def test_next_fees__no_limits_near__pay_what_the_market_asks(
    before: Fees, market: FeeMarket
) -> None:
    found = next_fees([before], market, FeeLimits(maximum=10**14, priority=10**14))
    assert found is not None
    assert found.maximum >= Fraction(9, 8) ** 3 * market.base_fee + market.tip
    assert found.priority >= market.tip


def test_next_fees__base_fee_times_twenty__follows_the_market_and_not_the_limit() -> None:
    """C6: from 7 to 140 gwei under a limit of 250, the bump is 199.3 gwei plus a tip."""
    gwei = 10**9
    before = first_fees(FeeMarket(7 * gwei, gwei), FeeLimits(maximum=200 * gwei, priority=2 * gwei))
    assert before is not None
    allowed = FeeLimits(maximum=250 * gwei, priority=2 * gwei)
    found = next_fees([before], FeeMarket(140 * gwei, gwei), allowed)
    assert found is not None
    assert found.maximum == Fraction(9, 8) ** 3 * 140 * gwei + gwei
    assert found.maximum < allowed.maximum
    calm = next_fees([found], FeeMarket(140 * gwei, gwei), allowed)
    assert calm is not None
    assert calm.maximum == -(-found.maximum * 11_250 // 10_000)


@given(base_fee=prices, blocks=st.integers(1, 100))
def test_next_fees__many_blocks__ask_for_no_more_than_first_fees(
    base_fee: int, blocks: int
) -> None:
    allowed = FeeLimits(maximum=10**15, priority=10**15, bump_blocks=blocks)
    found = next_fees([Fees(0, 0)], FeeMarket(base_fee, 0), allowed)
    assert found is not None
    assert found.maximum <= max(2 * base_fee, 1)


@given(market=markets, allowed=limits())
def test_first_fees__any__fit_into_the_limits(market: FeeMarket, allowed: FeeLimits) -> None:
    found = first_fees(market, allowed)
    assert (found is None) == (market.base_fee > allowed.maximum)
    assert next_fees([], market, allowed) == found
    if found is not None:
        assert market.base_fee <= found.maximum <= allowed.maximum
        assert found.priority <= min(allowed.priority, market.tip)
        assert found.priority <= found.maximum - market.base_fee


@given(allowed=limits(), factor=st.integers(1, 10))
def test_widened__raises_both_limits_and_nothing_else(allowed: FeeLimits, factor: int) -> None:
    wide = allowed.widened(factor)
    assert (wide.maximum, wide.priority) == (allowed.maximum * factor, allowed.priority * factor)
    assert wide.rise_bps == allowed.rise_bps


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"rise_bps": 999}, "below 1000 basis points"),
        ({"priority": 101}, "tip's limit is above"),
        ({"priority": -1}, "tip's limit is above"),
    ],
)
def test_limits__that_nodes_would_not_take__are_refused(
    changed: dict[str, int], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        FeeLimits(**{"maximum": 100, "priority": 10, **changed})
