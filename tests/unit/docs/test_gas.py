"""Tests of the documented gas table, which is the snapshot, and of the comparison."""

import pytest

from scripts.analysis.gas import DOCUMENT, Measured, differences, load, with_table


def test_gas__document__shows_the_snapshot() -> None:
    text = DOCUMENT.read_text()

    assert with_table(text, load()) == text, "run `make gas`"


@pytest.mark.parametrize(
    ("gas", "seen"),
    [(100_500, None), (100_501, "more than 100,000"), (99_500, None), (99_499, "less than")],
)
def test_differences__half_a_percent__is_the_line(gas: int, seen: str | None) -> None:
    found = differences(
        {"a": Measured(gas=gas, ceiling=None)}, {"a": Measured(gas=100_000, ceiling=None)}
    )

    assert found == [] if seen is None else seen in found[0]


def test_differences__other_names_or_ceilings__are_seen() -> None:
    one = {"a": Measured(gas=1, ceiling=None)}

    assert differences({}, one) == ["a: no longer measured"]
    assert differences(one, {}) == ["a: not in the snapshot"]
    assert differences(one, {"a": Measured(gas=1, ceiling=2)}) == ["a: the ceiling has changed"]
