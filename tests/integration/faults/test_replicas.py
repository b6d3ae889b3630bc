"""Rows 48 to 50: several keepers on one database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keepers.model.errors.transaction import LeaseHeldError
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.ticks import claim_tick
from tests.integration.faults.oracle import included
from tests.integration.faults.outposts import PASS, call, outpost, tell
from tests.integration.faults.rig import Rig
from tests.integration.faults.target import take
from tests.support.sending import NOON, SteppedClock

TICKS = 25


@pytest.fixture
def keepers(rig: Rig) -> Iterator[list[Database]]:
    """Four connections to one database, one for each keeper."""
    opened = [Database(connect(rig.url)) for _ in range(4)]
    yield opened
    for each in opened:
        each.close()


def claims(ledger: Database, name: str) -> int:
    """Return the number of ticks that a keeper claims."""
    won = 0
    for number in range(TICKS):
        due = NOON + timedelta(minutes=number)
        found = ledger.transact("tick", lambda w, due=due: claim_tick(w, "daily", due, name))
        won += found is not None
    return won


def test_fault_48_several_claim_the_same_ticks__each_is_claimed_once(
    keepers: list[Database],
) -> None:
    with ThreadPoolExecutor(len(keepers)) as threads:
        found = list(threads.map(claims, keepers, ["a", "b", "c", "d"]))
    assert sum(found) == TICKS


@pytest.mark.parametrize("point", ["before_store", "before_sent"])
def test_fault_49_stopped_while_its_lease_ends__can_only_send_what_is_stored(
    rig: Rig, tmp_path: Path, point: str
) -> None:
    lease: dict[str, Any] = {"holder": "zombie", "lease_seconds": 1, "stop_at": point}
    with outpost(rig, tmp_path, call(rig, 1), PASS, **lease) as child:
        child.wait_for(f'"stopping": "{point}"')
        child.wait_until_stopped()
        take_over(rig)
        (intent,) = rig.context.store.of_run("outpost")
        stored = intent.slots[0].attempts[0].signed.raw
        assert set(rig.node.sent) == {stored}
        rig.mine()
        child.resume()
        child.wait_for('"refused": "StaleLeaseError"')
        tell(child, PASS)
        child.wait_for('"refused": "LeaseHeldError"')
    assert set(rig.node.sent) == {stored}
    rig.mine(3)
    (intent,) = rig.context.store.of_run("outpost")
    assert (intent.state, len(intent.slots)) == ("FINAL", 1)
    assert [each["input"] for each in included(rig)] == [take(1)]


def take_over(rig: Rig) -> None:
    """Run passes until the other's lease has expired, by the time of the database."""
    while True:
        try:
            rig.run()
        except LeaseHeldError:
            continue
        return


@pytest.mark.parametrize("skew", [-300, 300])
def test_fault_50_clocks_differ_by_five_minutes__the_lease_is_by_the_databases(
    rig: Rig, skew: int
) -> None:
    intent_id = rig.sent()
    mine = rig.engine
    rig.clock = SteppedClock(float(skew))
    rig.reconnect_beside(holder="two")
    for _ in range(3):
        with pytest.raises(LeaseHeldError):
            rig.run()
        rig.clock.seconds += skew
    rig.do(mine.close())
    rig.run()
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"
    assert len(rig.node.sent) == 1
