"""Tests of plans in base units against the formulas in a contract's 256-bit arithmetic."""

import json
from typing import Any

from hypothesis import assume, given

from keepers.model.errors import InputError
from keepers.planning.files.weights import decode_weights_request
from keepers.planning.weights import plan_weights
from tests.unit.planning.weights.contract import Contract
from tests.unit.planning.weights.strategies import documents


@given(documents(rounding="token", whole_bps=True))
def test_plan_weights__rounded_to_tokens__equals_a_contract_to_the_last_unit(
    document: dict[str, Any],
) -> None:
    request = decode_weights_request(json.dumps(document).encode())
    contract = Contract(request)
    rejected = contract.run()
    try:
        plan = plan_weights(request)
    except InputError:
        assume(False)
        return

    assert {sale.symbol: sale.quantity for sale in plan.sales} == contract.sold
    assert {sale.symbol: sale.received for sale in plan.sales} == contract.received
    assert {each.symbol: each.paid for each in plan.purchases} == contract.paid
    assert {each.symbol: each.quantity for each in plan.purchases} == contract.bought
    assert plan.rejection == rejected
