"""Defaults of values that move money: free, unlimited, exact; and numbers shared with contracts."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from keepers.model.approval import Verb
from keepers.model.batch import TargetOrder
from keepers.model.bridge import Tariff

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts" / "vault"


def test_tariff__without_figures__is_free_and_without_limits() -> None:
    tariff = Tariff()
    assert (tariff.fee(10**9), tariff.arriving(7)) == (0, 7)
    assert (tariff.least_for(1), tariff.most()) == (1, None)


def test_target_order__without_tolerance__is_exact() -> None:
    assert TargetOrder(targets={}).tolerance == Fraction(0)


@pytest.mark.parametrize(("name", "verb"), [("PURCHASE", Verb.PURCHASE), ("REDEEM", Verb.SALE)])
def test_verb__number__is_that_of_the_controller(name: str, verb: Verb) -> None:
    texts = [file.read_text() for file in CONTRACTS.glob("*.sol")]
    numbers = {found for text in texts for found in re.findall(rf"{name} = (\d+);", text)}
    assert numbers == {str(int(verb))}
