"""Tests of plan ids: one spelling per input, and keccak-256 of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.json_document import canonical_json, plan_id, sorted_canonically
from keepers.planning.files.tiers import decode_tiers_request, encode_tiers_request, plan_tiers_file

MINIMAL: dict[str, Any] = {
    "settlement": {"symbol": "USDT", "decimals": 6},
    "tiers": {"L1": {"value": "1"}, "L2": {"value": "3"}, "L3": {"value": "6"}},
}
MINIMAL_CANONICAL = (
    '{"config":{"ASSET_CONCENTRATION":"2500","DEVIATION_THRESHOLD":"500",'
    '"EVENT_PRICE_MOVE":"500","EVENT_SUBSCRIPTION_AMOUNT":"100000","L1_HIGH_RATIO":"1500",'
    '"L1_LOW_RATIO":"800","L1_MAX_RATIO":"2000","L1_MIN_RATIO":"500","L1_TARGET_RATIO":"1000",'
    '"L2_MAX_RATIO":"4000","L2_MIN_RATIO":"2000","L2_TARGET_RATIO":"3000","L3_MAX_RATIO":"7000",'
    '"L3_MIN_RATIO":"5000","L3_TARGET_RATIO":"6000","REBALANCE_APPROVAL_THRESHOLD":"50000",'
    '"REBALANCE_MIN_AMOUNT":"10000","REBALANCE_MULTISIG_THRESHOLD":"200000",'
    '"REBALANCE_REVIEW_THRESHOLD":"10000","REDEMPTION_COVERAGE":"8000",'
    '"TOP3_CONCENTRATION":"6000"},"events":[],"holdings":[],"redemptions_due":"0",'
    '"settlement":{"decimals":6,"symbol":"USDT"},'
    '"tiers":{"L1":{"value":"1"},"L2":{"value":"3"},"L3":{"value":"6"}},'
    '"trigger":"auto","weekly":false}'
)


def identity(document: dict[str, Any]) -> object:
    return plan_tiers_file(json.dumps(document).encode()).document["plan_id"]


def test_encode_tiers_request__defaults__are_spelled_out() -> None:
    request = decode_tiers_request(json.dumps(MINIMAL).encode())

    assert canonical_json(encode_tiers_request(request)) == MINIMAL_CANONICAL


def test_plan_id__nothing_but_a_newline_between__is_keccak_and_not_sha3() -> None:
    # Keccak-256 of 'tiers\n{}', computed with `cast keccak`.
    assert plan_id("tiers", {}) == (
        "0xfb41be95dff5da3fe1d196af7ba6b9496f4af35b0154f42418ecb03ee1e3eb6e"
    )


def test_plan_tiers_file__minimal__id_is_the_hash_of_its_canonical_form() -> None:
    # Computed with `cast keccak` over the command, a newline and MINIMAL_CANONICAL.
    assert identity(MINIMAL) == (
        "0x6dd32fb8da7867a13db6af23888ed7bb6cdea4389247b39530977065a7d69027"
    )


@pytest.mark.parametrize(
    "same",
    [
        {"redemptions_due": "0"},
        {"redemptions_due": "0.00"},
        {"trigger": "auto", "weekly": False, "events": [], "holdings": []},
        {"config": {}},
        {"config": {"L1_LOW_RATIO": "800.0", "REBALANCE_MIN_AMOUNT": "10000.000000"}},
        {"tiers": {"L3": {"value": "6.0"}, "L1": {"value": "1.000000"}, "L2": {"value": "3"}}},
    ],
)
def test_plan_tiers_file__same_meaning__same_id(same: dict[str, Any]) -> None:
    assert identity(MINIMAL | same) == identity(MINIMAL)


@pytest.mark.parametrize(
    "other",
    [
        {"redemptions_due": "0.000001"},
        {"trigger": "MANUAL"},
        {"weekly": True},
        {"config": {"L1_LOW_RATIO": "800.5"}},
        {"settlement": {"symbol": "usdt", "decimals": 6}},
        {"settlement": {"symbol": "USDT", "decimals": 7}},
        {"holdings": [{"asset": "\u00c4", "tier": "L3", "value": "0"}]},
        {"holdings": [{"asset": "A\u0308", "tier": "L3", "value": "0"}]},
    ],
)
def test_plan_tiers_file__other_meaning__other_id(other: dict[str, Any]) -> None:
    assert identity(MINIMAL | other) != identity(MINIMAL)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": None, "B": True}, '{"B":true,"a":null,"b":1}'),
        ({"\uffff": 1, "\U00010000": 2}, '{"\uffff":1,"\U00010000":2}'),  # sorted by code point
        ("\u00c4\u2028\x7f/", '"\u00c4\u2028\x7f/"'),
        ('\b\t\n\f\r\x01\x1f"\\', r'"\b\t\n\f\r\u0001\u001f\"\\"'),
        ([], "[]"),
    ],
)
def test_canonical_json__value__has_one_spelling(value: Any, text: str) -> None:
    assert canonical_json(value) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_canonical_json__read_back__is_the_same_value(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.lists(JSON, max_size=5), st.randoms())
def test_sorted_canonically__any_order__gives_the_same_list(items: list[Any], order: Any) -> None:
    other = list(items)
    order.shuffle(other)

    assert canonical_json(sorted_canonically(other)) == canonical_json(sorted_canonically(items))
