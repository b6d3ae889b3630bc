"""In every phase of transfers and placements, balances and fees have the same sum."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.inventory import InFlight
from keepers.model.inventory_state import InventorySnapshot
from keepers.model.limits import KeeperLimits
from keepers.model.transaction_states import StepState
from keepers.model.transfer import DONE, OUT, TransferTerms
from keepers.model.transfer_record import (
    NewPlacement,
    NewTransfer,
    PlacementRecord,
    PlacementVerb,
    TransferRecord,
    TransferWork,
    VenueTerms,
)
from keepers.model.treasury import Legs, SizeBands, TreasuryHolding, TreasuryView
from keepers.planning.inventory.position import movement_of, placement_effect
from tests.unit.transfers.paper_treasury import UNLIMITED, VENUE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE, TWO, START = 1, 42_161, 10_000
PHASES = ("planned", "left", "arrived", "invested", "done")


def view(chain_id: int, idle: int) -> TreasuryView:
    return TreasuryView(
        chain_id=chain_id,
        block_number=1,
        block_hash="0x",
        at=NOON,
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


def record(amount: int, fee: int, invest: int, nonce: int, *, done: bool) -> TransferRecord:
    terms = TransferTerms(
        source_chain=ONE,
        source_treasury="0x" + "11" * 20,
        destination_chain=TWO,
        destination_treasury="0x" + "22" * 20,
        asset="USDC",
        amount=amount,
        min_received=amount - fee,
        route="PAPER",
        nonce=nonce,
    )
    put = VenueTerms(venue=VENUE, amount=invest, shares=0) if invest else None
    new = NewTransfer(
        transfer_id=terms.transfer_id,
        run_id=str(nonce),
        batch_id="b",
        terms=terms,
        options=b"",
        native_fee=0,
        seconds=1,
        destination_block=0,
        invest=put,
    )
    states = dict.fromkeys(TransferWork, StepState.DONE if done else StepState.PENDING)
    return TransferRecord(
        new=new,
        position=DONE if done else OUT[0],
        steps={},
        states=states,
        created_at=NOON,
        moved_at=NOON,
        received=amount - fee if done else None,
    )


@st.composite
def moves(draw: st.DrawFn) -> tuple[int, int, int, str]:
    amount = draw(st.integers(10, 1_000))
    fee = draw(st.integers(0, 9))
    invest = draw(st.sampled_from([0, amount - fee, (amount - fee) // 2]))
    phases = PHASES if invest else (*PHASES[:3], "done")
    return amount, fee, invest, draw(st.sampled_from(phases))


@given(st.lists(moves(), max_size=6))
def test_effective_balances__do_not_depend_on_phases(
    found: list[tuple[int, int, int, str]],
) -> None:
    idle = {ONE: START, TWO: START}
    flights: list[InFlight] = []
    withheld = {("USDC", TWO): 0}
    for nonce, (amount, fee, invest, phase) in enumerate(found):
        left, arrived = phase != "planned", phase in PHASES[2:]
        invested = phase in PHASES[3:] and invest > 0
        idle[ONE] -= amount if left else 0
        idle[TWO] += (amount - fee if arrived else 0) - (invest if invested else 0)
        movement = movement_of(
            record(amount, fee, invest, nonce, done=phase == "done"),
            Legs(sent=NOON if left else None),
            Legs(received=NOON if arrived else None, invested=NOON if invested else None),
        )
        assert movement.in_flight is not None
        flights.append(movement.in_flight)
        withheld["USDC", TWO] += movement.withheld
    snapshot = InventorySnapshot(
        views={each: view(each, amount) for each, amount in idle.items()},
        in_flight=tuple(flights),
        withheld=withheld,
    )
    one, two = (snapshot.effective("USDC", each) for each in (ONE, TWO))
    assert one == START - sum(amount for amount, *_ in found)
    assert two == START + sum(amount - fee - invest for amount, fee, invest, _ in found)
    fees = sum(fee for _, fee, *_ in found)
    invested_in_all = sum(invest for *_, invest, _ in found)
    assert one + two + fees + invested_in_all == 2 * START
    assert snapshot.available("USDC", TWO) <= snapshot.idle("USDC", TWO)


@given(st.integers(1, 10**9), st.sampled_from(PlacementVerb), st.booleans())
def test_placement__counts_until_its_leg_is_seen(
    amount: int, verb: PlacementVerb, is_seen: bool
) -> None:
    new = NewPlacement(
        placement_id="0x1",
        run_id="r",
        batch_id="b",
        chain_id=ONE,
        asset="USDC",
        verb=verb,
        move=VenueTerms(venue=VENUE, amount=amount, shares=0),
    )
    placed = PlacementRecord(
        new=new, step_id=1, state=StepState.ACTIVE, reason=None, created_at=NOON
    )
    seen = NOON if is_seen else None
    legs = Legs(invested=seen, divested=seen)
    sign = -1 if verb is PlacementVerb.INVEST else 1
    assert placement_effect(placed, legs) == (0 if is_seen else sign * amount)
