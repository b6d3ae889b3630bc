"""Nonces that strangers use, gaps, and old copies of the database."""

import asyncio

from eth_account import Account

from keepers.model.chain import ContractCall, Fees, NodeErrorKind, Unsigned
from keepers.model.transactions.alarms import Alarm
from keepers.signing.local import LocalSigner
from tests.unit.transactions.bureau import CHAIN_ID, KEY, Bureau
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_nodes import refused


def stranger(nonce: int, data: str = "0xdead", target: str = "0x" + "bb" * 20) -> str:
    """Bytes that somebody signs with the same key."""
    terms = Unsigned(
        chain_id=CHAIN_ID,
        nonce=nonce,
        call=ContractCall(target, data),
        gas_limit=50_000,
        fees=Fees(90 * GWEI, 9 * GWEI),
    )
    return LocalSigner(Account.from_key(KEY)).sign(terms).raw


def test_foreign__consumes_our_nonce__intent_starts_afresh_once_that_is_final(
    bureau: Bureau,
) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.chain.include(stranger(0))
    bureau.run()
    assert bureau.intent(intent_id).state == "BROADCAST"
    bureau.mine(2)
    assert bureau.intent(intent_id).state == "DISPLACED"
    assert Alarm.FOREIGN_NONCE in bureau.raised
    bureau.mine(12)
    assert bureau.states(intent_id) == ("FINAL", [["DROPPED"], ["FINAL"]])
    assert bureau.executed() == ["0xdead", "0x00000001"]


def test_foreign__block_is_reorganised_away__our_bytes_go_on(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.chain.include(stranger(0))
    bureau.mine(2)
    assert bureau.intent(intent_id).state == "DISPLACED"
    bureau.chain.reorganise(3)
    bureau.run(2)
    assert bureau.intent(intent_id).state == "BROADCAST"
    bureau.mine(6)
    assert bureau.intent(intent_id).state == "FINAL"
    assert len(bureau.intent(intent_id).slots) == 1
    assert bureau.executed() == ["0x00000001"]


def test_receipt__that_comes_late__is_waited_for(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    hashed = bureau.intent(intent_id).slots[0].attempts[0].signed.transaction_hash or ""
    bureau.nodes.hidden = {hashed}
    bureau.mine(10)
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    bureau.nodes.hidden = set()
    bureau.run(3)
    assert bureau.intent(intent_id).state == "FINAL"


def test_unknown_nonces__are_remembered_and_jumped_over(bureau: Bureau) -> None:
    first = bureau.submit()
    bureau.mine(6)
    bureau.run()
    bureau.mine(6)
    assert bureau.intent(first).state == "FINAL"
    for nonce in (1, 2):
        bureau.chain.include(stranger(nonce))
    bureau.run()
    assert Alarm.FOREIGN_NONCE in bureau.raised
    second = bureau.submit()
    bureau.run()
    assert bureau.intent(second).slots[0].nonce == 3
    bureau.mine(6)
    assert bureau.intent(second).state == "FINAL"


def test_past__of_a_key_that_is_new_to_the_database__is_told_once(bureau: Bureau) -> None:
    """C4, O31: an empty database, or a second one, and a key that has a history."""
    for nonce in (0, 1):
        bureau.chain.include(stranger(nonce))
    for _ in range(2):
        asyncio.run(bureau.engine.report_unknown_past())
        bureau.restart()
    told = [text for alarm, text in bureau.telemetry.alarms if alarm is Alarm.FOREIGN_NONCE]
    assert len(told) == 1
    assert "has sent 2 transactions, and the database knows of none" in told[0]
    assert "`database`" in told[0]
    bureau.chain.include(stranger(2))  # as a keeper with another database
    bureau.run()
    assert "nonces 2 to 2" in bureau.telemetry.alarms[-1][1]
    assert "second database" in bureau.telemetry.alarms[-1][1]
    assert "ballast txs resync" in bureau.telemetry.alarms[-1][1]


def test_past__of_a_new_key__is_silent(bureau: Bureau) -> None:
    asyncio.run(bureau.engine.report_unknown_past())
    assert not bureau.telemetry.alarms


def test_foreign__is_the_very_same_call__waits_for_a_person(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    new = bureau.intent(intent_id).intent
    bureau.chain.include(stranger(0, new.calldata, new.target))
    bureau.mine(9)
    assert (bureau.intent(intent_id).state, bureau.intent(intent_id).hold) == ("BLOCKED", "DENIED")
    assert bureau.executed() == [new.calldata]


def test_unknown_nonces__of_an_old_copy__hold_what_was_perhaps_done(bureau: Bureau) -> None:
    first = bureau.submit()
    bureau.run()
    bureau.mine(6)
    bureau.nodes.down = {"estimate"}
    done, other = bureau.submit(), bureau.submit()
    new = bureau.intent(done).intent
    bureau.chain.include(stranger(1, new.calldata, new.target))
    bureau.run()
    bureau.nodes.down = set()
    bureau.run()
    bureau.mine(6)
    assert [bureau.intent(each).state for each in (first, done, other)] == [
        *("FINAL", "BLOCKED", "FINAL"),
    ]
    assert sorted(bureau.executed()) == ["0x00000001", "0x00000002", "0x00000003"]


def test_unknown_nonces__that_no_node_can_name__hold_all_that_is_not_signed(
    bureau: Bureau,
) -> None:
    first = bureau.submit()
    bureau.run()
    bureau.mine(6)
    bureau.nodes.nameless = True
    bureau.nodes.down = {"estimate"}
    held = bureau.submit()
    bureau.chain.include(stranger(1))
    bureau.run()
    bureau.nodes.down = set()
    bureau.run()
    assert (bureau.intent(first).state, bureau.intent(held).hold) == ("FINAL", "DENIED")


def test_stranger_waits_in_the_pool__nothing_new_is_sent(bureau: Bureau) -> None:
    bureau.chain.send(stranger(0))
    intent_id = bureau.submit()
    bureau.run(2)
    assert bureau.states(intent_id) == ("QUEUED", [])
    assert Alarm.FOREIGN_PENDING in bureau.raised
    bureau.mine(6)
    assert bureau.intent(intent_id).slots[0].nonce == 1
    bureau.mine(6)
    assert bureau.executed() == ["0xdead", "0x00000001"]


def test_gap__that_a_reorganisation_leaves__is_filled_with_nothing(bureau: Bureau) -> None:
    first = bureau.submit()
    bureau.run()
    bureau.mine(6)
    bureau.chain.include(stranger(1))
    bureau.run()
    second = bureau.submit()
    bureau.run()
    assert bureau.intent(second).slots[0].nonce == 2
    bureau.chain.reorganise(1)
    bureau.mine(4)
    assert Alarm.NONCE_GAP in bureau.raised
    bureau.mine(6)
    assert {bureau.intent(each).state for each in (first, second)} == {"FINAL"}
    assert bureau.executed() == ["0x00000001", "0x00000002"]
    assert bureau.chain.nonce(bureau.sender) == 3


def test_nonce_too_high__again_and_again__somebody_hears(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.nodes.faults.extend([refused(NodeErrorKind.NONCE_TOO_HIGH)] * 3)
    bureau.run(3)
    assert Alarm.NONCE_GAP in bureau.raised
    bureau.run()
    assert bureau.intent(intent_id).state == "BROADCAST"


def test_in_flight__never_more_than_allowed(bureau: Bureau) -> None:
    bureau.restart(maximum_in_flight=3)
    ids = [bureau.submit() for _ in range(7)]
    bureau.run(3)
    assert [bureau.intent(each).state for each in ids] == [*["BROADCAST"] * 3, *["QUEUED"] * 4]
    assert Alarm.QUEUE_FULL in bureau.raised
    bureau.mine(8)
    assert {bureau.intent(each).state for each in ids} <= {"FINAL", "SAFE", "INCLUDED"}
