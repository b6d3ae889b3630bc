"""Tests of whole plans against manually computed vectors; each vector names its source."""

import json
from typing import Any

import pytest

from keepers.planning.files.tiers import plan_tiers_file
from tests.unit.vectors import assert_agrees, load_vectors

VECTORS = load_vectors("tiers")


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_plan_tiers_file__vector__answers_as_computed_by_hand(vector: dict[str, Any]) -> None:
    answer = plan_tiers_file(json.dumps(vector["input"]).encode())

    assert_agrees(answer.document, vector["expect"])
    assert answer.exit_status == vector["exit_status"]
