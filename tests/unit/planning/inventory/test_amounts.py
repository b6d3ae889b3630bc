"""Tests of the amounts for chosen edges; each result was computed manually."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from keepers.planning.inventory.amounts import Amounts, _branches
from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.solution import OutOfTimeError
from tests.unit.planning.inventory.markets import (
    answer,
    counted,
    endless,
    finer_market,
    limit,
    market_of,
    passed,
    rated_market,
    route,
)


def amounts_of(market: AssetMarket) -> Amounts:
    return Amounts(market, market.edges, endless())


def two_sources(**of_second: Any) -> Amounts:
    """Return amounts of a market in which A and B have 10 each and T lacks 15."""
    return amounts_of(
        market_of({"A": 10, "B": 10}, {"T": 15}, [route("A", "T"), route("B", "T", **of_second)])
    )


def test_best__free_routes__the_first_carries_all_that_it_can() -> None:
    amounts = two_sources()

    steps = amounts.best()

    assert steps == [10, 5]
    assert (amounts.total_fee([10, 5]), amounts.total_sum([10, 5])) == (0, 15)


def test_best__second_route_with_a_minimum__the_first_carries_the_rest() -> None:
    assert two_sources(minimum=8).best() == [7, 8]


def test_best__minimum_above_what_must_arrive__nothing_is_found() -> None:
    market = market_of({"A": 100}, {"T": 15}, [route("A", "T", minimum=16)])
    assert market.edges == []


def test_best__one_route_takes_half__as_little_as_possible_goes_by_it() -> None:
    # B brings 10; for 5 more, A sends 10, of which 5 are the fee.
    market = market_of(
        {"A": 100, "B": 10}, {"T": 15}, [route("A", "T", fee_bps=Fraction(5_000)), route("B", "T")]
    )
    amounts = amounts_of(market)

    assert amounts.best() == [5, 10]
    assert (amounts.total_fee([5, 10]), amounts.total_sum([5, 10])) == (5, 20)


def test_total_fee__sources_of_other_decimals__in_the_finest_unit() -> None:
    # One unit of A is 100 units of the trigger, which has the finest token.
    routes = [route("A", "T", fee=2), route("B", "T", fee=3)]
    market = market_of({"A": (30, 0), "B": (500, 2)}, {"T": (900, 2)}, routes)
    amounts = amounts_of(market)

    assert amounts.total_fee([4, 100]) == 2 * 100 + 3
    assert amounts.total_sum([4, 100]) == 6 * 100 + 103


def test_best__fee_depends_on_the_amount__the_largest_first_of_the_cheapest() -> None:
    # A charges 10 % and sends up to 50, B charges 50 %: A brings 45 for 5, B brings 15 for 15.
    routes = [
        route("A", "T", fee_bps=Fraction(1_000), maximum=50),
        route("B", "T", fee_bps=Fraction(5_000)),
    ]
    amounts = amounts_of(market_of({"A": 100, "B": 100}, {"T": 60}, routes))

    assert amounts.cheapest() == (20, [45, 15])
    assert amounts.best() == [45, 15]


def test_best__minimum_of_a_later_route_is_free__carries_no_more_than_that() -> None:
    # B sends at least 20 and is free, as is A: the first amount is as large as possible.
    routes = [route("A", "T"), route("B", "T", minimum=20)]
    amounts = amounts_of(market_of({"A": 45, "B": 100}, {"T": 60}, routes))

    assert amounts.best() == [40, 20]


def test_best__minimum_above_the_smallest_amount__the_sum_is_the_least() -> None:
    # C must send at least 31, so that it brings at least 3 steps of ten; A brings the rest.
    routes = [route("A", "T"), route("C", "T", minimum=31)]
    market = market_of({"A": (100, 1), "C": (100, 1)}, {"T": (10, 0)}, routes)

    # For 3 steps of C, 31 must be sent instead of 30; with 4 steps (40), the sum is just 100.
    assert amounts_of(market).best() == [6, 4]


@pytest.mark.parametrize(
    ("most_fee", "found"), [(None, (5, [5, 10])), (5, (5, [5, 10])), (4, None)]
)
def test_cheapest__fee_is_bounded__found_at_the_bound_and_not_below(
    most_fee: int | None, found: tuple[int, list[int]] | None
) -> None:
    market = market_of(
        {"A": 100, "B": 10}, {"T": 15}, [route("A", "T", fee_bps=Fraction(5_000)), route("B", "T")]
    )
    assert amounts_of(market).cheapest(most_fee) == found


def test_best__shares_rounded_up__least_fee_then_least_sum_then_largest_first() -> None:
    # 10 % and 20 % of the amount sent. Fees by the amount that arrives: A charges 1 up to 9; B
    # charges 1 up to 4, 2 up to 8, and 3 for 9. A has 6 and brings at most 5: 5 and 5 cost 1 and
    # 2, as do 4 and 6 ... 2 and 8; of these, the largest first amount wins.
    routes = [
        route("A", "T", fee_bps=Fraction(1_000)),
        route("B", "T", fee_bps=Fraction(2_000)),
    ]
    amounts = amounts_of(market_of({"A": 6, "B": 50}, {"T": 10}, routes))

    assert amounts.cheapest() is not None
    assert amounts.best() == [5, 5]
    assert amounts.total_fee([5, 5]) == 3


def test_best__fixed_fees__are_sent_besides() -> None:
    amounts = two_sources(fee=2)

    assert amounts.best() == [10, 5]
    assert (amounts.total_fee([10, 5]), amounts.total_sum([10, 5])) == (2, 17)


def test_best__coarse_source_may_bring_too_much__least_sum_wins_over_largest_first() -> None:
    # A unit of A is ten units of T: 2 steps of A and 5 of B bring 25; with 3 of A, more is sent.
    routes = [route("A", "T"), route("B", "T")]
    market = market_of({"A": (9, 0), "B": (9, 1)}, {"T": (25, 1)}, routes)

    assert amounts_of(market).best() == [2, 5]


def test_best__sources_do_not_suffice__is_none() -> None:
    market = market_of({"A": 7, "B": 7}, {"T": 15}, [route("A", "T"), route("B", "T")])
    assert amounts_of(market).best() is None


def test_best__one_source_for_two_triggers__is_none_where_it_has_a_unit_too_few() -> None:
    routes = [route("A", "T"), route("A", "U")]
    assert amounts_of(market_of({"A": 15}, {"T": 7, "U": 8}, routes)).best() == [7, 8]
    assert amounts_of(market_of({"A": 14}, {"T": 7, "U": 8}, routes)).best() is None


def test_best__cycle_of_four_edges__largest_in_order_of_names() -> None:
    routes = [route(source, sink) for source in "AB" for sink in "TU"]
    amounts = amounts_of(market_of({"A": 10, "B": 10}, {"T": 8, "U": 9}, routes))

    # A to T as much as possible, less the 1 that B must bring; then A to U; and so on.
    assert amounts.best() == [7, 3, 1, 6]


def test_best__limit_that_two_routes_share__bounds_their_sum() -> None:
    routes = [
        route("A", "T", "R"),
        route("A", "U", "R"),
        route("A", "U", "S"),
    ]
    market = market_of({"A": 30}, {"T": 8, "U": 9}, routes, [limit("A", 10, "R")])

    assert [(edge.name[1:], edge.draws) for edge in market.edges] == [
        (("T", "R"), (0, 1)),
        (("U", "R"), (0, 1)),
        (("U", "S"), (0,)),
    ]
    assert amounts_of(market).best() == [8, 2, 7]


def test_find__deadline_has_passed__raises() -> None:
    market = market_of({"A": 10}, {"T": 5}, [route("A", "T")])
    amounts = Amounts(market, market.edges, passed())
    with pytest.raises(OutOfTimeError):
        amounts.best()


@pytest.mark.parametrize(("most_sum", "found"), [(20, [5, 10]), (19, None)])
def test_find__sum_is_bounded__found_at_the_bound_and_not_below(
    most_sum: int, found: list[int] | None
) -> None:
    market = market_of(
        {"A": 100, "B": 10}, {"T": 15}, [route("A", "T", fee_bps=Fraction(5_000)), route("B", "T")]
    )
    amounts = amounts_of(market)
    amounts.most_sum = most_sum

    steps = amounts.find([1, 1], [15, 10])

    assert steps == found


def least_sum(found: int) -> Callable[[object, object], int]:
    """Return a function that gives a fixed lower bound for any ranges."""

    def bound(_low: object, _high: object) -> int:
        return found

    return bound


def test_lower__floor_is_not_reached__asks_further_and_further_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The floor is usually the answer; otherwise the distance from it doubles."""
    amounts = two_sources()
    asked: list[int] = []

    def find(_low: object, _high: object) -> list[int] | None:
        assert amounts.most_sum is not None
        asked.append(amounts.most_sum)
        return [38] if amounts.most_sum >= 38 else None

    monkeypatch.setattr(amounts, "find", find)
    monkeypatch.setattr(amounts, "_least_sum", least_sum(10))

    assert amounts._lower([40], [], [], lambda steps: steps[0], "most_sum") == [38]
    assert asked == [10, 12, 16, 24, 39, 25, 27, 31, 37]
    assert amounts.most_sum == 38


def test_lower__found_is_the_floor__asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = two_sources()
    monkeypatch.setattr(amounts, "_least_sum", least_sum(40))
    monkeypatch.delattr(Amounts, "find")
    assert amounts._lower([40], [], [], lambda steps: steps[0], "most_sum") == [40]


def test_amounts__some_edges__know_their_capacities_pools_and_units() -> None:
    routes = [route("A", "T", "R"), route("A", "U", "R"), route("A", "U", "S")]
    market = market_of({"A": (300, 1)}, {"T": 8, "U": 9}, routes, [limit("A", 100, "R")])
    every, last = (Amounts(market, each, endless()) for each in (market.edges, market.edges[2:]))
    assert (every.pools, every.capacities) == ({1: 0}, {0: 300, 1: 100})
    assert (last.pools, last.capacities) == ({}, {0: 300})
    assert (every.finest, every.needs, last.needs) == ({0: 10, 1: 10}, {0: 8, 1: 9}, {1: 9})


@pytest.mark.parametrize(
    ("low", "high", "parts"),
    [
        (1, 6, [(2, 3), (4, 5), (1, 1), (6, 6)]),
        (1, 3, [(2, 2), (1, 1), (3, 3)]),
        (1, 2, [(1, 1), (2, 2)]),
    ],
)
def test_branches__of_a_range__its_upper_end_is_last_and_so_tried_first(
    low: int, high: int, parts: list[tuple[int, int]]
) -> None:
    found = _branches(1, [4, low], [7, high])

    assert found == [([4, least], [7, most]) for least, most in parts]


@pytest.mark.parametrize(
    ("low", "high", "changed", "ranges"),
    [
        # The second brings 1 to 3 of the 15, so that the first brings 12 to 14.
        ([1, 1], [10, 3], None, None),
        ([1, 1], [15, 3], True, ([12, 1], [14, 3])),
        ([12, 1], [14, 3], False, ([12, 1], [14, 3])),
        ([1, 1], [12, 3], True, ([12, 3], [12, 3])),
        ([12, 4], [15, 4], None, None),
        ([11, 4], [15, 4], True, ([11, 4], [11, 4])),
        ([1, 5], [10, 5], True, ([10, 5], [10, 5])),
        ([1, 4], [10, 4], None, None),
    ],
)
def test_narrow_sink__what_must_arrive__bounds_each_range(
    low: list[int],
    high: list[int],
    changed: bool | None,
    ranges: tuple[list[int], list[int]] | None,
) -> None:
    amounts, low, high = two_sources(), [*low], [*high]

    assert amounts._narrow_sink(0, [0, 1], low, high) is changed
    if ranges is not None:
        assert (low, high) == ranges


def test_narrow_sink__steps_of_ten__round_towards_what_can_be() -> None:
    # A step of A brings 10, of B 1; 25 are needed, and at most 9 more may arrive.
    market = market_of(
        {"A": (9, 0), "B": (9, 1)}, {"T": (25, 1)}, [route("A", "T"), route("B", "T")]
    )
    amounts = amounts_of(market)
    low, high = [1, 1], [3, 9]

    assert amounts.spare == {0: 9}
    assert amounts._narrow_sink(0, [0, 1], low, high)
    assert (low, high) == ([2, 1], [3, 9])


@pytest.mark.parametrize(
    ("low", "high", "changed", "after"),
    [
        ([4, 5], [9, 9], True, [5, 6]),
        ([4, 6], [9, 9], True, [4, 6]),
        ([4, 5], [5, 6], False, [5, 6]),
        ([4, 7], [9, 9], None, [9, 9]),
        ([4, 6], [4, 6], False, [4, 6]),
        ([4, 1], [4, 9], True, [4, 6]),
    ],
)
def test_narrow_capacity__what_the_source_has__bounds_each_range(
    low: list[int], high: list[int], changed: bool | None, after: list[int]
) -> None:
    amounts = amounts_of(market_of({"A": 10}, {"T": 9, "U": 9}, [route("A", "T"), route("A", "U")]))
    low, high = [*low], [*high]

    assert amounts._narrow_capacity(0, [0, 1], low, high) is changed
    assert high == after


def test_narrow__one_decided_range__decides_the_other() -> None:
    amounts = two_sources()
    low, high = [10, 1], [10, 10]

    assert amounts._narrow(low, high)
    assert (low, high) == ([10, 5], [10, 5])


def test_narrow_sink__steps_of_ten__too_many_are_cut_off() -> None:
    market = market_of(
        {"A": (9, 0), "B": (9, 1)}, {"T": (25, 1)}, [route("A", "T"), route("B", "T")]
    )
    low, high = [1, 1], [9, 9]

    # A must bring at least 16 and may bring at most 33.
    assert amounts_of(market)._narrow_sink(0, [0, 1], low, high)
    assert (low, high) == ([2, 1], [3, 9])


def test_largest__halves_between_what_is_found_and_the_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amounts = amounts_of(market_of({"A": 10}, {"T": 10}, [route("A", "T")]))
    asked: list[int] = []

    def find(low: list[int], _: object) -> list[int] | None:
        asked.append(low[0])
        return low if low[0] <= 6 else None

    monkeypatch.setattr(amounts, "find", find)
    monkeypatch.setattr(amounts, "_most", answer(10))

    assert amounts._largest([1], [1], [10]) == [6]
    assert asked == [10, 5, 7, 6]


def checks_of(
    market: AssetMarket, low: list[int] | None = None, high: list[int] | None = None
) -> int:
    """Return the number of passes over the ranges of a market."""
    deadline, checks = counted()
    amounts = Amounts(market, market.edges, deadline)
    least, most = amounts._ranges()
    amounts._narrow(low or least, high or most)
    return len(checks)


def shrinking() -> AssetMarket:
    """Return a market with a cycle whose ranges shrink by one unit for too many passes."""
    routes = [route(source, sink, fee=1) for source in "AB" for sink in "TU"]
    return market_of({"A": 150_000, "B": 50_002}, {"T": 100_000, "U": 100_000}, routes)


def test_narrow__passes__until_nothing_changes_or_forty() -> None:
    market = market_of({"A": 10, "B": 10}, {"T": 15}, [route("A", "T"), route("B", "T")])
    assert checks_of(market, [10, 5], [10, 5]) == 1
    assert checks_of(market, [10, 1], [10, 10]) == 2
    assert checks_of(shrinking()) == 40


def test_narrow__at_the_most_passes__counts_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepers.planning.inventory.amounts.MOST_PASSES", 3)
    assert checks_of(shrinking()) == 3


def test_flows__too_much_for_one_trigger__is_nothing_for_another() -> None:
    # A has nothing left and brings 5 units more than T needs; U lacks one unit.
    market = market_of(
        {"A": (4, 0)}, {"T": (25, 1), "U": (1, 1)}, [route("A", "T"), route("A", "U")]
    )
    assert not amounts_of(market)._flows([3, 0], [3, 1])


def test_narrow__ranges_that_a_source_cannot_serve__says_so() -> None:
    amounts = amounts_of(market_of({"A": 10}, {"T": 6, "U": 6}, [route("A", "T"), route("A", "U")]))
    assert not amounts._narrow([1, 1], [6, 6])


@pytest.mark.parametrize(("third", "possible"), [(4, True), (3, False)])
def test_flows__needs_over_a_cycle__come_at_once_or_not(third: int, possible: bool) -> None:
    routes = [route("A", "T"), route("A", "U"), route("B", "T"), route("B", "U")]
    market = market_of({"A": 10, "B": 10}, {"T": 9, "U": 9}, routes)
    amounts = amounts_of(market)

    # At the lower ends, A and B have 8 left each, and T and U lack 7 each.
    assert [amounts._left(each, [1, 1, 1, 1]) for each in (0, 1)] == [8, 8]
    # A can bring 4 more to T, and B one less than its upper end.
    assert amounts._flows([1, 1, 1, 1], [5, 9, third, 9]) is possible


@pytest.mark.parametrize(("of_sources", "of_triggers"), [(0, 1), (1, 0), (2, 2)])
def test_flows__other_decimals__compares_tokens(of_sources: int, of_triggers: int) -> None:
    routes = [route("A", "T"), route("A", "U"), route("B", "T"), route("B", "U")]
    has, lacks = (10 * 10**of_sources, of_sources), (9 * 10**of_triggers, of_triggers)
    market = market_of({"A": has, "B": has}, {"T": lacks, "U": lacks}, routes)
    amounts = amounts_of(market)
    step = 10 ** min(of_sources, of_triggers)
    low = [step] * 4

    assert amounts._flows(low, [5 * step, 9 * step, 4 * step, 9 * step])
    assert not amounts._flows(low, [5 * step, 9 * step, 4 * step - 1, 9 * step])


@pytest.mark.parametrize(("first", "possible"), [(5, True), (6, False)])
def test_flows__lower_ends_take_all_of_a_source__is_possible_and_more_is_not(
    first: int, possible: bool
) -> None:
    routes = [route("A", "T"), route("A", "U"), route("B", "T"), route("B", "U")]
    amounts = amounts_of(market_of({"A": 10, "B": 10}, {"T": 9, "U": 9}, routes))
    assert amounts._flows([first, 5, 1, 1], [9, 5, 4, 4]) is possible


def test_flows__more_arrives_than_is_needed__nothing_is_missing() -> None:
    amounts = amounts_of(market_of({"A": (9, 0)}, {"T": (25, 1)}))
    assert amounts._flows([3], [3])


@pytest.mark.parametrize(("second", "possible"), [(54, True), (53, False)])
def test_narrow__ranges_shrink_by_a_unit_a_pass__asks_the_flow_after_the_last(
    second: int, possible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 200 are needed, and each of four transfers costs one unit.
    routes = [route(source, sink, fee=1) for source in "AB" for sink in "TU"]
    market = market_of({"A": 150, "B": second}, {"T": 100, "U": 100}, routes)
    monkeypatch.setattr("keepers.planning.inventory.amounts.MOST_PASSES", 1)
    deadline, checks = counted()
    amounts = Amounts(market, market.edges, deadline)

    low, high = amounts._ranges()

    assert amounts._narrow(low, high) is possible
    assert len(checks) == 1


def test_left__fees_and_decimals__in_the_finest_unit() -> None:
    routes = [route("A", "T", fee=2), route("A", "U")]
    market = market_of({"A": (30, 1)}, {"T": (500, 3), "U": (100, 3)}, routes)
    amounts = amounts_of(market)

    # 1 and 2 steps take 3 and 2 of A's 30 units; one unit is 100 of the finest token.
    assert amounts._left(0, [1, 2]) == 25 * 100


def test_least_sum__fees_besides_needs_or_lower_ends__whichever_is_more() -> None:
    market = market_of(
        {"A": 100, "B": 10}, {"T": 15}, [route("A", "T", fee_bps=Fraction(5_000)), route("B", "T")]
    )
    amounts = amounts_of(market)

    # B brings 10 without a fee, the other 5 cost 5.
    assert amounts._least_sum([1, 1], [15, 10]) == 20
    # Both ranges are decided, above the need: 20 and 10 are sent.
    assert amounts._least_sum([10, 10], [10, 10]) == 30


@pytest.mark.parametrize(
    ("low", "high", "fee"),
    [
        # Nothing is decided yet.
        ([2, 1], [3, 10], 80),
        # The cheap route is decided at 2 steps: 23 are sent for 20, a fee of 3. The dear route
        # brings 80 for 3 + 83. The bound is exact: only the share of the dear route is unrounded.
        ([2, 1], [2, 10], 89),
        # Both are decided: 3, and 3 + 83.
        ([2, 8], [2, 8], 89),
    ],
)
def test_amounts__ranges_of_steps__bound_the_fee_from_below(
    low: list[int], high: list[int], fee: int
) -> None:
    market = rated_market()
    amounts = Amounts(market, market.edges, endless())

    assert amounts._least_fee(low, high) == fee


@pytest.mark.parametrize(
    ("low", "high", "fee"),
    [
        # 3 steps of the cheap route cost a ninth of 30; 7 of the dear route cost 70 and twice 3.
        ([2, 1], [3, 10], Fraction(30, 9) + 76),
        # Decided at 2 steps, the cheap route costs 3; the other 8 steps cost 80 and 6.
        ([2, 1], [2, 10], Fraction(89)),
        # Nothing is missing, or more arrives than is needed.
        ([2, 8], [3, 10], Fraction(20, 9) + 86),
        ([2, 9], [3, 10], Fraction(20, 9) + 96),
    ],
)
def test_least_fee_into__tenths_of_a_unit__cheapest_filled_first(
    low: list[int], high: list[int], fee: Fraction
) -> None:
    market = finer_market()
    amounts = Amounts(market, market.edges, endless())
    assert amounts.scale == 9
    assert amounts._least_fee_into(0, low, high) == fee * 10 * 9
    plain = amounts_of(rated_market())
    assert plain._least_fee_into(0, low, high) == fee * 9


def test_least_sum__needs_in_the_finest_unit__and_fees() -> None:
    market = finer_market()
    amounts = Amounts(market, market.edges, endless())
    # 100 are needed, in tenths; the fee is rounded up to a tenth.
    assert amounts._least_sum([2, 1], [3, 10]) == 1_000 + 794
