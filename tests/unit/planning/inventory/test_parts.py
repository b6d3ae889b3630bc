"""Single steps of the inventory's arithmetic, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from keepers.model.inventory import BalanceTrigger, Route, Surplus
from keepers.model.inventory_state import (
    AssetSettings,
    ChainInventory,
    InventorySettings,
    InventorySnapshot,
)
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.treasury import SizeBands, TreasuryHolding, TreasuryView, VenuePosition
from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.options import least_fee
from keepers.planning.inventory.position import InventoryPosition, positions_of
from keepers.planning.inventory.request import balances_document
from keepers.planning.inventory.solution import PlanningDeadline, longest
from keepers.planning.inventory.venue_bounds import least_shares, most_shares

LONG = Fraction(300)


def rated_market() -> AssetMarket:
    """Sources of one decimal more than the trigger, which lacks 10: steps of ten units.

    The cheaper route takes a tenth, brings at least 2 and at most 3; the dearer takes a half.
    """
    trigger = BalanceTrigger(
        asset="USDC",
        chain="D",
        decimals=0,
        base=20,
        balance=10,
        threshold=Fraction(10),
        deficit=10,
    )
    surpluses = [
        Surplus(asset="USDC", chain=name, decimals=1, amount=1_000) for name in ("S1", "S2")
    ]
    routes = [
        Route(
            asset="USDC",
            source="S1",
            destination="D",
            route="CHEAP",
            fee_bps=Fraction(1_000),
            minimum=23,
            maximum=34,
        ),
        Route(
            asset="USDC",
            source="S2",
            destination="D",
            route="DEAR",
            fee=3,
            fee_bps=Fraction(5_000),
        ),
    ]
    return AssetMarket([trigger], surpluses, routes)


def test_rated_market__routes__bring_whole_steps_of_ten() -> None:
    market = rated_market()
    assert [(edge.least, edge.most, edge.units_per_step) for edge in market.edges] == [
        (2, 3, 10),
        (1, 10, 10),
    ]


def test_least_fee__cheap_route_at_its_most__takes_the_rest_over_the_dear_one() -> None:
    market = rated_market()

    found = least_fee(market, 0, market.edges)

    # 30 arrive of the cheap route: 30 / 9; 70 of the dear one: 3 + 73; 79 1/3, rounded up.
    assert found == 80


@pytest.mark.parametrize(
    ("low", "high", "fee"),
    [
        # As above: nothing is decided yet.
        ([2, 1], [3, 10], 80),
        # The cheap route is decided at 2: 23 are sent for 20, 3 of them as fee; 80 by the dear one:
        # 3 + 83; exact, since only its own share is not rounded.
        ([2, 1], [2, 10], 89),
        # Both decided: 3 and 3 + 83.
        ([2, 8], [2, 8], 89),
    ],
)
def test_amounts__ranges_of_steps__bound_the_fee_from_below(
    low: list[int], high: list[int], fee: int
) -> None:
    market = rated_market()
    amounts = Amounts(market, market.edges, PlanningDeadline.after(LONG))

    assert amounts._least_fee(low, high) == fee  # pyright: ignore[reportPrivateUsage]


def test_longest__no_routes__takes_no_time() -> None:
    assert longest([]) == 0


UNLIMITED = Limit(cap=10**30, available=10**30, period_seconds=86_400)


def view(chain_id: int, idle: int) -> TreasuryView:
    return TreasuryView(
        chain_id=chain_id,
        block_number=1,
        block_hash="0x",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        holdings={"USDC": TreasuryHolding(idle)},
        legs={},
        keeper_limits=KeeperLimits("0x", UNLIMITED, UNLIMITED),
        route_limits={},
        venue_limits={},
        bands=SizeBands(single_above=0, dual_above=0, maximum_plan_seconds=1),
        paused=False,
        epoch=0,
        keeper_balance_wei=0,
    )


def inventory_settings(base: int | None) -> InventorySettings:
    asset = AssetSettings(token="0x", decimals=2, base=base)
    chain = ChainInventory(ledger="0x", assets={"USDC": asset}, maximum_native_fee=0, gas_reserve=0)
    return InventorySettings(trigger_percentage=Fraction(1, 2), chains={1: chain})


def position_with(base: int | None, idle: int) -> InventoryPosition:
    snapshot = InventorySnapshot(views={1: view(1, idle)})
    (position,) = positions_of(inventory_settings(base), snapshot)
    return position


@pytest.mark.parametrize(
    ("base", "idle", "deficit", "surplus"),
    [
        (None, 700, 0, 0),
        (500, 500, 0, 0),
        (500, 499, 1, 0),
        (500, 501, 0, 1),
    ],
)
def test_position__base_and_balance__say_what_is_missing_or_above(
    base: int | None, idle: int, deficit: int, surplus: int
) -> None:
    position = position_with(base, idle)

    assert (position.deficit, position.surplus) == (deficit, surplus)


def test_positions_of__nothing_under_way__withholds_and_releases_nothing() -> None:
    position = position_with(500, 700)

    assert (position.withheld, position.released, position.effective) == (0, 0, 700)


@pytest.mark.parametrize(("base", "spelled"), [(None, None), (500, "5")])
def test_balances_document__base__is_null_where_there_is_none(
    base: int | None, spelled: str | None
) -> None:
    snapshot = InventorySnapshot(views={1: view(1, 700)})

    document = balances_document(inventory_settings(base), snapshot, "USDC")

    assert isinstance(document, dict)
    row = document["EVM-1"]
    assert isinstance(row, dict)
    assert (row["base"], row["idle"]) == (spelled, "7")


def venue(shares: int, value: int) -> VenuePosition:
    return VenuePosition(venue="0x", shares=shares, value=value, withdrawable=value)


@pytest.mark.parametrize(
    ("position", "least"),
    [
        (None, 0),
        # Shares without value have no price.
        (venue(7, 0), 0),
        # 100 at 3 shares for 2 are 150; less 1 % are 148.5.
        (venue(300, 200), 148),
    ],
)
def test_least_shares__at_the_venue_s_price__rounds_down(
    position: VenuePosition | None, least: int
) -> None:
    assert least_shares(position, 100, 100) == least


@pytest.mark.parametrize(
    ("amount", "most"),
    [
        # 150 and 1 % are 151.5.
        (100, 152),
        (200, 300),
    ],
)
def test_most_shares__at_the_venue_s_price__rounds_up_to_what_there_is(
    amount: int, most: int
) -> None:
    assert most_shares(venue(300, 200), amount, 100) == most
