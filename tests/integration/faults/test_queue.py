"""Rows 63 to 69: queues, private relays, ticks and keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain import NodeRole
from keepers.model.errors.transaction import KeyReusedError
from keepers.store.database import Writing
from keepers.store.ticks import claim_tick, skip_tick, start_tick
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import ETHER, POLICY, Rig
from tests.integration.faults.target import take
from tests.integration.support.faults import result
from tests.integration.support.upstream import SEND
from tests.support.sending import NOON

READER_AND_RELAY = (NodeRole.READER, NodeRole.RELAY)


def test_fault_63_five_calls_and_no_coins__the_first_waits_and_no_nonce_is_used(rig: Rig) -> None:
    rig.chain.set_balance(rig.sender, 10)
    rig.chain.mine()
    ids = [rig.submit() for _ in range(5)]
    rig.run(3)
    assert [rig.intent(each).state for each in ids] == ["BLOCKED", *["QUEUED"] * 4]
    assert not any(rig.intent(each).slots for each in ids)
    assert Alarm.FUNDS in rig.raised
    rig.chain.set_balance(rig.sender, ETHER)
    rig.mine(5)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}
    assert [each["input"] for each in included(rig)] == [take(each) for each in range(1, 6)]


def test_fault_64_first_of_eleven_is_stuck__only_its_price_is_raised(rig: Rig) -> None:
    ids = [rig.submit() for _ in range(11)]
    rig.run()
    rig.stuck(4)
    assert [len(rig.attempts(each)) for each in ids] == [2, *[1] * 10]
    assert len(rig.node.sent) == 12
    rig.mine(4)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}


@pytest.mark.parametrize("patience", [2, None])
def test_fault_65_relay_never_includes__bytes_go_public_only_if_allowed(
    rig_of: RigOf, patience: int | None
) -> None:
    policy = replace(POLICY, private=True, public_after_blocks=patience)
    rig = rig_of(roles=READER_AND_RELAY, policy=policy)
    reader, relay = rig.nodes
    relay.when(SEND, result("0x" + "00" * 32))
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert (len(relay.sent), len(reader.sent)) == (1, 0)
    rig.stuck(1)
    assert not reader.sent
    rig.stuck(2)
    assert (len(reader.sent) > 0) == (patience is not None)
    if patience is None:
        relay.heal()
        rig.run()
        rig.stuck()
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"
    assert [each["input"] for each in included(rig)] == [take(1)]


@pytest.mark.parametrize("said", [None, "0x", "0x" + "ee" * 32, {"bundleHash": "0x1"}])
def test_fault_66_relay_names_no_hash_or_a_wrong_one__ours_is_followed(
    rig_of: RigOf, said: object
) -> None:
    rig = rig_of(roles=READER_AND_RELAY, policy=replace(POLICY, private=True))
    rig.nodes[1].when(SEND, result(said))
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    rig.chain.submit(rig.nodes[1].sent[0])
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    (mined,) = included(rig)
    assert rig.attempts(intent_id)[0].signed.transaction_hash == mined["hash"]


def test_fault_66_node_names_a_wrong_hash__is_looked_for_by_ours(rig: Rig) -> None:
    rig.node.when(SEND, result("0x" + "ee" * 32), times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(rig.node.sent)) == 1


def test_fault_67_ticks_missed_for_two_hours__each_is_run_or_skipped_once(rig: Rig) -> None:
    """Part of the store; the scheduler decides which of the ticks run."""
    due = [NOON + timedelta(minutes=10 * each) for each in range(12)]

    def coalesced(writing: Writing) -> list[int | None]:
        claimed = [claim_tick(writing, "daily", each, "one") for each in due]
        for tick in claimed[:-1]:
            skip_tick(writing, tick or 0, "missed")
        start_tick(writing, claimed[-1] or 0, "r1")
        return claimed

    claimed = rig.database.transact("ticks", coalesced)
    assert None not in claimed
    rig.reconnect()

    def again(writing: Writing) -> list[int | None]:
        return [claim_tick(writing, "daily", each, "two") for each in due]

    assert rig.database.transact("ticks", again) == [None] * 12


def test_fault_68_same_key_and_another_call__is_refused(rig: Rig) -> None:
    new = rig.new(1)
    first = rig.do(rig.engine.submit(new))
    rig.run()
    assert rig.do(rig.engine.submit(new)) == first
    for other in (replace(new, calldata=take(2)), replace(new, value=1)):
        with pytest.raises(KeyReusedError):
            rig.do(rig.engine.submit(other))
    rig.mine(4)
    assert [each["input"] for each in included(rig)] == [take(1)]


def test_fault_69_as_many_as_allowed_are_under_way__the_others_wait_and_it_is_told(
    rig_of: RigOf,
) -> None:
    rig = rig_of(policy=replace(POLICY, maximum_in_flight=3))
    ids = [rig.submit() for _ in range(7)]
    rig.run(3)
    assert [rig.intent(each).state for each in ids] == [*["BROADCAST"] * 3, *["QUEUED"] * 4]
    assert Alarm.QUEUE_FULL in rig.raised
    assert len(rig.node.sent) == 3
    rig.mine(6)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}
