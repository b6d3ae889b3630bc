"""Transactions cost what the snapshot says."""

from scripts.analysis.gas import differences, load, measure


def test_gas__whole_transactions__as_in_the_snapshot() -> None:
    assert differences(measure(), load()) == [], "run `make gas` if that is intended"
