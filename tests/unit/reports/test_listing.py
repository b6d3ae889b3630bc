"""O25: a narrow terminal cuts no text, and in particular no amount."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from keepers.reports.terminal import Listing

COLUMNS = ("asset", "amount", "value in dollars", "waits for")
ROW = ("AAVE-USDC", "259943.287037", "259901.112233", "its turn after the one before it")


def rendered(listing: Listing, width: int) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(listing)
    return captured.get()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_listing__any_width__has_every_word_whole(width: int) -> None:
    text = rendered(Listing(COLUMNS, [ROW, ROW]), width)
    assert "…" not in text
    words = text.split()
    for word in ("259943.287037", "259901.112233", "AAVE-USDC"):
        assert words.count(word) == 2
    assert max(map(len, text.splitlines())) <= width


def test_listing__wide_enough__is_a_table() -> None:
    text = rendered(Listing(COLUMNS, [ROW]), 120)
    assert text.count("asset") == 1
    assert "its turn after the one before it" in text


word = st.text("abc0123456789.", min_size=1, max_size=18)


@given(
    rows=st.lists(st.tuples(word, word, word), min_size=1, max_size=4), width=st.integers(40, 90)
)
def test_listing__any_cells__are_there_whole(rows: list[tuple[str, ...]], width: int) -> None:
    text = rendered(Listing(("one", "two", "three"), rows), width)
    for row in rows:
        for cell in row:
            assert cell in text
