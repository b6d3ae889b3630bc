"""Tests of unusable planning files for weights: each mistake names its field in one line."""

import json
from typing import Any

import pytest

from keepers.model.errors import EXIT_UNUSABLE_INPUT, InputError
from keepers.planning.files.weights import plan_weights_file

CASH: dict[str, Any] = {"symbol": "USDT", "quantity": "10", "price": "1", "decimals": 6}
BTC: dict[str, Any] = {
    "symbol": "BTC",
    "quantity": "0.5",
    "price": "50000",
    "decimals": 8,
    "target_weight_bps": "4000",
}
ETH = BTC | {"symbol": "ETH", "target_weight_bps": "6000"}
BASE: dict[str, Any] = {"settlement": CASH, "assets": [BTC, ETH]}


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        plan_weights_file(data)
    assert caught.value.exit_status == EXIT_UNUSABLE_INPUT
    assert "\n" not in str(caught.value)
    return caught.value


def cash(**members: Any) -> dict[str, Any]:
    return {"settlement": CASH | members}


def btc(**members: Any) -> dict[str, Any]:
    return {"assets": [BTC | members, ETH]}


NOTHING: dict[str, Any] = {
    "settlement": CASH | {"quantity": "0"},
    "assets": [BTC | {"quantity": "0"}, ETH | {"quantity": "0.0"}],
}
DUST: dict[str, Any] = {
    "settlement": CASH | {"quantity": "0", "decimals": 0},
    "assets": [BTC | {"quantity": "0.00000001"}, ETH | {"quantity": "0"}],
    "sell": {"BTC": "0.00000001"},
}
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"settlement": None}, "settlement", "must be an object, not null"),
    ({"assets": {}}, "assets", "must be a list, not an object"),
    ({"assets": ["BTC"]}, "assets[0]", "must be an object, not a string"),
    (cash(symbol=""), "settlement.symbol", "must not be empty"),
    (cash(decimals=19), "settlement.decimals", "JSON integer"),
    (cash(quantity=10), "settlement.quantity", "not a JSON number"),
    (cash(quantity="0.0000001"), "settlement.quantity", "7 decimals"),
    (cash(quantity="-1"), "settlement.quantity", "is not a number"),
    (cash(price="0"), "settlement.price", "must be above 0"),
    (cash(price="1e3"), "settlement.price", "is not a number"),
    (cash(target_weight_bps="1"), "assets", "sum to 10001"),
    (cash(target_weight_bps=1), "settlement.target_weight_bps", "not a JSON number"),
    (cash(sell_slippage="0"), "settlement.sell_slippage", "is unknown here"),
    (btc(symbol="ETH"), "assets[1].symbol", "'ETH' is held twice"),
    (btc(symbol="USDT"), "assets[0].symbol", "'USDT' is held twice"),
    (btc(symbol=None), "assets[0].symbol", "must be a string, not null"),
    (btc(decimals="8"), "assets[0].decimals", "JSON integer"),
    (btc(quantity="0.123456789"), "assets[0].quantity", "9 decimals"),
    (btc(quantity=" 1"), "assets[0].quantity", "is not a number"),
    (btc(quantity="9" * 80), "assets[0].quantity", "256 bits"),
    (btc(price="0.000"), "assets[0].price", "must be above 0"),
    (btc(price="+1"), "assets[0].price", "is not a number"),
    (btc(price="1" * 101), "assets[0].price", "101 characters"),
    (btc(target_weight_bps="3999.5"), "assets", "target_weight_bps sum to 9999.5"),
    (btc(target_weight_bps="-4000"), "assets[0].target_weight_bps", "is not a number"),
    (btc(target_weight_bps=None), "assets[0].target_weight_bps", "not null"),
    (btc(sell_slippage="1"), "assets[0].sell_slippage", "1 is not below 1"),
    (btc(sell_slippage="1.5"), "assets[0].sell_slippage", "1.5 is not below 1"),
    (btc(sell_slippage="-0.1"), "assets[0].sell_slippage", "is not a number"),
    (btc(buy_slippage="2 %"), "assets[0].buy_slippage", "is not a number"),
    (btc(slippage="0.1"), "assets[0].slippage", "is unknown here"),
    ({"sell": []}, "sell", "must be an object, not a list"),
    ({"sell": {"USDT": "1"}}, "sell.USDT", "is not one of the assets"),
    ({"sell": {"DOGE": "1"}}, "sell.DOGE", "is not one of the assets"),
    ({"sell": {"BTC": "0"}}, "sell.BTC", "must be above 0"),
    ({"sell": {"BTC": "0.50000001"}}, "sell.BTC", "0.50000001 is more than the 0.5 held"),
    ({"sell": {"BTC": "0.000000001"}}, "sell.BTC", "9 decimals"),
    ({"sell": {"BTC": 1}}, "sell.BTC", "not a JSON number"),
    ({"spend": "all"}, "spend", "must be one of surplus, proceeds"),
    ({"spend": None}, "spend", "must be a string, not null"),
    ({"minimum_trade": "-1"}, "minimum_trade", "is not a number"),
    ({"minimum_trade": 0}, "minimum_trade", "not a JSON number"),
    ({"max_total_value_loss_bps": "3%"}, "max_total_value_loss_bps", "is not a number"),
    ({"max_total_value_loss_bps": 300}, "max_total_value_loss_bps", "not a JSON number"),
    ({"rounding": "down"}, "rounding", "must be one of token, exact"),
    ({"slippage": "0.1"}, "slippage", "is unknown here"),
    (NOTHING, "assets", "total value of 0"),
    (DUST, "assets", "leave a total value of 0"),
]


@pytest.mark.parametrize(
    ("change", "field", "problem"), MISTAKES, ids=[f"{row[1]}: {row[2]}" for row in MISTAKES]
)
def test_plan_weights_file__field_that_cannot_be_used__is_named(
    change: dict[str, Any], field: str, problem: str
) -> None:
    error = refused(json.dumps(BASE | change).encode())

    assert error.field == field
    assert problem in error.problem


@pytest.mark.parametrize("missing", ["settlement", "assets"])
def test_plan_weights_file__required_field_missing__is_named(missing: str) -> None:
    document = {key: value for key, value in BASE.items() if key != missing}

    assert str(refused(json.dumps(document).encode())) == f"{missing}: is missing"


@pytest.mark.parametrize("missing", sorted(BTC))
def test_plan_weights_file__required_member_of_an_asset_missing__is_named(missing: str) -> None:
    asset = {key: value for key, value in BTC.items() if key != missing}

    error = refused(json.dumps(BASE | {"assets": [ETH, asset]}).encode())

    assert str(error) == f"assets[1].{missing}: is missing"


@pytest.mark.parametrize("missing", sorted(CASH))
def test_plan_weights_file__required_member_of_settlement_missing__is_named(missing: str) -> None:
    settlement = {key: value for key, value in CASH.items() if key != missing}

    error = refused(json.dumps(BASE | {"settlement": settlement}).encode())

    assert str(error) == f"settlement.{missing}: is missing"


def test_plan_weights_file__key_given_twice__is_named() -> None:
    error = refused(b'{"sell": {"BTC": "1", "BTC": "1"}}')

    assert str(error) == "sell.BTC: is given twice"


def test_plan_weights_file__null_for_what_has_no_default__is_the_same_as_absent() -> None:
    null = {"sell": None, "max_total_value_loss_bps": None} | cash(target_weight_bps=None)

    answers = [plan_weights_file(json.dumps(each).encode()) for each in (BASE, BASE | null)]

    assert answers[0] == answers[1]
