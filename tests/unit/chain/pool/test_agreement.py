"""Tests of the agreement of answers, and of agreement that is certain before all arrive."""

from __future__ import annotations

import pytest

from keepers.chain.pool.agreement import agreed, is_settled_by
from keepers.model.errors.chain import NodesDisagreeError


@pytest.mark.parametrize(
    ("answers", "quorum", "expected"),
    [([1, 1, 2], 2, 1), ([1, 1, None], 2, 1), ([1, None, None], 2, None), ([1, 1, 2], 1, 1)],
)
def test_agreed__a_quorum_outnumbers_the_rest__is_its_answer(
    answers: list[int | None], quorum: int, expected: int | None
) -> None:
    assert agreed(answers, quorum, "it") == expected


@pytest.mark.parametrize(
    ("answers", "quorum"), [([1, 2], 1), ([1, 2, None], 1), ([1, 2, 3], 2), ([1, 1, 2, 2], 2)]
)
def test_agreed__nobody_outnumbers_the_rest__is_an_error(
    answers: list[int | None], quorum: int
) -> None:
    with pytest.raises(NodesDisagreeError):
        agreed(answers, quorum, "it")


@pytest.mark.parametrize(
    ("answers", "outstanding", "quorum", "expected"),
    [
        ([1], 1, 1, False),
        ([1, 1], 1, 2, True),
        ([1, 2], 1, 2, False),
        ([None, None], 1, 2, True),
        ([None], 1, 1, False),
    ],
)
def test_settled__one_more_could_change_it__is_not(
    answers: list[int | None], outstanding: int, quorum: int, expected: bool
) -> None:
    assert is_settled_by(quorum)(answers, outstanding) is expected
