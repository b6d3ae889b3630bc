"""Tests of the sets of edges that can supply one trigger."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.options import fewest_into, least_fee, options_into
from tests.unit.planning.inventory.markets import (
    endless,
    finer_market,
    limit,
    market_of,
    rated_market,
    route,
)


def options(market: AssetMarket, *sizes: int) -> list[str]:
    """Return the sources of each option, in the order found."""
    bits = {edge: 1 << index for index, edge in enumerate(market.edges)}
    found = options_into(market, 0, range(sizes[0], sizes[-1] + 1), bits, endless())
    return ["".join(edge.name[0] for edge in each.edges) for each in found]


@pytest.mark.parametrize(
    ("need", "fewest", "found"),
    [
        (8, 1, ["A", "AB", "AC", "BC", "ABC"]),
        (9, 2, ["AB", "AC", "BC", "ABC"]),
        (10, 2, ["AB", "AC", "ABC"]),
        (13, 2, ["AB", "ABC"]),
        (14, 3, ["ABC"]),
        (17, 3, ["ABC"]),
        (18, None, []),
    ],
)
def test_options_into__three_sources__those_that_suffice(
    need: int, fewest: int | None, found: list[str]
) -> None:
    market = market_of({"A": 8, "B": 5, "C": 4}, {"T": need})

    assert fewest_into(market, 0) == fewest
    assert options(market, 1, 3) == found


@pytest.mark.parametrize(("minimum", "found"), [(6, ["A", "AB"]), (7, ["A"])])
def test_options_into__minimums__must_not_bring_more_than_needed(
    minimum: int, found: list[str]
) -> None:
    routes = [route("A", "T", minimum=4), route("B", "T", minimum=minimum, maximum=9)]
    assert options(market_of({"A": 20, "B": 20}, {"T": 10}, routes), 1, 2) == found


@pytest.mark.parametrize(("minimum", "found"), [(19, ["B", "AB"]), (20, ["B"])])
def test_options_into__coarse_source__may_bring_up_to_a_step_more(
    minimum: int, found: list[str]
) -> None:
    # A step of A brings ten; with one step, B may bring 9 + 9, not 10 + 9.
    routes = [route("A", "T"), route("B", "T", minimum=minimum - 1)]
    market = market_of({"A": (1, 0), "B": (30, 1)}, {"T": (19, 1)}, routes)
    assert options(market, 1, 2) == found


@pytest.mark.parametrize(("most", "found"), [(10, ["A", "A", "AA"]), (9, [])])
def test_options_into__routes_of_one_source__need_their_minimums_together(
    most: int, found: list[str]
) -> None:
    routes = [
        route("A", "T", "Q", minimum=5),
        route("A", "T", "R", minimum=5),
    ]
    market = market_of({"A": most}, {"T": 10}, routes)
    assert options(market, 1, 2) == found


def test_option__of_two_edges__has_their_sums_and_the_longest_time() -> None:
    routes = [
        route("A", "T", fee=3, seconds=Fraction(60)),
        route("B", "T", fee=4, seconds=Fraction(20), fallback=True),
    ]
    market = market_of({"A": 10, "B": 10}, {"T": 12}, routes)
    bits = {market.edges[0]: 2, market.edges[1]: 1}

    (option,) = options_into(market, 0, range(2, 3), bits, endless())

    assert (option.fallbacks, option.fee, option.seconds, option.rank) == (1, 7, 60, 3)
    assert option.order == (1, 2, 7, Fraction(60), -3)


def test_least_fee__fixed_fees_of_other_decimals__are_summed_in_the_finest_unit() -> None:
    routes = [route("A", "T", fee=3), route("B", "T", fee=4)]
    market = market_of({"A": (100, 0), "B": (900, 2)}, {"T": (120, 2)}, routes)
    assert least_fee(market, 0, market.edges) == 304


@pytest.mark.parametrize(("need", "fee"), [(14, 6), (15, 7), (20, 7), (60, 20), (70, 30)])
def test_least_fee__shares__fill_the_cheapest_first(need: int, fee: int) -> None:
    """A charges 10 % and sends at most 50, B charges 50 %; each sends at least 10.

    Of 14, A brings 9 for 1, and B 5 for 5. Of 20, A brings the other 6 for 2/3, and the sum is
    rounded up. Of 60, A brings 45 for 5, and B 15 for 15; of 70, B brings 25 for 25.
    """
    routes = [
        route("A", "T", fee_bps=Fraction(1_000), minimum=10, maximum=50),
        route("B", "T", fee_bps=Fraction(5_000), minimum=10),
    ]
    market = market_of({"A": 100, "B": 100}, {"T": need}, routes)
    assert least_fee(market, 0, market.edges) == fee


def test_options_into__limit_of_a_route__counts_for_the_edges_that_share_it() -> None:
    routes = [route("A", "T", "R"), route("A", "U", "R"), route("A", "T", "S")]
    market = market_of({"A": 30}, {"T": 12, "U": 9}, routes, [limit("A", 10, "R")])
    assert options(market, 1, 2) == ["A", "AA"]


def test_least_fee__cheap_route_at_its_most__takes_the_rest_over_the_dear_one() -> None:
    market = rated_market()

    found = least_fee(market, 0, market.edges)

    # The cheap route brings 30 for 30 / 9, the dear one 70 for 3 + 73: 79 1/3, rounded up.
    assert found == 80


def test_options_into__coarse_source__brings_steps_of_ten() -> None:
    market = market_of({"A": (3, 0)}, {"T": (25, 1)})
    assert (fewest_into(market, 0), options(market, 1, 1)) == (1, ["A"])
    less = market_of({"A": (2, 0)}, {"T": (25, 1)})
    assert (fewest_into(less, 0), options(less, 1, 1)) == (None, [])


def test_least_fee__a_step_brings_more_than_is_missing__is_the_fee_of_the_step() -> None:
    # 2 tokens are sent so that 1 arrives; half a token is needed. The fee is 10 finest units.
    market = market_of({"A": (9, 0)}, {"T": (5, 1)}, [route("A", "T", fee_bps=Fraction(5_000))])
    assert least_fee(market, 0, market.edges) == 10


def test_least_fee__tenths_of_a_unit__are_rounded_up_in_tenths() -> None:
    market = finer_market()
    # 79 1/3, as in the test of the rated market.
    assert least_fee(market, 0, market.edges) == 794
