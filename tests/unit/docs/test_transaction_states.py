"""Tests that the page of transaction states matches the table of legal moves."""

from keepers.model.transaction_moves import MOVES
from keepers.model.transaction_states import EntityType
from scripts.transaction_states import PAGE, TITLES, page


def test_page__is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run `python -m scripts.transaction_states`"


def test_page__draws_every_move() -> None:
    text = PAGE.read_text()
    assert set(TITLES) == set(EntityType)
    assert all(f"    {move.start or '[*]'} --> {move.end}: " in text for move in MOVES)
