"""Tests of several keepers on one database: leases with a fencing epoch, ticks claimed once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from keepers.model.errors.run import DuplicateRecordError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.run import RunKind
from keepers.model.transaction_records import LeaseGrant
from keepers.model.transaction_states import TickState
from keepers.store import attempts, run_writes
from keepers.store.connection import connect
from keepers.store.database import Database, Writing, database_time, open_database
from keepers.store.leases import acquire_lease, release_lease, renew_lease
from keepers.store.tables import events, ticks
from keepers.store.ticks import claim_tick, skip_tick, start_tick
from tests.unit.store.ledger.samples import NOON, RUN, SCOPE, StillClock
from tests.unit.store.ledger.story import Story


def nothing(writing: Writing) -> None:
    del writing


def test_acquire__held_by_another__is_refused_until_it_expires(
    story: Story, clock: StillClock
) -> None:
    with pytest.raises(LeaseHeldError) as caught:
        story.acquire(SCOPE, "two")
    assert (caught.value.scope, caught.value.holder) == (SCOPE, "one")
    clock.advance(60)
    assert story.acquire(SCOPE, "two").epoch == 2


def test_stale_epoch__whatever_it_writes__is_refused(story: Story, clock: StillClock) -> None:
    _, slot_id = story.numbered()
    attempt_id = story.store(slot_id)
    story.seal(attempt_id)
    clock.advance(61)
    mine = story.acquire(SCOPE, "two")
    # The first holder resumes: it may send only what it has stored, and write nothing.
    writes: list[Callable[[Writing], object]] = [
        nothing,
        lambda writing: attempts.record_broadcast(writing, attempt_id, 1),
        lambda writing: renew_lease(writing, 60),
        release_lease,
        lambda writing: run_writes.add_step(writing, RUN.run_id, "SEND", {}),
    ]
    for write in writes:
        with pytest.raises(StaleLeaseError) as caught:
            story.do(write)
        assert (caught.value.scope, caught.value.epoch) == (SCOPE, 1)
    story.lease = mine
    story.do(lambda writing: attempts.record_broadcast(writing, attempt_id, 1))


def test_expired__nobody_has_taken_it__is_over_all_the_same(
    story: Story, clock: StillClock
) -> None:
    clock.advance(59)
    story.lease = story.do(lambda writing: renew_lease(writing, 60))
    clock.advance(59)
    story.step()
    clock.advance(1)
    with pytest.raises(StaleLeaseError):
        story.step()
    with pytest.raises(StaleLeaseError):
        story.do(lambda writing: renew_lease(writing, 60))


def test_holder_restarts__takes_its_lease_over__and_fences_itself_off(story: Story) -> None:
    before, story.lease = story.lease, story.acquire(SCOPE)
    story.step()
    assert story.lease.epoch == before.epoch + 1
    with pytest.raises(StaleLeaseError):
        story.ledger.transact("test", nothing, before)


def test_release__then_another__gets_the_next_epoch(story: Story) -> None:
    story.do(release_lease)
    with pytest.raises(StaleLeaseError):
        story.step()
    assert story.acquire(SCOPE, "two").epoch == 2


def test_renew__without_a_lease__is_refused(ledger: Database) -> None:
    with pytest.raises(StaleLeaseError):
        ledger.transact("renew", lambda writing: renew_lease(writing, 60))


def test_writers__many_at_once__one_holds_the_lease(url: str) -> None:
    def acquire(number: int) -> LeaseGrant | None:
        ledger = Database(connect(url))
        try:
            return ledger.transact(
                "acquire", lambda writing: acquire_lease(writing, SCOPE, f"keeper {number}", 60)
            )
        except LeaseHeldError:
            return None
        finally:
            ledger.close()

    with ThreadPoolExecutor(4) as pool:
        granted = [each for each in pool.map(acquire, range(8)) if each is not None]
    assert [each.epoch for each in granted] == [1]


def test_writers__two_at_once__lose_nothing(url: str) -> None:
    def write(number: int) -> None:
        ledger = Database(connect(url))
        lease = ledger.transact(
            "acquire", lambda writing: acquire_lease(writing, f"scope {number}", "one", 60)
        )
        for _ in range(10):
            lease = ledger.transact("renew", lambda writing: renew_lease(writing, 60), lease)
        ledger.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(2)))
    ledger = Database(connect(url))
    renewed = select(func.count()).select_from(events).where(events.c.cause == "RENEW")
    assert ledger.read(lambda connection: connection.scalar(renewed)) == 20
    ledger.close()


def test_claim__many_at_once__each_tick_is_claimed_once(url: str) -> None:
    due = [NOON + timedelta(hours=each) for each in range(10)]

    def claim(number: int) -> int:
        ledger = Database(connect(url))
        claimed = [
            ledger.transact("claim", lambda w, at=at: claim_tick(w, "hourly", at, f"k{number}"))
            for at in due
        ]
        ledger.close()
        return sum(each is not None for each in claimed)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(claim, range(4))) == len(due)


def test_tick__with_its_run__is_one_transaction(ledger: Database) -> None:
    def start(writing: Writing) -> None:
        tick_id = claim_tick(writing, "hourly", NOON, "one")
        assert tick_id is not None
        start_tick(writing, tick_id, RUN.run_id)

    def open_and_start(writing: Writing) -> None:
        run_writes.open_run(writing, RunKind.TRANSFER, RUN)
        start(writing)

    def states(connection: Connection) -> list[str]:
        return list(connection.scalars(select(ticks.c.state)))

    ledger.transact("start", open_and_start)
    with pytest.raises(DuplicateRecordError):
        ledger.transact("start", open_and_start)
    assert ledger.read(states) == [TickState.RUN]


def test_tick__skipped__says_why(ledger: Database) -> None:
    def skip(writing: Writing) -> None:
        tick_id = claim_tick(writing, "hourly", NOON, "one")
        assert tick_id is not None
        skip_tick(writing, tick_id, "another one is due already")

    ledger.transact("skip", skip)
    assert ledger.transact("claim", lambda w: claim_tick(w, "hourly", NOON, "two")) is None


def test_database_time__is_now_in_utc(url: str) -> None:
    ledger = open_database(url)
    now = ledger.read(database_time)
    ledger.close()
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
