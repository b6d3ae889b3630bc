"""Tests of single rules for weights, with small numbers."""

import json
from typing import Any

import pytest
from eth_hash.auto import keccak

from keepers.planning.files.weights import plan_weights_file


def held(symbol: str, quantity: str, target: str, **more: Any) -> dict[str, Any]:
    token = {"symbol": symbol, "quantity": quantity, "price": "1", "decimals": 0}
    return token | {"target_weight_bps": target} | more


def settlement(quantity: str, target: str | None, **more: Any) -> dict[str, Any]:
    token = held("USDT", quantity, "0", decimals=6) | more
    del token["target_weight_bps"]
    return token if target is None else token | {"target_weight_bps": target}


def answer(cash: dict[str, Any], *assets: dict[str, Any], **options: Any) -> dict[str, Any]:
    document = {"settlement": cash, "assets": list(assets)} | options
    return plan_weights_file(json.dumps(document).encode()).document


def traded(plan: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    phases = plan["phases"]
    sold, bought = phases["sell"], phases["buy"]
    return (
        {row["symbol"]: row["quantity"] for row in sold},
        {row["symbol"]: row["quantity"] for row in bought},
    )


def test_plan_weights__no_sell__sells_down_to_targets_of_the_total_before() -> None:
    plan = answer(settlement("0", None), held("A", "70", "5000"), held("B", "30", "5000"))

    assert traded(plan) == ({"A": "20"}, {"B": "20"})
    assert (plan["after"]["deviation"], plan["accepted"]) == ("0", True)


def test_plan_weights__empty_sell__sells_nothing_and_spends_the_surplus() -> None:
    plan = answer(settlement("20", "0"), held("A", "70", "5000"), held("B", "10", "5000"), sell={})

    assert traded(plan) == ({}, {"B": "20"})


def test_plan_weights__asset_sold_although_short__is_not_bought_back() -> None:
    assets = held("A", "10", "6000"), held("B", "90", "4000")

    plan = answer(settlement("0", None), *assets, sell={"A": "5"})

    assert plan["phases"]["gaps"] == {}
    assert plan["phases"]["budget"] == "5"
    assert plan["phases"]["allocate"] == {}
    assert traded(plan) == ({"A": "5"}, {})
    assert plan["rejected_because"] == "NotImproved"


@pytest.mark.parametrize(("spend", "budget"), [("surplus", "40"), ("proceeds", "10"), (None, "40")])
def test_plan_weights__settlement_above_target__budget_by_spend(
    spend: str | None, budget: str
) -> None:
    options = {} if spend is None else {"spend": spend}
    assets = held("A", "40", "5000"), held("B", "20", "4000")

    plan = answer(settlement("40", "1000"), *assets, sell={"A": "10"}, **options)

    assert plan["phases"]["budget"] == budget


@pytest.mark.parametrize("spend", ["surplus", "proceeds"])
def test_plan_weights__settlement_below_target__its_gap_is_held_back(spend: str) -> None:
    assets = held("A", "80", "5000"), held("B", "15", "4000")

    plan = answer(settlement("5", "1000"), *assets, sell={"A": "30"}, spend=spend)

    assert plan["phases"]["budget"] == "25"
    assert traded(plan) == ({"A": "30"}, {"B": "25"})


def test_plan_weights__medium_alone__spends_proceeds_unless_told_otherwise() -> None:
    assets = held("A", "60", "5000"), held("B", "10", "5000")

    by_default = answer(settlement("30", None), *assets, sell={"A": "10"})
    surplus = answer(settlement("30", None), *assets, sell={"A": "10"}, spend="surplus")

    assert by_default["phases"]["budget"] == "10"
    assert surplus["phases"]["budget"] == "40"
    assert by_default["before"]["settlement_weight"] == "0.3"
    assert by_default["before"]["deviation"] == "0.5"


@pytest.mark.parametrize(("minimum", "sold"), [("20", {"A": "20"}), ("20.000001", {})])
def test_plan_weights__sale_at_the_minimum__is_left_out_only_below(
    minimum: str, sold: dict[str, str]
) -> None:
    assets = held("A", "70", "5000"), held("B", "30", "5000")

    plan = answer(settlement("0", None), *assets, minimum_trade=minimum)

    assert traded(plan)[0] == sold


def test_plan_weights__sale_asked_for_below_the_minimum__is_made() -> None:
    assets = held("A", "70", "5000"), held("B", "30", "5000")

    plan = answer(settlement("0", None), *assets, minimum_trade="5", sell={"A": "1"})

    assert traded(plan) == ({"A": "1"}, {})
    assert plan["phases"]["allocate"] == {"B": "1"}


def test_plan_weights__allocation_below_the_minimum__is_listed_and_given_to_nobody() -> None:
    assets = held("A", "0", "9000"), held("B", "0", "1000")

    plan = answer(settlement("100", "0"), *assets, minimum_trade="10.5")

    assert plan["phases"]["allocate"] == {"A": "90", "B": "10"}
    assert traded(plan) == ({}, {"A": "90"})
    assert plan["after"]["settlement_weight"] == "0.1"


@pytest.mark.parametrize(("limit", "because"), [("100", None), ("99.999", "MaxTotalValueLoss")])
def test_plan_weights__loss_at_the_limit__is_rejected_only_beyond(
    limit: str, because: str | None
) -> None:
    assets = held("A", "60", "5000", sell_slippage="0.1"), held("B", "40", "5000")

    plan = answer(settlement("0", None), *assets, max_total_value_loss_bps=limit)

    assert (plan["value_loss_bps"], plan["rejected_because"]) == ("100", because)


def test_plan_weights__loss_just_above_the_limit__is_compared_unrounded() -> None:
    assets = (
        held("A", "60", "5000", sell_slippage="0.00000004"),
        held("B", "40", "5000", decimals=18),
    )

    plan = answer(settlement("0", None, decimals=18), *assets, max_total_value_loss_bps="0")

    assert (plan["value_loss_bps"], plan["improved"]) == ("0", True)
    assert plan["rejected_because"] == "MaxTotalValueLoss"


def test_plan_weights__loss_and_no_improvement__names_the_loss() -> None:
    assets = held("A", "50", "5000", sell_slippage="0.5"), held("B", "50", "5000")

    plan = answer(settlement("0", None), *assets, sell={"A": "9"}, max_total_value_loss_bps="1")

    assert (plan["improved"], plan["rejected_because"]) == (False, "MaxTotalValueLoss")


def test_plan_weights__already_there__trades_nothing_and_is_not_improved() -> None:
    plan = answer(settlement("0", None), held("A", "50", "5000"), held("B", "50", "5000"))

    assert traded(plan) == ({}, {})
    assert (plan["accepted"], plan["rejected_because"]) == (False, "NotImproved")


def test_plan_weights__token_rounding__rounds_each_quantity_down_once() -> None:
    cash = settlement("0", None, decimals=0, price="3")
    assets = held("A", "100", "3333"), held("B", "10", "6667", price="7", buy_slippage="0.5")

    plan = answer(cash, *assets)

    # 43.339 above target; 43 bring 14 units worth 3 each; 42 / 7 / 1.5 buy 4.
    assert plan["phases"]["sell"] == [{"symbol": "A", "quantity": "43", "proceeds": "42"}]
    assert plan["phases"]["allocate"] == {"B": "42"}
    assert plan["phases"]["buy"] == [{"symbol": "B", "spent": "42", "quantity": "4"}]


def test_plan_weights__less_than_a_unit_of_the_settlement_token__is_not_spent() -> None:
    cash = settlement("1", "0", decimals=0)
    assets = held("A", "0", "5000"), held("B", "0", "5000")

    plan = answer(cash, *assets)

    assert plan["phases"]["allocate"] == {"A": "0.5", "B": "0.5"}
    assert traded(plan) == ({}, {})


def test_plan_weights__numbers_that_end__are_printed_in_full() -> None:
    cash = settlement("0", None)
    assets = held("A", "0.000000000000000001", "10000", decimals=18, price="0.0000000003")

    plan = answer(cash, assets)

    assert plan["before"]["total_value"] == "0.0000000000000000000000000003"


def test_plan_weights__settlement_price_other_than_1__values_stay_in_the_currency() -> None:
    cash = settlement("0", None, price="0.5")
    assets = held("A", "70", "5000", sell_slippage="0.1"), held("B", "30", "5000")

    plan = answer(cash, *assets)

    assert plan["phases"]["sell"] == [{"symbol": "A", "quantity": "20", "proceeds": "18"}]
    assert plan["phases"]["buy"] == [{"symbol": "B", "spent": "18", "quantity": "18"}]


def test_plan_weights__gaps_of_nothing__buy_nothing() -> None:
    plan = answer(settlement("20", None), held("A", "40", "10000"), sell={"A": "10"})
    assert (plan["phases"]["budget"], plan["phases"]["gaps"]) == ("10", {})
    assert (plan["phases"]["allocate"], plan["phases"]["buy"]) == ({}, [])


def test_plan_weights__no_assets__is_planned() -> None:
    plan = answer(settlement("5", "10000"))

    assert (plan["phases"]["weights"], plan["before"]["settlement_weight"]) == ({}, "1")
    assert plan["rejected_because"] == "NotImproved"


def test_plan_weights__defaults__are_part_of_the_id() -> None:
    cash = {"symbol": "U", "quantity": "1.50", "price": "1.0", "decimals": 6}
    asset = held("A", "2", "10000.0")
    canonical = (
        '{"assets":[{"buy_slippage":"0","decimals":0,"price":"1","quantity":"2",'
        '"sell_slippage":"0","symbol":"A","target_weight_bps":"10000"}],'
        '"max_total_value_loss_bps":null,"minimum_trade":"0","rounding":"token","sell":null,'
        '"settlement":{"decimals":6,"price":"1","quantity":"1.5","symbol":"U",'
        '"target_weight_bps":null},"spend":"proceeds"}'
    )

    expected = "0x" + keccak(f"weights\n{canonical}".encode()).hex()
    assert answer(cash, asset)["plan_id"] == expected
    assert plan_weights_file(canonical.encode()).document == answer(cash, asset)
