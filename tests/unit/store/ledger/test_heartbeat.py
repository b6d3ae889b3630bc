"""A thread renews a lease only while its holder is alive, and never acquires one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.store.database import Database, Writing
from keepers.store.leases import HeldLease, heartbeat
from keepers.store.tables import events, leases
from tests.unit.store.ledger.samples import SCOPE, StillClock

SECONDS = 6
PATIENCE = 30.0
Holding = Callable[[str], HeldLease]


def nothing(writing: Writing) -> None:
    del writing


@pytest.fixture
def holding(ledger: Database) -> Holding:
    """Function that creates a holder of the scope's lease, which is free at first."""
    return lambda holder: HeldLease(ledger, SCOPE, holder, SECONDS)


def test_heartbeat__holder_waits_for_long__keeps_the_lease_without_an_event(
    holding: Holding, ledger: Database, clock: StillClock
) -> None:
    one, two = holding("one"), holding("two")
    one.acquire()
    before = ledger.read(lambda c: c.scalar(select(func.count()).select_from(events)))
    for _ in range(10):
        clock.advance(SECONDS - 1)
        one.heartbeat()
    with pytest.raises(LeaseHeldError):
        two.acquire()
    one.write("work", nothing)
    assert ledger.read(lambda c: c.scalar(select(leases.c.epoch))) == 1
    assert ledger.read(lambda c: c.scalar(select(func.count()).select_from(events))) == before


def test_heartbeat__after_the_lease_was_over__acquires_nothing(
    holding: Holding, ledger: Database, clock: StillClock
) -> None:
    one, two = holding("one"), holding("two")
    one.acquire()
    clock.advance(SECONDS)  # frozen, and no other keeper has acquired the lease
    with pytest.raises(StaleLeaseError):
        one.heartbeat()
    with pytest.raises(StaleLeaseError):
        one.write("work", nothing)
    two.acquire()
    clock.advance(SECONDS)
    with pytest.raises(StaleLeaseError):
        one.heartbeat()
    assert ledger.read(lambda c: c.scalar(select(leases.c.epoch))) == 2


def test_heartbeat__nothing_is_held__does_nothing(holding: Holding, ledger: Database) -> None:
    one = holding("one")
    one.heartbeat()
    one.acquire()
    one.release()
    one.heartbeat()
    assert ledger.read(lambda c: c.scalars(select(leases.c.state)).all()) == ["FREE"]


class Beaten(HeldLease):
    """Lease of one second that records its heartbeats; a short lease has frequent heartbeats."""

    def __init__(self, ledger: Database) -> None:
        super().__init__(ledger, SCOPE, "one", 1)
        self.beats = threading.Semaphore(0)
        self.is_over = False

    def heartbeat(self) -> None:
        """Count the heartbeat."""
        self.beats.release()
        if self.is_over:
            raise StaleLeaseError(SCOPE, 1)


def test_thread__beats_while_the_holder_is_alive_and_tells_of_a_loss(ledger: Database) -> None:
    lease, lost, asked = Beaten(ledger), threading.Event(), threading.Semaphore(0)
    is_alive = threading.Event()

    def alive() -> bool:
        asked.release()
        return is_alive.is_set()

    with heartbeat(lease, alive=alive, lost=lost.set):
        for _ in range(2):
            assert asked.acquire(timeout=PATIENCE)
        assert not lease.beats.acquire(blocking=False), "its holder hangs"
        is_alive.set()
        assert lease.beats.acquire(timeout=PATIENCE)
        assert not lost.is_set()
        lease.is_over = True
        assert lost.wait(PATIENCE)


def test_renewal__extends_from_the_time_of_the_database(
    holding: Holding, ledger: Database, clock: StillClock
) -> None:
    one = holding("one")
    one.acquire()
    clock.advance(2)
    one.heartbeat()
    expires = ledger.read(lambda c: c.scalar(select(leases.c.expires_at)))
    assert expires == ledger.now() + timedelta(seconds=SECONDS)
