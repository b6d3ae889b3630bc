"""Tests of the planner against a search of all plans, over random files of a few chains."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from keepers.planning.files.inventory import plan_inventory_file
from tests.support.deep import IS_DEEP
from tests.unit.planning.inventory.exhaustive import MOST, Exhaustive
from tests.unit.planning.inventory.oracle import Oracle
from tests.unit.planning.inventory.strategies import (
    FAMILIES,
    LARGE,
    Family,
    any_documents,
    documents,
    seeded_document,
)

pytestmark = [pytest.mark.long, pytest.mark.deep]

FILES = 3000 if IS_DEEP else 70
"""Number of files of each family."""
LARGE_FILES = 400 if IS_DEEP else 20
TINY_FILES = 1500 if IS_DEEP else 30
BLOCKS = 3
"""Number of parts that can run in parallel."""


def assert_as_expected(document: dict[str, Any]) -> None:
    oracle = Oracle(document)

    answer = plan_inventory_file(json.dumps(document).encode())

    assert dict(answer.document, plan_id=None) == oracle.answer() | {"plan_id": None}
    assert answer.exit_status == oracle.exit_status()


def tiny(family: Family) -> Family:
    return replace(
        family, sources=2, triggers=2, others=0, assets=1, largest=5, flights=False, solver=None
    )


TINY = {
    name: tiny(family)
    for name, family in FAMILIES.items()
    if family.solver is None and not name.startswith("far")
}


@pytest.mark.parametrize(
    ("name", "seed"),
    [("far decimals", 432), ("far decimals", 1013), ("far decimals, routes", 2361)],
)
def test_plan_inventory_file__ranges_that_narrow_by_a_unit__agrees_with_brute_force(
    name: str, seed: int
) -> None:
    assert_as_expected(seeded_document(FAMILIES[name], seed))


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("name", FAMILIES)
def test_plan_inventory_file__random_files__agrees_with_brute_force(name: str, block: int) -> None:
    for seed in range(block, FILES, BLOCKS):
        assert_as_expected(seeded_document(FAMILIES[name], seed))


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("name", LARGE)
def test_plan_inventory_file__ten_chains__agrees_with_brute_force(name: str, block: int) -> None:
    for seed in range(block, LARGE_FILES, BLOCKS):
        assert_as_expected(seeded_document(LARGE[name], seed))


@given(any_documents())
def test_plan_inventory_file__any_file__agrees_with_brute_force(document: dict[str, Any]) -> None:
    assert_as_expected(document)


@given(documents(FAMILIES["greedy, routes"]))
def test_plan_inventory_file__greedy__agrees_with_the_rulebook(document: dict[str, Any]) -> None:
    assert_as_expected(document)


@pytest.mark.parametrize("name", TINY)
def test_oracle__files_of_a_few_units__agrees_with_trying_every_amount(name: str) -> None:
    tried = 0
    for seed in range(TINY_FILES):
        for asset in Oracle(seeded_document(TINY[name], seed)).assets:
            exhaustive = Exhaustive(asset)
            if exhaustive.size <= MOST:
                assert asset.plan == exhaustive.best(), seed
                tried += 1
    assert tried > TINY_FILES // 2
