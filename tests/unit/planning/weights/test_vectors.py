"""Tests of whole plans: the format's example and vectors with exact manual results."""

import json
from typing import Any, cast

import pytest

from keepers.planning.files.weights import plan_weights_file
from tests.unit.vectors import VECTORS

CASES: dict[str, dict[str, Any]] = {
    case["name"]: case for case in json.loads((VECTORS / "weights.json").read_text())
}

QUESTION = """{
  "settlement": {"symbol": "USDT", "quantity": "11000", "price": "1", "decimals": 6, "target_weight_bps": "1000"},
  "assets": [
    {"symbol": "BTC", "quantity": "0.6", "price": "50000", "decimals": 18, "target_weight_bps": "3000", "sell_slippage": "0.02", "buy_slippage": "0.02"},
    {"symbol": "ETH", "quantity": "3",   "price": "3000",  "decimals": 18, "target_weight_bps": "3000", "sell_slippage": "0.02", "buy_slippage": "0.02"},
    {"symbol": "BNB", "quantity": "20",  "price": "500",   "decimals": 18, "target_weight_bps": "3000", "sell_slippage": "0.02", "buy_slippage": "0.02"}
  ],
  "sell": {"BTC": "0.24"},
  "spend": "surplus",
  "minimum_trade": "0",
  "max_total_value_loss_bps": "300",
  "rounding": "exact"
}"""  # noqa: E501 - as the format has it

ANSWER = """{
  "plan_id": "0x…",
  "phases": {
    "sell":     [{"symbol": "BTC", "quantity": "0.24", "proceeds": "11760"}],
    "weights":  {"BNB": "0.167336…", "BTC": "0.301204…", "ETH": "0.150602…"},
    "gaps":     {"BNB": "0.132663…", "ETH": "0.149397…"},
    "budget":   "16784",
    "allocate": {"BNB": "7894.135738…", "ETH": "8889.864261…"},
    "buy":      [{"symbol": "BNB", "spent": "7894.135738…", "quantity": "15.478697…"}, {"symbol": "ETH", "spent": "8889.864261…", "quantity": "2.905184…"}]
  },
  "before": {"total_value": "60000", "weights": {"BNB": "0.166666…", "BTC": "0.5", "ETH": "0.15"}, "settlement_weight": "0.183333…", "deviation": "0.566666…"},
  "after":  {"total_value": "59430.901960…", "weights": {"BNB": "0.298486…", "BTC": "0.302872…", "ETH": "0.298086…"}, "settlement_weight": "0.100553…", "deviation": "0.006852…"},
  "value_loss_bps": "94.8497", "improved": true, "accepted": true, "rejected_because": null
}"""  # noqa: E501 - as the format has it


def cut(actual: Any, expected: Any) -> Any:
    """Return the actual value, with its texts cut where the expected ones are."""
    if isinstance(actual, dict):
        members = cast("dict[str, Any]", actual)
        return {key: cut(each, expected.get(key)) for key, each in members.items()}
    if isinstance(actual, list):
        items = cast("list[Any]", actual)
        return [cut(*pair) for pair in zip(items, expected, strict=True)]
    if isinstance(expected, str) and expected.endswith("…"):
        return actual[: len(expected) - 1] + "…"
    return actual


def test_plan_weights_file__example_of_the_format__is_answered_to_the_letter() -> None:
    answer = plan_weights_file(QUESTION.encode())

    expected = json.loads(ANSWER)
    assert json.dumps(cut(answer.document, expected)) == json.dumps(expected)
    assert answer.exit_status == 0


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_plan_weights_file__vector__answers_as_computed_by_hand(case: dict[str, Any]) -> None:
    answer = plan_weights_file(json.dumps(case["input"]).encode())

    plan: dict[str, Any] = answer.document
    phases, before, after = plan["phases"], plan["before"], plan["after"]
    assert case["expect"] == {
        "proceeds": phases["sell"][0]["proceeds"],
        "weights": phases["weights"],
        "gaps": phases["gaps"],
        "allocate": phases["allocate"],
        "buy": {row["symbol"]: row["quantity"] for row in phases["buy"]},
        "total_before": before["total_value"],
        "deviation_before": before["deviation"],
        "total_after": after["total_value"],
        "deviation_after": after["deviation"],
        "weights_after": after["weights"],
        "settlement_weight_after": after["settlement_weight"],
        "value_loss_bps": plan["value_loss_bps"],
        "improved": plan["improved"],
        "accepted": plan["accepted"],
    }
    assert len(phases["sell"]) == 1
    assert answer.exit_status == 0
