"""Amounts in another token's decimals: rounded up for what is required, down for what arrives."""

from __future__ import annotations

import pytest

from keepers.model.bridge import to_units, to_units_down


@pytest.mark.parametrize(
    ("amount", "decimals", "wanted", "up", "down"),
    [
        (5, 6, 6, 5, 5),
        (5, 6, 18, 5 * 10**12, 5 * 10**12),
        (2 * 10**12, 18, 6, 2, 2),
        (2 * 10**12 + 1, 18, 6, 3, 2),
        (2 * 10**12 - 1, 18, 6, 2, 1),
    ],
)
def test_to_units__other_decimals__is_exact_or_rounded(
    amount: int, decimals: int, wanted: int, up: int, down: int
) -> None:
    assert to_units(amount, decimals, wanted) == up
    assert to_units_down(amount, decimals, wanted) == down
