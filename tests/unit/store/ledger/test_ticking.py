"""Ticks under the lease of a vault's clock: claimed once, taken up after a kill, ended once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from keepers.model.errors.run import StoreRefusedError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.run import RunKind
from keepers.model.tick import Tick, TickResult
from keepers.store import run_writes
from keepers.store.database import Database
from keepers.store.tables import events, ticks
from keepers.store.ticks import TickRepository, clock_lease
from tests.unit.store.ledger.samples import NOON, RUN, StillClock

NAME = "main:liquidity"
FIVE = timedelta(minutes=5)
Rows = list[tuple[str, str | None, str | None]]


@pytest.fixture
def keepers(ledger: Database) -> Callable[[str], TickRepository]:
    """Function that creates keepers of one vault by name."""

    def make(holder: str) -> TickRepository:
        return TickRepository(
            ledger, "main", clock_lease(ledger, "main", holder=holder, seconds=60)
        )

    return make


@pytest.fixture
def first(keepers: Callable[[str], TickRepository]) -> TickRepository:
    """Keeper that holds the lease, with a schedule that began at noon."""
    keeper = keepers("one")
    keeper.hold()
    assert keeper.begin(NAME, NOON)
    return keeper


def rows(ledger: Database) -> Rows:
    def read(connection: Connection) -> Rows:
        query = select(ticks.c.state, ticks.c.run_id, ticks.c.reason).order_by(ticks.c.due)
        return [(row.state, row.run_id, row.reason) for row in connection.execute(query)]

    return ledger.read(read)


def claimed(keeper: TickRepository, after: timedelta) -> Tick:
    tick = keeper.claim(NAME, NOON + after)
    assert tick is not None
    return tick


def opened(ledger: Database, run_id: str) -> str:
    run = replace(RUN, run_id=run_id, vault=run_id)
    ledger.transact("open_run", lambda w: run_writes.open_run(w, RunKind.REBALANCE, run))
    return run_id


def test_claim__is_of_one_keeper(first: TickRepository) -> None:
    tick = claimed(first, FIVE)
    assert (tick.due, tick.since) == (NOON + FIVE, NOON)
    assert first.claim(NAME, NOON + FIVE) is None
    assert first.newest(NAME, NOON + FIVE) == NOON + FIVE
    assert first.newest(NAME, NOON + FIVE / 2) == NOON
    assert not first.begin(NAME, NOON)


def test_standby__may_not_claim_until_the_lease_is_over(
    first: TickRepository, keepers: Callable[[str], TickRepository], clock: StillClock
) -> None:
    tick = claimed(first, FIVE)
    second = keepers("two")
    with pytest.raises(LeaseHeldError):
        second.hold()
    with pytest.raises(StaleLeaseError):
        second.claim(NAME, NOON + 2 * FIVE)
    clock.advance(61)
    second.hold()
    assert second.unfinished(NAME) == tick
    second.take_up(tick)
    with pytest.raises(StaleLeaseError):
        first.finish(tick, TickResult(None, "too late"))
    second.finish(tick, TickResult(None, "nothing to do"))
    assert second.unfinished(NAME) is None


def test_take_up__leaves_a_trace(first: TickRepository, ledger: Database) -> None:
    first.take_up(claimed(first, FIVE))
    query = select(events.c.detail).where(events.c.cause == "TAKE_UP")
    assert ledger.read(lambda connection: connection.scalars(query).all()) == [{"by": "one"}]


def test_newer_tick__takes_the_place_of_one_without_result(
    first: TickRepository, ledger: Database
) -> None:
    claimed(first, FIVE)
    tick = claimed(first, 2 * FIVE)
    assert tick.since == NOON
    assert first.unfinished(NAME) == tick
    assert [row[0] for row in rows(ledger)] == ["SKIPPED", "SKIPPED", "CLAIMED"]
    first.finish(tick, TickResult(None, "nothing to do"))
    assert claimed(first, 3 * FIVE).since == NOON + 2 * FIVE


def test_finish__with_a_run__names_it_once(first: TickRepository, ledger: Database) -> None:
    run_id = opened(ledger, "r1")
    first.finish(claimed(first, FIVE), TickResult(run_id, "waits for approval"))
    first.finish(claimed(first, 2 * FIVE), TickResult(run_id, "waits for approval"))
    assert rows(ledger)[1:] == [
        ("RUN", "r1", None),
        ("SKIPPED", None, "run r1: waits for approval"),
    ]


def test_finish__with_no_such_run__is_refused(first: TickRepository) -> None:
    tick = claimed(first, FIVE)
    with pytest.raises(StoreRefusedError):
        first.finish(tick, TickResult("r9", "done"))
    assert first.unfinished(NAME) == tick


def test_release__lets_another_in_at_once(
    first: TickRepository, keepers: Callable[[str], TickRepository]
) -> None:
    first.release()
    keepers("two").hold()
