"""Tests of a held lease: a keeper that works longer than the lease lasts keeps it."""

from collections.abc import Callable

import pytest

from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.store.database import Database, Writing
from keepers.store.leases import HeldLease
from tests.unit.store.ledger.samples import SCOPE, StillClock

SECONDS = 60
Holding = Callable[[str], HeldLease]


def nothing(writing: Writing) -> None:
    del writing


@pytest.fixture
def holding(ledger: Database) -> Holding:
    """Function that creates a holder of the scope's lease, which is free at first."""
    return lambda holder: HeldLease(ledger, SCOPE, holder, SECONDS)


def test_write__more_than_half_is_over__has_it_for_longer(
    holding: Holding, clock: StillClock
) -> None:
    one, two = holding("one"), holding("two")
    one.acquire()
    for _ in range(4):
        clock.advance(SECONDS / 2)
        one.write("work", nothing)
    clock.advance(SECONDS - 1)
    with pytest.raises(LeaseHeldError):
        two.acquire()
    clock.advance(1)
    two.acquire()


def test_write__less_than_half_is_over__leaves_it(holding: Holding, clock: StillClock) -> None:
    one, two = holding("one"), holding("two")
    one.acquire()
    clock.advance(SECONDS / 2 - 1)
    one.write("work", nothing)
    clock.advance(SECONDS / 2 + 1)
    two.acquire()


def test_write__it_was_over__is_refused_and_gets_nothing(
    holding: Holding, clock: StillClock
) -> None:
    one, two = holding("one"), holding("two")
    one.acquire()
    clock.advance(SECONDS)
    with pytest.raises(StaleLeaseError):
        one.write("work", nothing)
    two.acquire()
