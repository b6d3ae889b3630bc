"""Rows 44 to 47: databases that are unavailable, full, or restored from an old copy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from keepers.model.alarms import Alarm
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.transaction_states import Hold
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.databases import Databases, pages
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import Rig
from tests.integration.faults.target import take


class Outage:
    """Crash hook that makes the database unavailable at a crash point, once."""

    def __init__(self, databases: Databases, point: str) -> None:
        self.rig: Rig | None = None
        self.end: Callable[[], None] | None = None
        self._databases = databases
        self._point = point

    def __call__(self, point: str) -> None:
        if self.rig is not None and self.end is None and point == self._point:
            self.end = self._databases.take_away(self.rig.url)


def failing_at(rig_of: RigOf, databases: Databases, point: str) -> tuple[Rig, Outage]:
    """Return an engine whose database becomes unavailable at a point."""
    outage = Outage(databases, point)
    rig = rig_of(crash=outage)
    outage.rig = rig
    return rig, outage


def test_fault_44_write_fails_after_the_broadcast__is_found_by_its_hash(
    rig_of: RigOf, databases: Databases
) -> None:
    rig, outage = failing_at(rig_of, databases, "before_sent")
    intent_id = rig.submit()
    for _ in range(3):
        with pytest.raises(StoreUnavailableError):
            rig.run()
    assert len(set(rig.node.sent)) == 1  # a locked file can still be read, and the bytes sent
    before = rig.node.sent
    rig.chain.mine()
    assert outage.end is not None
    outage.end()
    rig.reconnect()
    assert rig.intent(intent_id).state == "SEALED"
    rig.run()
    assert rig.intent(intent_id).state == "INCLUDED"
    assert rig.node.sent == before
    rig.mine(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


@pytest.mark.parametrize(
    ("point", "state"), [("before_store", "NUMBERED"), ("before_seal", "SIGNED")]
)
def test_fault_45_database_is_away_before_the_broadcast__nothing_is_sent(
    rig_of: RigOf, databases: Databases, point: str, state: str
) -> None:
    rig, outage = failing_at(rig_of, databases, point)
    intent_id = rig.submit()
    for _ in range(3):
        with pytest.raises(StoreUnavailableError):
            rig.run()
    assert not rig.node.sent
    assert outage.end is not None
    outage.end()
    rig.reconnect()
    assert rig.intent(intent_id).state == state
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert rig.slot(intent_id).nonce == 0


def test_fault_46_old_copy_that_has_less__nonces_since_are_noted_and_jumped_over(
    rig: Rig, databases: Databases
) -> None:
    first = rig.sent()
    rig.mine(4)
    rig.database.close()
    copy = databases.copy(rig.url, "old")
    rig.sent()
    rig.sent()
    rig.mine(4)
    for node in rig.nodes:
        node.forget()  # the copy does not have what was sent since
    rig.reconnect(copy, holder="one")
    rig.run()
    assert Alarm.FOREIGN_NONCE in rig.raised
    assert any("old copy" in text for _, text in rig.telemetry.alarms)
    after = rig.sent()
    assert rig.slot(after).nonce == 3
    rig.mine(4)
    assert [rig.intent(each).state for each in (first, after)] == ["FINAL", "FINAL"]
    rig.database.close()


def test_fault_46_old_copy_of_when_it_was_under_way__its_hash_is_found(
    rig: Rig, databases: Databases
) -> None:
    intent_id = rig.sent()
    rig.database.close()
    copy = databases.copy(rig.url, "early")
    rig.mine(4)
    rig.reconnect(copy)
    rig.run(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    assert [each["input"] for each in included(rig)] == [take(1)]
    assert len(rig.node.sent) == 1
    rig.database.close()


def test_fault_46_old_copy_with_a_call_that_was_made_since__waits_for_a_person(
    rig: Rig, databases: Databases
) -> None:
    rig.sent()
    rig.mine(4)
    queued = rig.submit()
    rig.database.close()
    copy = databases.copy(rig.url, "queued")
    rig.mine(4)
    for node in rig.nodes:
        node.forget()  # the copy does not have what was sent since
    rig.reconnect(copy, holder="one")
    rig.run()
    rig.mine(4)
    assert rig.intent(queued).hold is Hold.DENIED
    assert "which is executed" in (rig.intent(queued).reason or "")
    assert [each["input"] for each in included(rig)] == [take(1), take(2)]
    rig.database.close()


def fill(rig: Rig) -> None:
    """Write until the database is full, which is soon."""
    for _ in range(1_000):
        rig.database.transact("fill", rig.noting("x" * 500))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_fault_47_disk_is_full__nothing_new_is_taken_or_sent_until_there_is_room(
    rig: Rig,
) -> None:
    sent = rig.sent()
    rig.reconnect(pages=pages(rig.url))
    with pytest.raises(StoreUnavailableError, match="full"):
        fill(rig)
    before = rig.node.sent
    with pytest.raises(StoreUnavailableError, match="full"):
        rig.submit()
    rig.chain.mine()
    with pytest.raises(StoreUnavailableError, match="full"):
        rig.run()
    assert rig.node.sent == before
    rig.reconnect(pages=None)
    rig.mine(3)
    assert rig.states(sent) == ("FINAL", [["FINAL"]])
