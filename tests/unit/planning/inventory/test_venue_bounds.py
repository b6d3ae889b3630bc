"""Shares of investments and divestments, by hand."""

from __future__ import annotations

import pytest

from keepers.model.treasury import VenuePosition
from keepers.planning.inventory.venue_bounds import least_shares, most_shares
from tests.unit.planning.inventory.inventories import venue


@pytest.mark.parametrize(
    ("position", "least"),
    [
        (None, 0),
        # Shares without value have no price.
        (venue(7, 0), 0),
        # 100 at 3 shares for 2 are 150; less 1 % are 148.5.
        (venue(300, 200), 148),
    ],
)
def test_least_shares__at_the_venue_s_price__rounds_down(
    position: VenuePosition | None, least: int
) -> None:
    assert least_shares(position, 100, 100) == least


@pytest.mark.parametrize(
    ("amount", "most"),
    [
        # 150 and 1 % are 151.5.
        (100, 152),
        (200, 300),
    ],
)
def test_most_shares__at_the_venue_s_price__rounds_up_to_what_there_is(
    amount: int, most: int
) -> None:
    assert most_shares(venue(300, 200), amount, 100) == most


def test_most_shares__position_without_value__is_all_that_there_is() -> None:
    assert most_shares(venue(7, 0), 1, 0) == 7
    assert most_shares(venue(7, 1), 1, 0) == 7
    assert most_shares(venue(3, 0), 2, 0) == 3
