"""Tests of the planner against an independent implementation, over random portfolios."""

import json
from typing import Any

import pytest
from hypothesis import given

from keepers.model.errors import InputError
from keepers.planning.files.weights import plan_weights_file
from tests.unit.planning.weights.oracle import Oracle
from tests.unit.planning.weights.strategies import documents

pytestmark = pytest.mark.long


@given(documents())
def test_plan_weights_file__any_portfolio__agrees_with_the_oracle(document: dict[str, Any]) -> None:
    try:
        expected = Oracle(document).answer()
    except ZeroDivisionError:
        with pytest.raises(InputError):
            plan_weights_file(json.dumps(document).encode())
        return

    answer = plan_weights_file(json.dumps(document).encode())

    assert dict(answer.document, plan_id=None) == expected | {"plan_id": None}
    assert answer.exit_status == 0
