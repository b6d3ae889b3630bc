"""Tests of the parser of instructions, field by field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from keepers.model.batch import ChainTarget, TargetOrder, TransferOrder
from keepers.model.errors import InputError
from keepers.model.inventory_state import AssetSettings, ChainInventory, InventorySettings
from keepers.planning.instructions.parser import (
    canonical_body,
    checked_key,
    key_of,
    read_instruction,
)

TRANSFER = {"asset": "USDC", "source": "EVM-1", "destination": "EVM-2", "amount": "1.5"}


def settings(venues: tuple[str, ...] = ("0xVenue",), invest: str | None = None) -> Any:
    """Return settings: USDC on chain 1 (two decimals) and 2 (three), EURC only on chain 1."""

    def chain(**decimals: int) -> ChainInventory:
        assets = {
            name: AssetSettings(token="0x", decimals=each, venues=venues, invest=invest)
            for name, each in decimals.items()
        }
        return ChainInventory(ledger="0x", assets=assets, maximum_native_fee=0, gas_reserve=0)

    chains = {1: chain(USDC=2, EURC=2), 2: chain(USDC=3)}
    return InventorySettings(trigger_percentage=Fraction(1, 2), chains=chains)


def read(known: InventorySettings | None = None, **members: Any) -> Any:
    text = json.dumps({"version": 1, **members})
    return read_instruction(text, known or settings())


def order_of(**more: Any) -> TransferOrder:
    order = read(transfer=TRANSFER | more).order
    assert isinstance(order, TransferOrder)
    return order


def test_read__transfer__amount_is_in_units_of_the_destination() -> None:
    assert order_of() == TransferOrder(
        asset="USDC", source=1, destination=2, amount=1_500, route=None, venue=None
    )
    assert order_of(amount="0.001", route="CCTP").amount == 1
    assert order_of(route="CCTP").route == "CCTP"


@pytest.mark.parametrize(
    ("venues", "policy", "invest", "venue"),
    [
        (("0xVenue",), None, True, "0xVenue"),
        (("0xVenue",), None, False, None),
        (("0xVenue",), None, "0xVENUE", "0xVenue"),
        (("0xA", "0xB"), "0xB", True, "0xB"),
        (("0xA", "0xB"), "0xB", "0xa", "0xA"),
        (("0xA", "0xB"), "0xB", "0xb", "0xB"),
    ],
)
def test_read__invest__is_a_venue_or_the_only_one_or_that_of_the_policy(
    venues: tuple[str, ...], policy: str | None, invest: object, venue: str | None
) -> None:
    found = read(settings(venues, policy), transfer=TRANSFER | {"invest": invest})
    assert found.order.venue == venue


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"transfer": TRANSFER | {"amount": "0"}}, "transfer.amount: must be above 0"),
        ({"transfer": TRANSFER | {"destination": "EVM-1"}}, "is the source itself"),
        (
            {"transfer": TRANSFER | {"asset": "EURC"}},
            "transfer.destination: is not a chain of EURC",
        ),
        ({"transfer": TRANSFER | {"invest": "0xOther"}}, "transfer.invest: is no venue"),
        ({"transfer": TRANSFER, "targets": {}}, "must have either transfer or targets"),
        ({"transfer": TRANSFER, "remainder": "EVM-1"}, "remainder: goes with targets only"),
        ({"version": 2, "transfer": TRANSFER}, "version: must be 1"),
        ({"targets": {"USDC": {}}}, "targets.USDC: must not be empty"),
        (
            {"targets": {"USDC": {"EVM-1": {"idle": "1"}}}, "remainder": "EVM-2"},
            "remainder: has no target of USDC",
        ),
        ({"targets": {"USDC": {"EVM-x": {"idle": "1"}}}}, "targets.USDC.EVM-x: 'EVM-x' is no"),
        ({"transfer": TRANSFER, "deadline": "soon"}, "deadline: is no time like"),
        (
            {"transfer": TRANSFER, "deadline": "2026-03-02T12:00:00"},
            "deadline: must say its time zone",
        ),
    ],
)
def test_read__what_cannot_be_used__names_the_field(members: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        read(**members)
    assert problem in str(caught.value)


def test_read__true_and_no_single_venue__asks_to_name_it() -> None:
    for venues in ((), ("0xA", "0xB")):
        with pytest.raises(InputError, match="name it"):
            read(settings(venues), transfer=TRANSFER | {"invest": True})


def test_read__targets__tolerance_remainder_and_deadline() -> None:
    targets = {"USDC": {"EVM-1": {"idle": "1"}, "EVM-2": {"idle": "2", "venues": {"0xvenue": "3"}}}}
    found = read(targets=targets)
    assert found.order == TargetOrder(
        targets={
            "USDC": {
                1: ChainTarget(idle=100, venues={}),
                2: ChainTarget(idle=2_000, venues={"0xVenue": 3_000}),
            }
        },
        tolerance=Fraction(0),
        remainder=None,
    )
    assert found.deadline is None
    more = read(
        targets=targets, tolerance="0.5", remainder="EVM-2", deadline="2026-03-02T12:00:00Z"
    )
    assert (more.order.tolerance, more.order.remainder) == (Fraction(1, 2), 2)
    assert more.deadline == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(("length", "is_taken"), [(0, False), (1, True), (128, True), (129, False)])
def test_checked_key__length__from_1_to_128(length: int, is_taken: bool) -> None:
    key = "k" * length
    if is_taken:
        assert checked_key(key, "--key") == key
    else:
        with pytest.raises(InputError, match="must have 1 to 128 characters"):
            checked_key(key, "--key")


@pytest.mark.parametrize("key", ["a\nb", "schlüssel"])
def test_checked_key__not_printable_ascii__is_refused(key: str) -> None:
    with pytest.raises(InputError, match="printable ASCII"):
        checked_key(key, "--key")


def test_canonical_body__spelling__has_no_meaning_and_no_json_stays() -> None:
    assert canonical_body('{"b": 1,\n "a": 2}') == '{"a":2,"b":1}'
    assert canonical_body("{") == "{"
    assert key_of('{"b": 1, "a": 2}') == key_of('{"a":2,"b":1}')
    assert key_of('{"a":2}') != key_of('{"a":3}')
