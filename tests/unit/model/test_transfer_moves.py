"""Test of rows of the table of transfer moves that no other test covers."""

import pytest

from keepers.model.transfer import IN, INVEST, OUT, TransferCause, TransferMove, is_legal_move


@pytest.mark.parametrize("places", [OUT, IN, INVEST], ids=["out", "in", "invest"])
def test_rebuild__every_later_position_of_a_work__goes_back_to_its_first_and_to_no_other(
    places: tuple[object, ...],
) -> None:
    legal = {
        (start, end)
        for start in places
        for end in places
        if is_legal_move(TransferMove(start, end, TransferCause.REBUILD))  # type: ignore[arg-type]
    }

    assert legal == {(start, places[0]) for start in places[1:]}
