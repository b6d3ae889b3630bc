"""Tests of planning files for the inventory: defaults are written out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keepers.planning.files.inventory import decode_inventory_request, encode_inventory_request

CHAINS = {
    "A": {"base": "10", "balance": "4", "decimals": 0},
    "B": {"base": "10", "balance": "30", "decimals": 1},
}
ROUTE = {"asset": "USDC", "source": "B", "destination": "A", "route": "R"}
PLAIN: dict[str, Any] = {"trigger_percentage": "0.5", "assets": {"USDC": CHAINS}}


def encoded(**more: Any) -> dict[str, Any]:
    document = json.dumps(PLAIN | more).encode()
    return dict(encode_inventory_request(decode_inventory_request(document)))


def test_encode_inventory_request__nothing_more_given__is_complete() -> None:
    assert encoded() == PLAIN | {
        "solver": "exact",
        "time_limit_seconds": "10",
        "in_flight": [],
        "routes": None,
    }


def test_encode_inventory_request__bare_route__is_free_and_unlimited() -> None:
    assert encoded(routes=[ROUTE])["routes"] == [
        ROUTE
        | {
            "fee": "0",
            "fee_bps": "0",
            "minimum": None,
            "maximum": None,
            "seconds": "0",
            "fallback": False,
        }
    ]


@pytest.mark.parametrize("name", [None, "R"])
def test_encode_inventory_request__limit__is_in_units_of_its_chain(name: str | None) -> None:
    given = {"asset": "USDC", "source": "B", "route": name, "maximum": "2.5"}
    assert encoded(limits=[given])["limits"] == [given]
