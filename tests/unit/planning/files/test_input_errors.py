"""Tests of unusable planning files: each mistake names its field in one line."""

import json
from typing import Any

import pytest

from keepers.model.errors import EXIT_UNUSABLE_INPUT, InputError
from keepers.planning.files.tiers import plan_tiers_file

BASE: dict[str, Any] = {
    "settlement": {"symbol": "USDT", "decimals": 6},
    "tiers": {"L1": {"value": "1"}, "L2": {"value": "3"}, "L3": {"value": "6"}},
}


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        plan_tiers_file(data)
    assert caught.value.exit_status == EXIT_UNUSABLE_INPUT
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not JSON"),
        (b"   \n", "is not JSON"),
        (b"{", "is not JSON"),
        (b"{} {}", "is not JSON: extra data at line 1, column 4"),
        (b"nonsense " * 100_000, "is not JSON"),
        (b"\xff\xfe{}", "is not UTF-8 at byte 0"),
        (b'{"settlement": "\xc3\x28"}', "is not UTF-8 at byte 16"),
        (b"\xef\xbb\xbf{}", "is not JSON"),
        (b"[" * 100_000, "is nested deeper"),
        (b'{"a":' * 100_000, "is nested deeper"),
        (b"[]", "must be an object, not a list"),
        (b"null", "must be an object, not null"),
        (b'"text"', "must be an object, not a string"),
        (b"1" * 10_000, "must be an object, not a JSON number"),
        (b"NaN", "must be an object, not a JSON number"),
    ],
)
def test_plan_tiers_file__no_document_at_all__names_the_input(data: bytes, problem: str) -> None:
    error = refused(data)

    assert error.field == "input"
    assert problem in error.problem


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"tiers": {"L1": {"value": "1", "value": "1"}}}', "tiers.L1.value"),
        ('{"tiers": {}, "tiers": {}}', "tiers"),
        ('{"holdings": [{}, {"asset": "A", "tier": "L2", "asset": "A"}]}', "holdings[1].asset"),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', "a"),
    ],
)
def test_plan_tiers_file__key_given_twice__names_it(text: str, field: str) -> None:
    error = refused(text.encode())

    assert (error.field, error.problem) == (field, "is given twice")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"settlement": {"symbol": "\\ud800"}}', "settlement.symbol"),
        ('{"settlement": {"\\udfff": 1}}', "settlement.'\\udfff'"),
    ],
)
def test_plan_tiers_file__half_a_surrogate_pair__is_refused(text: str, field: str) -> None:
    error = refused(text.encode())

    assert error.field == field
    assert "surrogate" in error.problem


def test_plan_tiers_file__nested_beyond_reason__names_where() -> None:
    deep: Any = "1"
    for _ in range(40):
        deep = {"x": deep}

    error = refused(json.dumps(BASE | {"config": deep}).encode())

    assert error.field.startswith("config.x.x")
    assert "nested deeper" in error.problem


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"settlement": None}, "settlement", "must be an object, not null"),
    ({"settlement": {"symbol": "USDT"}}, "settlement.decimals", "is missing"),
    ({"settlement": {"symbol": "", "decimals": 6}}, "settlement.symbol", "must not be empty"),
    ({"settlement": {"symbol": 5, "decimals": 6}}, "settlement.symbol", "must be a string"),
    ({"settlement": {"symbol": "U", "decimals": "6"}}, "settlement.decimals", "JSON integer"),
    ({"settlement": {"symbol": "U", "decimals": 6.0}}, "settlement.decimals", "JSON integer"),
    ({"settlement": {"symbol": "U", "decimals": -1}}, "settlement.decimals", "JSON integer"),
    ({"settlement": {"symbol": "U", "decimals": 19}}, "settlement.decimals", "JSON integer"),
    ({"settlement": {"symbol": "U", "decimals": True}}, "settlement.decimals", "JSON integer"),
    ({"tiers": {"L1": {"value": "1"}, "L2": {"value": "3"}}}, "tiers.L3", "is missing"),
    ({"tiers": BASE["tiers"] | {"L4": {"value": "1"}}}, "tiers.L4", "is unknown here"),
    ({"tiers": BASE["tiers"] | {"L1": {}}}, "tiers.L1.value", "is missing"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": 1}}}, "tiers.L1.value", "not a JSON number"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": 1.5}}}, "tiers.L1.value", "not a JSON number"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": "1e3"}}}, "tiers.L1.value", "is not a number"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": " 1"}}}, "tiers.L1.value", "is not a number"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": "-1"}}}, "tiers.L1.value", "is not a number"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": "0.0000001"}}}, "tiers.L1.value", "7 decimals"),
    ({"tiers": BASE["tiers"] | {"L1": {"value": "9" * 90}}}, "tiers.L1.value", "256 bits"),
    ({"redemptions_due": None}, "redemptions_due", "not null"),
    ({"redemptions": "1"}, "redemptions", "is unknown here"),
    ({"holdings": {}}, "holdings", "must be a list, not an object"),
    ({"holdings": ["A"]}, "holdings[0]", "must be an object, not a string"),
    ({"holdings": [{"asset": "A", "tier": "L0", "value": "1"}]}, "holdings[0].tier", "one of L1"),
    ({"holdings": [{"asset": "A", "tier": "L2"}]}, "holdings[0].value", "is missing"),
    (
        {"holdings": [{"asset": "A", "tier": tier, "value": "1"} for tier in ("L2", "L3")]},
        "holdings[1].asset",
        "'A' is held twice",
    ),
    ({"events": [{"amount": "1"}]}, "events[0].kind", "is missing"),
    ({"events": [{"kind": "storm"}]}, "events[0].kind", "one of subscription"),
    ({"events": [{"kind": "subscription"}]}, "events[0].amount", "is missing"),
    (
        {"events": [{"kind": "subscription", "amount": "1", "asset": "A"}]},
        "events[0].asset",
        "is unknown here",
    ),
    (
        {"events": [{"kind": "price_move", "asset": "A", "change": "0.1"}]},
        "events[0].asset",
        "'A' is not held",
    ),
    (
        {"events": [{"kind": "price_move", "asset": "A", "change": "+0.1"}]},
        "events[0].change",
        "is not a number",
    ),
    ({"trigger": "AUTO"}, "trigger", "must be one of auto, LIQUIDITY"),
    ({"trigger": "manual"}, "trigger", "must be one of"),
    ({"weekly": "true"}, "weekly", "must be true or false, not a string"),
    ({"weekly": 1}, "weekly", "must be true or false, not a JSON number"),
    ({"config": []}, "config", "must be an object, not a list"),
    ({"config": {"L1_TARGET": "1000"}}, "config.L1_TARGET", "is unknown here"),
    ({"config": {"l1_target_ratio": "1000"}}, "config.l1_target_ratio", "is unknown here"),
    ({"config": {"L1_LOW_RATIO": 800}}, "config.L1_LOW_RATIO", "not a JSON number"),
    ({"config": {"L1_TARGET_RATIO": "2000"}}, "config.L1_TARGET_RATIO", "sum to 11000"),
    ({"config": {"L2_MIN_RATIO": "3001"}}, "config.L2_MIN_RATIO", "above L2_TARGET_RATIO"),
    ({"config": {"L3_MAX_RATIO": "5999"}}, "config.L3_MAX_RATIO", "below L3_TARGET_RATIO"),
    ({"config": {"REDEMPTION_COVERAGE": "0"}}, "config.REDEMPTION_COVERAGE", "above 0"),
    ({"config": {"REBALANCE_MIN_AMOUNT": "-5"}}, "config.REBALANCE_MIN_AMOUNT", "not a number"),
    ({"a\nb\x1b[2J": 1}, "'a\\nb\\x1b[2J'", "is unknown here"),
    ({"x" * 1000: 1}, "x" * 80 + "...", "is unknown here"),
]


@pytest.mark.parametrize(
    ("change", "field", "problem"), MISTAKES, ids=[f"{row[1][:30]}: {row[2]}" for row in MISTAKES]
)
def test_plan_tiers_file__field_that_cannot_be_used__is_named(
    change: dict[str, Any], field: str, problem: str
) -> None:
    error = refused(json.dumps(BASE | change).encode())

    assert error.field == field
    assert problem in error.problem


@pytest.mark.parametrize("missing", ["settlement", "tiers"])
def test_plan_tiers_file__required_field_missing__is_named(missing: str) -> None:
    document = {key: value for key, value in BASE.items() if key != missing}

    assert str(refused(json.dumps(document).encode())) == f"{missing}: is missing"
