"""Targets become needs: what suffices stays, nothing moves without need, no amount is lost."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from keepers.model.batch import ChainTarget, TargetOrder
from keepers.model.inventory import Route
from keepers.model.inventory_state import (
    AssetSettings,
    ChainInventory,
    InventorySettings,
    InventorySnapshot,
    chain_id_of,
    state_machine_id,
)
from keepers.model.transfer_record import PlacementVerb
from keepers.model.treasury import TreasuryHolding, TreasuryView, VenuePosition
from keepers.planning.instructions.movements import request_of, shift_of
from keepers.planning.inventory.plan import plan_inventory
from tests.unit.transfers.inventory.test_conservation import view
from tests.unit.transfers.paper_treasury import VENUE

CHAINS = (1, 10, 42_161, 8_453)
SIZES = st.sampled_from([0, 1, 5, 30, 100])


def settings() -> InventorySettings:
    asset = AssetSettings(token="0x", decimals=0, base=1, venues=(VENUE,))
    chains = {
        each: ChainInventory(
            ledger="0x", assets={"USDC": asset}, maximum_native_fee=0, gas_reserve=0
        )
        for each in CHAINS
    }
    return InventorySettings(trigger_percentage=Fraction(1, 2), chains=chains)


def snapshot(holdings: dict[int, tuple[int, int]]) -> InventorySnapshot:
    views: dict[int, TreasuryView] = {}
    for chain_id, (idle, invested) in holdings.items():
        position = VenuePosition(
            venue=VENUE, shares=invested, value=invested, withdrawable=invested
        )
        held = {"USDC": TreasuryHolding(idle, (position,))}
        views[chain_id] = replace(view(chain_id, idle), holdings=held)
    return InventorySnapshot(views=views)


HELD = st.fixed_dictionaries({each: st.tuples(SIZES, SIZES) for each in CHAINS})
TARGETS = st.fixed_dictionaries({each: st.tuples(SIZES, SIZES) for each in CHAINS})


def order(targets: dict[int, tuple[int, int]], tolerance: int) -> TargetOrder:
    chains = {
        each: ChainTarget(idle=idle, venues={VENUE: invested})
        for each, (idle, invested) in targets.items()
    }
    return TargetOrder(targets={"USDC": chains}, tolerance=Fraction(tolerance))


@given(HELD, TARGETS, st.sampled_from([0, 2]))
def test_shift__carried_out__is_as_wanted(
    held: dict[int, tuple[int, int]], targets: dict[int, tuple[int, int]], tolerance: int
) -> None:
    shift = shift_of(settings(), snapshot(held), "USDC", order(targets, tolerance))
    enough = sum(map(sum, held.values())) >= sum(map(sum, targets.values()))
    if isinstance(shift, str):
        assert not enough or tolerance
        return
    plan = plan_inventory(request_of(settings(), shift, free_routes()))
    assert not plan.uncovered
    idle = {each: amount for each, (amount, _) in held.items()}
    invested = {each: amount for each, (_, amount) in held.items()}
    for verb in (PlacementVerb.DIVEST, PlacementVerb.INVEST):
        if verb is PlacementVerb.INVEST:
            for each in plan.transfers:
                idle[chain_id_of(each.source)] -= each.amount
                idle[chain_id_of(each.destination)] += each.arrives
        for each in (*shift.divested, *shift.invested):
            if each.verb is verb:
                sign = 1 if verb is PlacementVerb.DIVEST else -1
                idle[each.chain_id] += sign * each.amount
                invested[each.chain_id] -= sign * each.amount
        assert min((*idle.values(), *invested.values())) >= 0
    assert sum(idle.values()) + sum(invested.values()) == sum(map(sum, held.values()))
    for each, (wanted_idle, wanted_invested) in targets.items():
        assert abs(invested[each] - wanted_invested) <= tolerance
        assert idle[each] >= wanted_idle - tolerance
        if each != shift.remainder and not tolerance:
            assert idle[each] == wanted_idle


@given(HELD, TARGETS)
def test_shift__same_snapshot__same_plan(
    held: dict[int, tuple[int, int]], targets: dict[int, tuple[int, int]]
) -> None:
    shifts = [
        shift_of(
            settings(),
            snapshot(dict(sorted(held.items(), reverse=reverse))),
            "USDC",
            order(dict(sorted(targets.items(), reverse=reverse)), 0),
        )
        for reverse in (False, True)
    ]
    assume(not isinstance(shifts[0], str))
    assert shifts[0] == shifts[1]


@given(HELD, st.sampled_from([0, 3]))
def test_shift__what_is_there_is_the_target__nothing_is_moved(
    held: dict[int, tuple[int, int]], tolerance: int
) -> None:
    shift = shift_of(settings(), snapshot(held), "USDC", order(held, tolerance))
    assert not isinstance(shift, str)
    assert shift.divested == shift.invested == ()
    assert plan_inventory(request_of(settings(), shift, free_routes())).transfers == ()


def free_routes() -> tuple[Route, ...]:
    return tuple(
        Route(
            asset="USDC",
            source=state_machine_id(source),
            destination=state_machine_id(destination),
            route="FREE",
        )
        for source in CHAINS
        for destination in CHAINS
        if source != destination
    )
