"""For any subset of unreadable chains, the others are planned as far as their money suffices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from keepers.model.transfer_record import TransferRecord
from tests.support.deep import IS_DEEP
from tests.unit.transfers.inventory.fleet import (
    BASE_CHAIN,
    GIVING,
    SHORT,
    SURPLUS,
    TAKING,
    TEN,
    PaperFleet,
)
from tests.unit.transfers.inventory.paper import BASE, UNIT
from tests.unit.transfers.transfer_rig import ONE, TWO

pytestmark = [pytest.mark.deep, pytest.mark.long]

IDS = PaperFleet.ids
THRESHOLD = BASE // 2
EXAMPLES = 400 if IS_DEEP else 15

Amounts = Mapping[int, int]

changes = st.fixed_dictionaries(
    {each: st.integers(-200 if each in GIVING else 0, 100).map(UNIT.__mul__) for each in IDS}
)
"""Amount in whole units that is taken out of each chain; added if negative."""

imbalances = st.fixed_dictionaries(
    {
        each: st.integers(*((-200, -20) if each in GIVING else (40, 100))).map(UNIT.__mul__)
        for each in IDS
    }
)
"""Changes after which a transfer is usually sent."""

phases = st.sampled_from(["", "CROSS.CROSSING", "TRANSFER_IN.CONFIRM"])
"""Position of the first transfer at that time."""

subsets = st.sets(st.sampled_from(IDS))


@dataclass(frozen=True)
class Truth:
    """State in the books of all chains, whether or not the keeper can read them.

    Attributes:
        effective: Idle balance by chain after all open transfers have arrived.
        spare: Amount that can be sent at once and leave the chain at its base.
    """

    effective: Amounts
    spare: Amounts


def truth_of(fleet: PaperFleet) -> Truth:
    """Count each transfer once: at its source until it has left, then in transit, then arrived."""
    idle = {each: fleet.idle(each) for each in IDS}
    leaving, coming = dict.fromkeys(IDS, 0), dict.fromkeys(IDS, 0)
    for each in fleet.transfers.unsettled():
        source, destination = each.terms.source_chain, each.terms.destination_chain
        legs = [fleet.treasuries[end].books().legs for end in (source, destination)]
        sent, received = (found.get(each.transfer_id, {}) for found in legs)
        leaving[source] += 0 if "sent" in sent else each.terms.amount
        coming[destination] += 0 if "received" in received else each.terms.min_received
    effective = {each: idle[each] - leaving[each] + coming[each] for each in IDS}
    free = {each: min(effective[each], idle[each] - leaving[each]) for each in IDS}
    return Truth(effective, {each: max(0, free[each] - BASE) for each in IDS})


def begun(fleet: PaperFleet, before: set[str]) -> list[TransferRecord]:
    return [each for each in fleet.transfers.transfers() if each.transfer_id not in before]


def change(fleet: PaperFleet, amounts: Amounts) -> None:
    """Take at most the amount that is idle and will not leave."""
    truth = truth_of(fleet)
    for each, amount in amounts.items():
        most = max(0, min(truth.effective[each], fleet.idle(each)))
        fleet.use(each, min(amount, most))


@example(  # an arrived amount is used again before its transfer has ended
    first={ONE: -SURPLUS, TEN: -SURPLUS, BASE_CHAIN: SHORT, TWO: SHORT},
    phase="TRANSFER_IN.CONFIRM",
    then={ONE: 0, TEN: 0, BASE_CHAIN: 0, TWO: SHORT},
    dark={BASE_CHAIN},
)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=imbalances, phase=phases, then=changes, dark=subsets)
def test_plan__any_chains_unreadable__conserves_and_serves_the_rest(
    new_file: Callable[[], Path], first: Amounts, phase: str, then: Amounts, dark: set[int]
) -> None:
    fleet = fleet_at_base(new_file())
    change(fleet, first)
    fleet.check()
    if phase and fleet.transfers.unsettled():
        fleet.run_until(phase)
    change(fleet, then)
    truth = truth_of(fleet)
    before = {each.transfer_id for each in fleet.transfers.transfers()}
    event(f"{phase}: {len(fleet.transfers.unsettled())} under way, {len(dark)} unreadable")

    for each in dark:
        fleet.chains[each].down = True
    fleet.check()
    made = begun(fleet, before)

    ends = {end for each in made for end in (each.terms.source_chain, each.terms.destination_chain)}
    assert not ends & dark, "money is planned from or to a chain that cannot be read"
    sent, arriving = dict.fromkeys(IDS, 0), dict.fromkeys(IDS, 0)
    for each in made:
        assert each.terms.amount == each.terms.min_received, "the bridge is free"
        sent[each.terms.source_chain] += each.terms.amount
        arriving[each.terms.destination_chain] += each.terms.min_received
    after = truth_of(fleet).effective
    assert after == {each: truth.effective[each] - sent[each] + arriving[each] for each in IDS}
    assert sum(after.values()) == sum(truth.effective.values())
    spare = sum(truth.spare[each] - sent[each] for each in IDS if each not in dark)
    for each in IDS:
        assert sent[each] <= truth.spare[each]
        lacks = BASE - truth.effective[each]
        is_due = each not in dark and truth.effective[each] <= THRESHOLD
        assert arriving[each] in ({0, lacks} if is_due else {0})
        if is_due and not arriving[each]:
            assert lacks > spare, "what lacks could be served, and is not"


def fleet_at_base(file: Path) -> PaperFleet:
    """Return a fleet with every chain at its base and a free bridge."""
    fleet = PaperFleet(file)
    fleet.timed.fee = 0
    for each in GIVING:
        fleet.use(each, SURPLUS)
    for each in TAKING:
        fleet.use(each, -SHORT)
    return fleet
