"""The planner against `WeightMath` on chain: whole runs, equal to the last unit."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.abi import (
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from eth_utils.conversions import to_bytes, to_hex

from keepers.model.errors import InputError
from keepers.model.money import format_units
from keepers.model.weights import Spend, WeightsPlan, WeightsRequest
from keepers.planning.files.weights import decode_weights_request
from keepers.planning.weights import plan_weights
from scripts.deployment.chain import ROOT
from tests.unit.planning.weights.contract import PRICE_DECIMALS, SLIPPAGE, WHOLE, unit_price, whole
from tests.unit.vectors import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.network.chain import LocalChain

STATES = 5_000
STATES_A_CALL = 250
HARNESS = "0x" + "00" * 18 + "c0de"
SCALE = 10 ** (18 + PRICE_DECIMALS)
VECTOR_CASES: dict[str, dict[str, Any]] = {
    case["name"]: case for case in json.loads((VECTORS / "weights.json").read_text())
}


class Harness:
    """`WeightMathHarness`, with its code set at an address for the duration of a call."""

    def __init__(self, chain: LocalChain) -> None:
        path = ROOT / "out" / "WeightMathHarness.sol" / "WeightMathHarness.json"
        artifact = json.loads(path.read_text())
        (function,) = (each for each in artifact["abi"] if each["name"] == "runAll")
        self._chain = chain
        self._code = {HARNESS: {"code": artifact["deployedBytecode"]["object"]}}
        self._inputs, self._outputs = get_abi_input_types(function), get_abi_output_types(function)
        self._selector = function_abi_to_4byte_selector(function)

    def run(self, requests: Sequence[WeightsRequest]) -> Sequence[tuple[Any, ...]]:
        # Encoded here, because a contract object takes ten times as long.
        data = self._selector + encode(self._inputs, [[state_of(each) for each in requests]])
        answer = self._chain.rpc(
            "eth_call", {"to": HARNESS, "data": to_hex(data)}, "latest", self._code
        )
        return decode(self._outputs, to_bytes(hexstr=answer))[0]


@pytest.fixture(scope="module")
def harness(local_chain: LocalChain) -> Harness:
    return Harness(local_chain)


def state_of(request: WeightsRequest) -> tuple[Any, ...]:
    """Return a request in the harness's form, with the assets in their given order."""
    portfolio, sell = request.portfolio, request.sell
    holdings = [*portfolio.assets, portfolio.settlement]
    basket = (
        [unit_price(holding) for holding in holdings],
        [holding.quantity for holding in holdings],
        [whole(holding.target or 0) for holding in holdings],
    )
    limit = WHOLE if request.maximum_loss is None else whole(request.maximum_loss)
    return (
        basket,
        portfolio.settlement.target is not None,
        request.spend is Spend.PROCEEDS,
        whole(request.minimum_trade * SCALE),
        sell is None,
        [*((sell or {}).get(asset.symbol, 0) for asset in portfolio.assets), 0],
        [whole(asset.sell_slippage * SLIPPAGE) for asset in portfolio.assets],
        [whole(asset.buy_slippage * SLIPPAGE) for asset in portfolio.assets],
        limit,
    )


def expected(request: WeightsRequest, plan: WeightsPlan) -> tuple[Any, ...]:
    """Return the expected answer of the harness: every quantity, and the rejection."""
    symbols = [asset.symbol for asset in request.portfolio.assets]
    sales = {sale.symbol: sale for sale in plan.sales}
    purchases = {purchase.symbol: purchase for purchase in plan.purchases}
    rejection = plan.rejection
    deviations = [
        whole(WHOLE * weighing.deviation * weighing.total_value * SCALE)
        for weighing in (plan.before, plan.after)
    ]
    return (
        [sales[each].quantity if each in sales else 0 for each in symbols],
        [sales[each].received if each in sales else 0 for each in symbols],
        [purchases[each].paid if each in purchases else 0 for each in symbols],
        [purchases[each].quantity if each in purchases else 0 for each in symbols],
        deviations,
        [whole(plan.before.total_value * SCALE), whole(plan.after.total_value * SCALE)],
        None if rejection is None else rejection.value,
    )


def answered(outcome: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the harness's answer in the same form."""
    sold, received, paid, bought, deviations, totals, keeps, improves = outcome
    rejection = None if improves else "NotImproved"
    if not keeps:
        rejection = "MaxTotalValueLoss"
    quantities = [list(each[:-1]) for each in (sold, received, paid, bought)]
    return (*quantities, list(deviations), [totals[0], totals[2]], rejection)


def shares(source: random.Random, count: int) -> list[int]:
    """Return target weights that sum to 10,000; some of them may be 0."""
    borders = sorted(source.randint(0, WHOLE) for _ in range(count - 1))
    return [high - low for low, high in zip([0, *borders], [*borders, WHOLE], strict=True)]


def asset(source: random.Random, symbol: str, target: int) -> dict[str, Any]:
    """Return an asset worth between dust and billions, often near its target."""
    decimals = source.choice((0, 2, 6, 8, 18))
    price = source.choice((10**8, source.randint(1, 10**9), source.randint(10**8, 10**13)))
    worth = source.choice((target * 10 ** source.randint(0, 5), source.randint(0, 10**9)))
    quantity = source.randint(worth * 9, worth * 11) * 10 ** (decimals + 7) // price
    return {
        "symbol": symbol,
        "quantity": format_units(quantity, decimals),
        "price": format_units(price, 8),
        "decimals": decimals,
        "target_weight_bps": str(target),
    }


def document(source: random.Random) -> dict[str, Any]:
    """Return a random planning file."""
    targets = shares(source, source.randint(2, 7))
    settlement = asset(source, "USDT", targets.pop())
    if source.random() < 1 / 4:
        targets[0] += int(settlement.pop("target_weight_bps"))
    assets = [asset(source, f"A{index}", target) for index, target in enumerate(targets)]
    for each in assets:
        for side in ("sell_slippage", "buy_slippage"):
            each[side] = format_units(source.choice((0, source.randint(0, 3000))), 4)
    found: dict[str, Any] = {"settlement": settlement, "assets": assets, "rounding": "token"}
    if source.random() < 1 / 3:
        found["sell"] = sales(source, assets)
    if source.random() < 1 / 2:
        found["spend"] = source.choice(("surplus", "proceeds"))
    if source.random() < 1 / 2:
        found["minimum_trade"] = format_units(source.randint(0, 10 ** source.randint(0, 10)), 3)
    if source.random() < 1 / 2:
        found["max_total_value_loss_bps"] = str(source.randint(0, 10 ** source.randint(1, 4)))
    return found


def sales(source: random.Random, assets: list[dict[str, Any]]) -> dict[str, str]:
    """Return sales of random parts of some holdings."""
    found: dict[str, str] = {}
    for each in assets:
        held = int(Fraction(each["quantity"]) * 10 ** each["decimals"])
        if held and source.random() < 1 / 2:
            found[each["symbol"]] = format_units(source.randint(1, held), each["decimals"])
    return found


def planned(seed: int) -> Iterator[tuple[WeightsRequest, WeightsPlan]]:
    """Yield random requests with their plans, without those of no value."""
    source = random.Random(seed)
    while True:
        try:
            request = decode_weights_request(json.dumps(document(source)).encode())
            yield request, plan_weights(request)
        except InputError:
            continue


def test_weight_math__random_states__equals_the_planner_to_the_last_unit(harness: Harness) -> None:
    plans = planned(seed=20_260)
    traded = rejected = 0
    for _ in range(STATES // STATES_A_CALL):
        batch = list(islice(plans, STATES_A_CALL))
        outcomes = harness.run([request for request, _ in batch])
        for (request, plan), outcome in zip(batch, outcomes, strict=True):
            assert answered(outcome) == expected(request, plan), request
            traded += bool(plan.sales and plan.purchases)
            rejected += plan.rejection is not None
    assert traded > STATES / 4, traded
    assert STATES / 10 < rejected < STATES * 9 / 10, rejected


@pytest.mark.parametrize("case", VECTOR_CASES.values(), ids=VECTOR_CASES.keys())
def test_weight_math__vector__equals_the_planner_and_what_was_computed_by_hand(
    harness: Harness, case: dict[str, Any]
) -> None:
    given = case["input"] | {"rounding": "token"}
    request = decode_weights_request(json.dumps(given).encode())
    (outcome,) = harness.run([request])
    assert answered(outcome) == expected(request, plan_weights(request))
    # The vector is exact; on chain each quantity is rounded down to base units of its token.
    by_hand, cent = case["expect"], Fraction(1, 10**6)
    bought = dict(zip((each.symbol for each in request.portfolio.assets), outcome[3], strict=False))
    for symbol, quantity in by_hand["buy"].items():
        assert 0 <= Fraction(quantity) - Fraction(bought[symbol], 10**18) < cent
    totals = [Fraction(total, SCALE) for total in outcome[5]]
    assert totals[0] == Fraction(by_hand["total_before"])
    assert abs(totals[2] - Fraction(by_hand["total_after"])) < 2 * cent
    assert (outcome[6] and outcome[7]) == by_hand["accepted"]
    assert outcome[7] == by_hand["improved"]
