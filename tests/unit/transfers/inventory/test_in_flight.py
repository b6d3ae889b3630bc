"""Money in transit is counted once: rows F1 and F11, with the real machine and simulated time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests.unit.transfers.inventory.paper import BASE, UNIT, PaperInventory
from tests.unit.transfers.transfer_rig import ONE, TWO

pytestmark = pytest.mark.long

DRAINS = {1: 40 * UNIT, 5: 40 * UNIT}
"""Seconds and amounts, as in the scenario `inflight-guard`."""


def run(inventory: PaperInventory, seconds: int = 20) -> int:
    """Run the scenario, with a check each second and 4 seconds in transit; count the transfers."""
    inventory.timed.seconds = 4
    for second in range(seconds):
        inventory.use(TWO, DRAINS.get(second, 0))
        inventory.check()
        inventory.turn()
    return sum(len(inventory.transfers.of_batch(each.batch_id)) for each in inventory.made())


def scenario(file: Path, *, surplus: int) -> PaperInventory:
    """Return two chains of 100, one with a surplus, and a trigger at a loss of 5 %."""
    funds = {ONE: BASE + surplus, TWO: BASE}
    return PaperInventory(file, funds=funds, trigger=Fraction(1, 20))


class Forgetful:
    """Repository without transfers in progress: the naive runner of the scenario."""

    def __init__(self, transfers: object) -> None:
        self._transfers = transfers

    def unsettled(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> object:
        return getattr(self._transfers, name)


def naive(inventory: PaperInventory) -> PaperInventory:
    machine = replace(inventory.world, transfers=Forgetful(inventory.transfers))  # type: ignore[arg-type]
    inventory.inventory = replace(inventory.inventory, machine=machine)
    return inventory


def test_f1__one_rebalance_for_each_imbalance(new_file: Callable[[], Path]) -> None:
    inventory = scenario(new_file(), surplus=100 * UNIT)
    assert run(inventory) == 2
    assert (inventory.idle(ONE), inventory.idle(TWO)) == (BASE + 20 * UNIT, BASE)


def test_f1__with_the_surplus_of_the_scenario__the_second_is_not_covered_in_part(
    new_file: Callable[[], Path],
) -> None:
    inventory = scenario(new_file(), surplus=50 * UNIT)
    assert run(inventory) == 1
    assert inventory.idle(ONE) == BASE + 10 * UNIT
    told = [each.text for each in inventory.notices.reported]
    assert any("InsufficientSurplus" in each for each in told)


def test_f1__fewer_than_half_of_the_naive_runner(new_file: Callable[[], Path]) -> None:
    aware, forgetful = (scenario(new_file(), surplus=1_000 * UNIT) for _ in range(2))
    assert run(aware) * 2 < run(naive(forgetful))


def test_f11__a_transfer_is_counted_however_long_it_takes(inventory: PaperInventory) -> None:
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    inventory.timed.ready = False
    inventory.check()
    inventory.run_until("CROSS.CROSSING")
    for _ in range(6):
        inventory.turn()
        inventory.pass_time(7 * 86_400 / 3)
        assert inventory.check() == ()
    assert len(inventory.transfers.unsettled()) == 1


def test_f11__a_stale_plan_is_called_off_and_made_anew(inventory: PaperInventory) -> None:
    """After 30 minutes without a departure nothing has left the source, so nothing is counted."""
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    (first,) = inventory.check()
    inventory.pass_time(30 * 60)
    assert inventory.check() == ()
    inventory.turn()
    (second,) = inventory.check()
    assert first.batch_id != second.batch_id
    inventory.run()
    assert (inventory.idle(ONE), inventory.idle(TWO)) == (BASE + 40 * UNIT, BASE)


def test_f11__of_two_the_one_that_came_is_counted_as_there(inventory: PaperInventory) -> None:
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    inventory.check()
    inventory.run()
    inventory.use(TWO, 55 * UNIT)
    inventory.use(ONE, -20 * UNIT)
    inventory.check()
    inventory.timed.ready = False
    for _ in range(4):
        inventory.turn()
        assert inventory.check() == ()
    assert len(inventory.made()) == 2
