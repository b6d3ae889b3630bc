"""Rows 38 to 43 and 70: processes that are killed, or asked to end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from keepers.model.chain_view import FeeLimits
from keepers.model.transaction_records import IntentRecord
from keepers.store.tables import leases
from tests.integration.faults.databases import problems
from tests.integration.faults.oracle import included, judge
from tests.integration.faults.outposts import PASS, SERVE, call, killed_at, outpost, tell
from tests.integration.faults.rig import GWEI, Rig
from tests.integration.faults.target import take
from tests.integration.support.faults import Failure, Gate
from tests.integration.support.processes import crash_at
from tests.integration.support.upstream import SEND


def only(rig: Rig) -> IntentRecord:
    """Return the only intent submitted to the process."""
    (intent,) = rig.context.store.of_run("outpost")
    return intent


def assert_ends_well(rig: Rig, attempts: int = 1) -> None:
    """Check that it is executed once, with its first nonce."""
    rig.mine(4)
    found = only(rig)
    assert found.state == "FINAL"
    assert [(slot.nonce, len(slot.attempts)) for slot in found.slots] == [(0, attempts)]
    assert [each["input"] for each in included(rig)] == [take(1)]


@pytest.mark.parametrize("point", ["after_prepare", "before_store", "inside_store"])
def test_fault_38_killed_with_a_nonce_and_nothing_stored__same_nonce_again(
    rig: Rig, tmp_path: Path, point: str
) -> None:
    killed_at(rig, tmp_path, point)
    assert only(rig).state == "NUMBERED"
    assert not rig.node.sent
    rig.run()
    assert only(rig).state == "BROADCAST"
    assert_ends_well(rig)


@pytest.mark.parametrize("point", ["after_store", "after_seal", "before_send"])
def test_fault_39_killed_with_stored_bytes__the_same_bytes_are_sent(
    rig: Rig, tmp_path: Path, point: str
) -> None:
    killed_at(rig, tmp_path, point)
    stored = only(rig).slots[0].attempts[0].signed.raw
    assert not rig.node.sent
    rig.run()
    assert rig.node.sent == (stored,)
    assert_ends_well(rig)


@pytest.mark.parametrize("point", ["after_send", "inside_sent"])
def test_fault_40_killed_after_the_node_had_it__already_known_is_adopted(
    rig: Rig, tmp_path: Path, point: str
) -> None:
    killed_at(rig, tmp_path, point)
    assert only(rig).state == "SEALED"
    rig.run()
    assert only(rig).state == "BROADCAST"
    first, second = (each for each in rig.node.calls if each.method == SEND)
    assert first.params == second.params
    assert isinstance(second.outcome, Failure)
    assert_ends_well(rig)


def test_fault_40_killed_after_the_node_had_it__mined_meanwhile_is_adopted(
    rig: Rig, tmp_path: Path
) -> None:
    killed_at(rig, tmp_path, "after_send")
    rig.mine()
    assert only(rig).state == "INCLUDED"
    assert len(rig.node.sent) == 1
    assert_ends_well(rig)


@pytest.mark.parametrize("point", ["after_store", "before_send"])
def test_fault_41_killed_during_a_bump__its_bytes_are_found_and_sent(
    rig: Rig, tmp_path: Path, point: str
) -> None:
    environment = crash_at(point, 2)
    with outpost(rig, tmp_path, call(rig, 1), PASS, environment=environment) as child:
        child.wait_for('"done": "pass"')
        rig.chain.mine_empty(3)
        tell(child, PASS)
        assert child.wait() == -signal.SIGKILL, child
    _, bump = only(rig).slots[0].attempts
    assert bump.state == ("SIGNED" if point == "after_store" else "SEALED")
    assert len(rig.node.sent) == 1
    rig.run()
    assert rig.node.sent[1:] == (bump.signed.raw,)
    assert_ends_well(rig, attempts=2)


def test_fault_42_other_limits_after_a_crash__stored_bytes_are_sent_first(
    rig: Rig, tmp_path: Path
) -> None:
    killed_at(rig, tmp_path, "after_seal")
    stored = only(rig).slots[0].attempts[0].signed
    rig.restart(fees=FeeLimits(maximum=400 * GWEI, priority=40 * GWEI, rise_bps=5_000))
    rig.chain.set_base_fee(15 * GWEI)
    rig.chain.mine()
    rig.run()
    assert rig.node.sent == (stored.raw,)
    rig.stuck(3)
    first, second = (each.signed.fees for each in only(rig).slots[0].attempts)
    assert first == stored.fees
    assert second.maximum * 10 >= first.maximum * 15
    assert_ends_well(rig, attempts=2)


def test_fault_43_killed_while_it_writes__database_is_whole_every_time(
    rig: Rig, tmp_path: Path
) -> None:
    amounts = iter(range(1, 13))
    for lines in (2, 5, 8, 11):  # one line for ready, three for calls, nine for sending
        calls = [call(rig, next(amounts)) for _ in range(3)]
        with outpost(rig, tmp_path, *calls, SERVE) as child:
            for _ in range(lines):
                child.wait_for(r"\{")
            child.kill()
        assert problems(rig.url) == []
        judge(rig)
    rig.run(2)
    rig.mine(4)
    found = rig.context.store.of_run("outpost")
    assert len(found) >= 10
    assert {each.state for each in found} == {"FINAL"}
    assert sorted(each["input"] for each in included(rig)) == sorted(
        each.intent.calldata for each in found
    )


def lease(rig: Rig) -> str:
    with rig.database.reading() as connection:
        return connection.execute(leases.select()).mappings().one()["state"]


def test_fault_70_asked_to_end_while_it_waits__ends_and_gives_the_lease_back(
    rig: Rig, tmp_path: Path
) -> None:
    with outpost(rig, tmp_path, call(rig, 1), SERVE) as child:
        child.wait_for('"event": "sent"')
        child.terminate()
        assert child.wait(timeout=20) == 0, child
    assert only(rig).state == "BROADCAST"
    assert lease(rig) == "FREE"
    rig.reconnect(holder="two")
    rig.run()
    assert_ends_well(rig)


def test_fault_70_asked_to_end_during_a_send__its_answer_is_written_first(
    rig: Rig, tmp_path: Path
) -> None:
    gate = Gate()
    rig.node.when(SEND, gate)
    with outpost(rig, tmp_path, call(rig, 1), SERVE) as child:
        gate.wait_until_held()
        child.terminate()
        assert child.alive
        gate.release()
        assert child.wait(timeout=20) == 0, child
    assert only(rig).state == "BROADCAST"
    assert lease(rig) == "FREE"
    assert_ends_well(rig)
