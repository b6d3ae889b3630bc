"""Bounds at which a chain may be left as it is."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.inventory_state import AssetSettings, ChainInventory, InventorySettings
from keepers.planning.instructions.movements import Shift, request_of

REST, OTHER = 1, 2


def settings() -> InventorySettings:
    asset = AssetSettings(token="0x", decimals=0, base=1)
    chains = {
        each: ChainInventory(
            ledger="0x", assets={"USDC": asset}, maximum_native_fee=0, gas_reserve=0
        )
        for each in (REST, OTHER)
    }
    return InventorySettings(trigger_percentage=Fraction(1, 2), chains=chains)


@pytest.mark.parametrize(
    ("pool", "bases"),
    [
        # At its least, 10 less a slack of 2, the remainder lets the other chain keep 12 for 10.
        (8, (8, 12)),
        # A unit below, the other one gives what it has beyond its need: 7 + 2.
        (7, (9, 10)),
    ],
)
def test_request_of__remainder_at_its_least__still_leaves_others_within_tolerance(
    pool: int, bases: tuple[int, int]
) -> None:
    shift = Shift(
        asset="USDC",
        divested=(),
        invested=(),
        pools={REST: pool, OTHER: 12},
        needs={REST: 10, OTHER: 10},
        idle={REST: 10, OTHER: 10},
        slack={REST: 2, OTHER: 2},
        remainder=REST,
    )

    asked = request_of(settings(), shift).assets["USDC"]

    # Every base is given with one unit more, since a plan has no base of 0.
    assert (asked["EVM-1"].base - 1, asked["EVM-2"].base - 1) == bases
