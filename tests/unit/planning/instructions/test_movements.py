"""Tests of the bounds within which a chain is left unchanged."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.batch import ChainTarget, TargetOrder
from keepers.model.inventory_state import (
    AssetSettings,
    ChainInventory,
    InventorySettings,
    InventorySnapshot,
)
from keepers.model.transfer_record import PlacementVerb
from keepers.planning.instructions.movements import Shift, request_of, shift_of
from keepers.planning.inventory.needs import triggers_of
from tests.unit.planning.inventory.inventories import settings_of, venue, view

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
        # At its minimum, 10 less a slack of 2, the remainder lets the other chain keep 12.
        (8, (8, 12)),
        # One unit below, the other chain gives what it has above its need: 7 + 2.
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

    # Every base has one unit more, since a plan has no base of 0.
    assert (asked["EVM-1"].base - 1, asked["EVM-2"].base - 1) == bases


def shift(
    pools: tuple[int, int], needs: tuple[int, int] = (10, 10), slack: int = 2, **more: object
) -> Shift:
    usual: dict[str, object] = {
        "asset": "USDC",
        "divested": (),
        "invested": (),
        "pools": dict(zip((REST, OTHER), pools, strict=True)),
        "needs": dict(zip((REST, OTHER), needs, strict=True)),
        "idle": {REST: 10, OTHER: 10},
        "slack": {REST: slack, OTHER: slack},
        "remainder": REST,
    }
    return Shift(**(usual | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pools", "slack", "bases"),
    [
        # The other chain is left within its tolerance; outside it, it is brought to its need.
        ((20, 8), 2, (20, 8)),
        ((20, 7), 2, (17, 10)),
        ((20, 12), 2, (20, 12)),
        ((20, 13), 2, (23, 10)),
        ((20, 11), 0, (21, 10)),
        ((20, 10), 0, (20, 10)),
        # An increase of the remainder within its tolerance is ignored; a decrease is not.
        ((20, 13), 3, (20, 13)),
        ((20, 14), 3, (24, 10)),
        ((20, 14), 4, (20, 14)),
        ((20, 6), 3, (16, 10)),
    ],
)
def test_request_of__pools_near_their_needs__are_left_as_they_are(
    pools: tuple[int, int], slack: int, bases: tuple[int, int]
) -> None:
    asked = request_of(settings(), shift(pools, slack=slack)).assets["USDC"]
    assert (asked["EVM-1"].base - 1, asked["EVM-2"].base - 1) == bases
    assert (asked["EVM-1"].balance - 1, asked["EVM-2"].balance - 1) == pools


@pytest.mark.parametrize(
    ("fees", "base"), [(Fraction(0), 17), (Fraction(1), 16), (Fraction(1, 2), 16)]
)
def test_request_of__fees__come_out_of_the_remainder_rounded_down(
    fees: Fraction, base: int
) -> None:
    asked = request_of(settings(), shift((20, 7)), fees=fees).assets["USDC"]
    assert asked["EVM-1"].base - 1 == base


def test_request_of__fees_beyond_what_is_spare__leave_the_least() -> None:
    asked = request_of(settings(), shift((13, 7)), fees=Fraction(9)).assets["USDC"]
    # 10 less a tolerance of 2; amounts for venues have no tolerance.
    assert asked["EVM-1"].base - 1 == 8
    needs_more = shift((23, 7), needs=(20, 10), idle={REST: 1, OTHER: 10})
    asked = request_of(settings(), needs_more, fees=Fraction(9)).assets["USDC"]
    assert asked["EVM-1"].base - 1 == 19


def order(idle: int, invested: int, tolerance: Fraction = Fraction(0)) -> TargetOrder:
    """Return targets of chain 1, with a venue, and of chain 2, with 1,000 idle."""
    targets = {
        1: ChainTarget(idle=idle, venues={"0xV": invested}),
        2: ChainTarget(idle=1_000, venues={}),
    }
    return TargetOrder(targets={"USDC": targets}, tolerance=tolerance, remainder=None)


def shifted(
    idle: int, invested: int, held: int = 50, tolerance: Fraction = Fraction(0)
) -> Shift | str:
    """Return the shift if chain 1 has 100 idle and a position, and chain 2 has 1,000 idle."""
    snapshot = InventorySnapshot(views={1: view(1, 100, venue(9, held, "0xv")), 2: view(2, 1_000)})
    return shift_of(settings_of({1: 1, 2: 1}), snapshot, "USDC", order(idle, invested, tolerance))


@pytest.mark.parametrize(
    ("invested", "verb", "amount"),
    [
        (50, None, 0),
        (51, PlacementVerb.INVEST, 1),
        (49, PlacementVerb.DIVEST, 1),
        (0, PlacementVerb.DIVEST, 50),
        (120, PlacementVerb.INVEST, 70),
    ],
)
def test_shift_of__venue__gets_or_gives_what_is_missing_or_above(
    invested: int, verb: PlacementVerb | None, amount: int
) -> None:
    found = shifted(10, invested)
    assert isinstance(found, Shift)
    placements = [(each.verb, each.amount) for each in (*found.divested, *found.invested)]
    assert placements == ([] if verb is None else [(verb, amount)])
    sign = 0 if verb is None else amount
    assert found.pools == {1: 100 + (sign if verb is PlacementVerb.DIVEST else 0), 2: 1_000}
    assert found.needs == {1: 10 + (sign if verb is PlacementVerb.INVEST else 0), 2: 1_000}


@pytest.mark.parametrize(("invested", "moves"), [(54, 0), (55, 1), (46, 0), (45, 1)])
def test_shift_of__venue_within_the_tolerance__is_left(invested: int, moves: int) -> None:
    # 0.049 tokens are 4 units, rounded down.
    found = shifted(10, invested, tolerance=Fraction(49, 1_000))
    assert isinstance(found, Shift)
    assert len(found.divested) + len(found.invested) == moves
    assert found.slack == {1: 4, 2: 4}


@pytest.mark.parametrize(("idle", "is_enough"), [(100, True), (101, False)])
def test_shift_of__needs_beyond_what_is_there__says_so(idle: int, is_enough: bool) -> None:
    found = shifted(idle, 50)
    assert isinstance(found, Shift) is is_enough
    if not is_enough:
        assert found == (
            "the targets of USDC need 11.01 idle or to be invested, and the chains that are named "
            "have 11"
        )


def test_shift_of__too_little__is_named_with_six_decimals() -> None:
    snapshot = InventorySnapshot(views={1: view(1, 123_456_749), 2: view(2, 0)})
    targets = {1: ChainTarget(idle=234_567_851, venues={}), 2: ChainTarget(idle=0, venues={})}
    wanted = TargetOrder(targets={"USDC": targets}, tolerance=Fraction(0), remainder=None)
    assert shift_of(settings_of({1: 1, 2: 1}, 8), snapshot, "USDC", wanted) == (
        "the targets of USDC need 2.345679 idle or to be invested, and the chains that are named "
        "have 1.234567"
    )


def test_shift_of__remainder__is_the_largest_target_then_the_lowest_chain() -> None:
    found = shifted(10, 50)
    assert isinstance(found, Shift)
    assert found.remainder == 2
    equal = {each: ChainTarget(idle=100, venues={}) for each in (2, 1)}
    snapshot = InventorySnapshot(views={1: view(1, 100), 2: view(2, 100)})
    wanted = TargetOrder(targets={"USDC": equal}, tolerance=Fraction(0), remainder=None)
    found = shift_of(settings_of({1: 1, 2: 1}), snapshot, "USDC", wanted)
    assert isinstance(found, Shift)
    assert found.remainder == 1


@pytest.mark.parametrize(
    ("pools", "fees", "bases"),
    [
        ((20, 13), 0, (23, 10)),
        # An increase up to the tolerance is ignored, unless the remainder is below its minimum.
        ((20, 13), 1, (20, 10)),
        ((20, 13), 2, (20, 10)),
        ((20, 13), 3, (20, 10)),
        ((8, 13), 1, (8, 10)),
        ((7, 13), 1, (9, 10)),
        # Below its minimum, the remainder gets every unit above the needs of the others.
        ((7, 11), 0, (8, 10)),
    ],
)
def test_request_of__remainder_within_its_tolerance__is_left(
    pools: tuple[int, int], fees: int, bases: tuple[int, int]
) -> None:
    asked = request_of(settings(), shift(pools), fees=Fraction(fees)).assets["USDC"]
    assert (asked["EVM-1"].base - 1, asked["EVM-2"].base - 1) == bases


def mixed_settings() -> InventorySettings:
    """Return settings with two decimals on chain 1 and three on chain 2."""
    one, two = (settings_of({each: 1}, decimals).chains for each, decimals in ((1, 2), (2, 3)))
    return InventorySettings(trigger_percentage=Fraction(1, 2), chains={**one, **two})


@pytest.mark.parametrize(("idle", "is_enough"), [(1_000, True), (1_001, False)])
def test_shift_of__other_decimals__adds_tokens(idle: int, is_enough: bool) -> None:
    # Chain 1 has one token more than it needs; chain 2 lacks one token.
    snapshot = InventorySnapshot(views={1: view(1, 300), 2: view(2, 0)})
    targets = {1: ChainTarget(idle=200, venues={}), 2: ChainTarget(idle=idle, venues={})}
    wanted = TargetOrder(targets={"USDC": targets}, tolerance=Fraction(0), remainder=1)

    found = shift_of(mixed_settings(), snapshot, "USDC", wanted)

    assert isinstance(found, Shift) is is_enough
    if isinstance(found, Shift):
        asked = request_of(mixed_settings(), found).assets["USDC"]
        assert (asked["EVM-1"].base - 1, asked["EVM-2"].base - 1) == (200, 1_000)


def test_request_of__other_decimals__remainder_gets_what_is_spare_in_its_own() -> None:
    rest = shift((200, 3_010), needs=(200, 1_000), slack=0)
    asked = request_of(mixed_settings(), rest).assets["USDC"]
    # 2.01 tokens more on chain 1.
    assert (asked["EVM-1"].base - 1, asked["EVM-2"].base - 1) == (401, 1_000)


def test_request_of__a_single_unit_of_many_is_missing__is_a_trigger() -> None:
    # A trillion tokens of 18 decimals.
    need = 10**30
    asked = request_of(settings(), shift((need + 1, need - 1), needs=(need, need), slack=0))
    assert [(each.chain, each.deficit) for each in triggers_of(asked)] == [("EVM-2", 1)]
