"""Tests of positions during the making of orders, and of amounts divided over them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.tier_config import Tier
from keepers.planning.orders.book import Entry, Recipient, TierPositions, spread
from tests.unit.planning.orders.test_orders import leg, position


@pytest.mark.parametrize(
    ("slots", "amount", "parts"),
    [
        # Wanted amounts first, then recipients that already have a part, then in order.
        ([(0, 10), (5, 10)], 5, [0, 5]),
        ([(0, 10), (5, 10)], 12, [2, 10]),
        ([(5, 10), (0, 10)], 12, [10, 2]),
        ([(0, 10), (0, 10)], 12, [10, 2]),
        # More is wanted than is possible.
        ([(20, 10), (5, 10)], 14, [10, 4]),
        ([(20, 10), (20, 10)], 25, [10, 10]),
        ([], 5, []),
    ],
)
def test_spread__no_minimum__wanted_then_possible(
    slots: list[tuple[int, int]], amount: int, parts: list[int]
) -> None:
    assert spread(amount, [Recipient(*each) for each in slots], 0) == parts


@pytest.mark.parametrize(
    ("slots", "amount", "parts"),
    [
        # A part at the minimum stays.
        ([(10, 20), (10, 10)], 20, [10, 10]),
        # A part one unit below is merged into the other.
        ([(11, 20), (9, 10)], 20, [20, 0]),
        # It is merged if the room just suffices; with one unit less, the other gives instead.
        ([(14, 20), (6, 10)], 20, [20, 0]),
        ([(14, 19), (6, 10)], 20, [10, 10]),
        # A part of one unit is also merged.
        ([(19, 20), (1, 1)], 20, [20, 0]),
        # A part that is itself too small grows by the other part.
        ([(1, 10), (9, 9)], 10, [10, 0]),
        # Neither merged nor raised: the other takes as much as it can.
        ([(13, 14), (6, 9)], 19, [14, 0]),
        # Two others give what they have above the minimum, the first all of it.
        ([(13, 13), (12, 12), (6, 10)], 31, [10, 11, 10]),
        ([(10, 10), (12, 12), (8, 10)], 30, [10, 10, 10]),
    ],
)
def test_spread__minimum_of_ten__no_part_is_below_it(
    slots: list[tuple[int, int]], amount: int, parts: list[int]
) -> None:
    assert spread(amount, [Recipient(*each) for each in slots], 10) == parts


def entry(value: int, ideal: int, **facts: int) -> Entry:
    weight = facts.pop("weight", 1)
    return Entry(position("A", Tier.L3, value, weight, **facts), Fraction(ideal), value)


@pytest.mark.parametrize(
    ("value", "ideal", "liquidity", "slot"),
    [
        (300, 250, 1_000, (50, 300)),
        (300, 250, 40, (50, 40)),
        (300, 300, 1_000, (0, 300)),
        (300, 301, 1_000, (0, 300)),
    ],
)
def test_sale_slot__value_above_ideal__is_wanted_and_liquidity_possible(
    value: int, ideal: int, liquidity: int, slot: tuple[int, int]
) -> None:
    assert entry(value, ideal, exit_liquidity=liquidity).sale_slot() == Recipient(*slot)


def test_sale_slot__after_sales__less_is_possible() -> None:
    held = entry(300, 0, exit_liquidity=100)

    assert held.sell(60) == 120
    assert held.sale_slot() == Recipient(240, 40)
    held.sell(50)
    assert held.sale_slot() == Recipient(190, 0)


def test_sale_slot__half_a_unit_above_ideal__rounds_down() -> None:
    held = Entry(position("A", Tier.L3, 3, 1), Fraction(3, 2), 3)
    assert (held.sale_slot().wanted, held.excess) == (1, Fraction(3, 2))


@pytest.mark.parametrize(
    ("facts", "slot"),
    [
        ({}, (50, 70)),
        ({"cap": 260}, (50, 60)),
        ({"cap": 200}, (50, 0)),
        ({"cap": 150}, (50, 0)),
        ({"weight": 0}, (50, 0)),
        ({"weight": 1}, (50, 70)),
    ],
)
def test_purchase_slot__value_below_ideal__is_wanted_and_the_cap_possible(
    facts: dict[str, int], slot: tuple[int, int]
) -> None:
    assert entry(200, 250, **facts).purchase_slot(70) == Recipient(*slot)


def test_purchase_slot__above_ideal__wants_nothing() -> None:
    assert entry(200, 200).purchase_slot(70).wanted == 0
    assert entry(200, 150).purchase_slot(70).wanted == 0


def test_entry__bought_and_sold_again__counts_value_and_units() -> None:
    held = entry(100, 0, balance=10)

    held.buy(20)
    assert held.value == 120
    assert held.sell(55) == 5
    assert (held.value, held.sold, held.quantity_sold) == (65, 55, 5)
    # The sale of the last value includes all remaining units.
    assert held.sell(65) == 5


def test_tier_positions__ideals__are_shares_of_the_tier_after_all_legs() -> None:
    held = [position("A", Tier.L3, 300, 1), position("B", Tier.L3, 100, 3)]
    legs = [leg(Tier.L3, Tier.L1, 60), leg(Tier.L2, Tier.L3, 20)]

    entries = TierPositions(held, legs).most_overweight_first(Tier.L3)

    assert [(each.position.asset, each.ideal) for each in entries] == [("A", 90), ("B", 270)]


def test_tier_positions__tier_gives_more_than_it_has__ideals_are_nothing() -> None:
    entries = TierPositions(
        [position("A", Tier.L3, 30, 1)], [leg(Tier.L3, Tier.L1, 60)]
    ).widest_gap_first(Tier.L3)
    assert entries[0].ideal == 0


def test_tier_positions__no_weights__ideals_are_nothing() -> None:
    (held,) = TierPositions([position("A", Tier.L3, 30, 0)], []).widest_gap_first(Tier.L3)
    assert held.ideal == 0


def test_tier_positions__equal_gaps__are_in_the_order_of_names() -> None:
    held = [position(name, Tier.L3, 30, 1) for name in "BAC"]
    book = TierPositions(held, [])
    assert [each.position.asset for each in book.widest_gap_first(Tier.L3)] == ["A", "B", "C"]
    assert [each.position.asset for each in book.most_overweight_first(Tier.L3)] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("rooms", "amount", "parts"),
    [
        # The second part, 6, is below the minimum of 10: the first gives its 4 above it.
        ((14, 10), 20, [10, 10]),
        # Without room for the minimum the second is left out.
        ((14, 9), 20, [14, 0]),
        # The first has 3 above the minimum, and 4 are missing.
        ((13, 10), 19, [13, 0]),
    ],
)
def test_spread__part_below_the_minimum__is_raised_where_room_and_spare_just_suffice(
    rooms: tuple[int, int], amount: int, parts: list[int]
) -> None:
    slots = [Recipient(wanted=room, room=room) for room in rooms]

    assert spread(amount, slots, minimum=10) == parts
