"""Tests of nonces of external transactions, gaps, and old copies of the database."""

import asyncio
from functools import partial

import pytest
from eth_account import Account

from keepers.model.alarms import Alarm
from keepers.model.chain import ContractCall, Fees, NodeErrorKind, Signed, Unsigned
from keepers.model.errors.signing import SignerRefusedError
from keepers.signing.local import LocalSigner
from keepers.store.intents import retry_intent
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_engine import CHAIN_ID, KEY, EngineOnPaper
from tests.unit.transactions.paper_nodes import refused


def stranger(nonce: int, data: str = "0xdead", target: str = "0x" + "bb" * 20) -> str:
    """Return bytes that an external program signs with the same key."""
    terms = Unsigned(
        chain_id=CHAIN_ID,
        nonce=nonce,
        call=ContractCall(target, data),
        gas_limit=50_000,
        fees=Fees(90 * GWEI, 9 * GWEI),
    )
    return LocalSigner(Account.from_key(KEY)).sign(terms).raw


def test_foreign__consumes_our_nonce__intent_starts_afresh_once_that_is_final(
    rig: EngineOnPaper,
) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.chain.include(stranger(0))
    rig.run()
    assert rig.intent(intent_id).state == "BROADCAST"
    rig.mine(2)
    assert rig.intent(intent_id).state == "DISPLACED"
    assert Alarm.FOREIGN_NONCE in rig.raised
    rig.mine(12)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED"], ["FINAL"]])
    assert rig.executed() == ["0xdead", "0x00000001"]


def test_foreign__block_is_reorganised_away__our_bytes_go_on(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.chain.include(stranger(0))
    rig.mine(2)
    assert rig.intent(intent_id).state == "DISPLACED"
    rig.chain.reorganise(3)
    rig.run(2)
    assert rig.intent(intent_id).state == "BROADCAST"
    rig.mine(6)
    assert rig.intent(intent_id).state == "FINAL"
    assert len(rig.intent(intent_id).slots) == 1
    assert rig.executed() == ["0x00000001"]


def test_receipt__that_comes_late__is_waited_for(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    hashed = rig.intent(intent_id).slots[0].attempts[0].signed.transaction_hash or ""
    rig.nodes.hidden = {hashed}
    rig.mine(10)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    rig.nodes.hidden = set()
    rig.run(3)
    assert rig.intent(intent_id).state == "FINAL"


def test_unknown_nonces__are_remembered_and_jumped_over(rig: EngineOnPaper) -> None:
    first = rig.submit()
    rig.mine(6)
    rig.run()
    rig.mine(6)
    assert rig.intent(first).state == "FINAL"
    for nonce in (1, 2):
        rig.chain.include(stranger(nonce))
    rig.run()
    assert Alarm.FOREIGN_NONCE in rig.raised
    second = rig.submit()
    rig.run()
    assert rig.intent(second).slots[0].nonce == 3
    rig.mine(6)
    assert rig.intent(second).state == "FINAL"


def test_past__of_a_key_that_is_new_to_the_database__is_told_once(rig: EngineOnPaper) -> None:
    """C4, O31: an empty or second database, and a key that has already sent transactions."""
    for nonce in (0, 1):
        rig.chain.include(stranger(nonce))
    for _ in range(2):
        asyncio.run(rig.engine.report_unknown_past())
        rig.restart()
    told = [text for alarm, text in rig.telemetry.alarms if alarm is Alarm.FOREIGN_NONCE]
    assert len(told) == 1
    assert "has sent 2 transactions, but the database contains none" in told[0]
    assert "`database`" in told[0]
    rig.chain.include(stranger(2))  # sent by a keeper with another database
    rig.run()
    assert "nonces 2 to 2" in rig.telemetry.alarms[-1][1]
    assert "second database" in rig.telemetry.alarms[-1][1]
    assert "ballast txs resync" in rig.telemetry.alarms[-1][1]


def test_past__of_a_new_key__is_silent(rig: EngineOnPaper) -> None:
    asyncio.run(rig.engine.report_unknown_past())
    assert not rig.telemetry.alarms


def test_foreign__is_the_very_same_call__waits_for_a_person(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    new = rig.intent(intent_id).intent
    rig.chain.include(stranger(0, new.calldata, new.target))
    rig.mine(9)
    assert (rig.intent(intent_id).state, rig.intent(intent_id).hold) == ("BLOCKED", "DENIED")
    assert rig.executed() == [new.calldata]


def test_unknown_nonces__of_an_old_copy__hold_what_was_perhaps_done(rig: EngineOnPaper) -> None:
    first = rig.submit()
    rig.run()
    rig.mine(6)
    rig.nodes.down = {"estimate"}
    done, other = rig.submit(), rig.submit()
    new = rig.intent(done).intent
    rig.chain.include(stranger(1, new.calldata, new.target))
    rig.run()
    rig.nodes.down = set()
    rig.run()
    rig.mine(6)
    assert [rig.intent(each).state for each in (first, done, other)] == [
        *("FINAL", "BLOCKED", "FINAL"),
    ]
    assert sorted(rig.executed()) == ["0x00000001", "0x00000002", "0x00000003"]


def test_unknown_nonces__that_no_node_can_name__hold_all_that_is_not_signed(
    rig: EngineOnPaper,
) -> None:
    first = rig.submit()
    rig.run()
    rig.mine(6)
    rig.nodes.nameless = True
    rig.nodes.down = {"estimate"}
    held = rig.submit()
    rig.chain.include(stranger(1))
    rig.run()
    rig.nodes.down = set()
    rig.run()
    assert (rig.intent(first).state, rig.intent(held).hold) == ("FINAL", "DENIED")


def test_stranger_waits_in_the_pool__nothing_new_is_sent(rig: EngineOnPaper) -> None:
    rig.chain.send(stranger(0))
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("QUEUED", [])
    assert Alarm.FOREIGN_PENDING in rig.raised
    rig.mine(6)
    assert rig.intent(intent_id).slots[0].nonce == 1
    rig.mine(6)
    assert rig.executed() == ["0xdead", "0x00000001"]


def test_gap__that_a_reorganisation_leaves__is_filled_with_nothing(rig: EngineOnPaper) -> None:
    first = rig.submit()
    rig.run()
    rig.mine(6)
    rig.chain.include(stranger(1))
    rig.run()
    second = rig.submit()
    rig.run()
    assert rig.intent(second).slots[0].nonce == 2
    rig.chain.reorganise(1)
    rig.mine(4)
    assert Alarm.NONCE_GAP in rig.raised
    rig.mine(6)
    assert {rig.intent(each).state for each in (first, second)} == {"FINAL"}
    assert rig.executed() == ["0x00000001", "0x00000002"]
    assert rig.chain.nonce(rig.sender) == 3


class DenyingSigner:
    """Signer whose policy refuses transfers without data."""

    def __init__(self, signer: LocalSigner) -> None:
        self.address = signer.address
        self.signer = signer

    def sign(self, transaction: Unsigned) -> Signed:
        if transaction.call.calldata == "0x":
            raise SignerRefusedError("signer", "no empty transfers")
        return self.signer.sign(transaction)


def test_gap__whose_filler_the_signer_denies__is_reported_with_what_to_do(
    rig: EngineOnPaper,
) -> None:
    signer = rig.signer
    rig.context.signer = DenyingSigner(signer)
    first = rig.submit()
    rig.run()
    rig.mine(6)
    rig.chain.include(stranger(1))
    rig.run()
    second = rig.submit()
    rig.run()
    rig.chain.reorganise(1)
    rig.mine(6)
    (filler,) = (each for each in rig.context.store.live() if each.intent.calldata == "0x")
    advice = f"run `ballast txs retry {filler.intent_id}`"
    assert any(kind is Alarm.NONCE_GAP and advice in text for kind, text in rig.telemetry.alarms)
    assert rig.intent(second).state == "BROADCAST"
    rig.context.signer = signer
    rig.database.transact("retry", partial(retry_intent, intent_id=filler.intent_id))
    rig.mine(8)
    assert {rig.intent(each).state for each in (first, second)} == {"FINAL"}


def test_nonce_too_high__twice__is_no_alarm_yet(rig: EngineOnPaper) -> None:
    rig.submit()
    rig.nodes.faults.extend([refused(NodeErrorKind.NONCE_TOO_HIGH)] * 2)
    rig.run(2)
    assert Alarm.NONCE_GAP not in rig.raised


def test_refused__for_now__later_calls_wait_behind_it(rig: EngineOnPaper) -> None:
    rig.submit()
    second = rig.submit()
    rig.nodes.faults.append(refused(NodeErrorKind.NONCE_TOO_HIGH))
    rig.run()
    assert len(rig.nodes.sent) == 1
    assert rig.intent(second).state == "QUEUED"


def test_unknown_past__is_told_with_the_last_used_nonce(rig: EngineOnPaper) -> None:
    for nonce in range(3):
        rig.chain.include(stranger(nonce))
    asyncio.run(rig.engine.report_unknown_past())
    assert (Alarm.FOREIGN_NONCE, {"nonce": 2}) in rig.telemetry.facts


def test_own_transaction__missing_everywhere__counts_as_foreign_at_the_third_head(
    rig: EngineOnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot_say(*_: object) -> None:
        return None

    monkeypatch.setattr(rig.nodes, "spender", cannot_say)
    intent_id = rig.submit()
    rig.run()
    (slot,) = rig.intent(intent_id).slots
    rig.nodes.hidden = {slot.attempts[0].signed.transaction_hash or ""}
    looks = list[int]()
    while rig.intent(intent_id).state == "BROADCAST":
        rig.mine()
        looks.append(len(rig.context.seen.missing.get(slot.slot_id, ())))
    assert [each for each in looks if each] == [1, 2]


def test_nonce_too_high__again_and_again__somebody_hears(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.nodes.faults.extend([refused(NodeErrorKind.NONCE_TOO_HIGH)] * 3)
    rig.run(3)
    assert Alarm.NONCE_GAP in rig.raised
    rig.run()
    assert rig.intent(intent_id).state == "BROADCAST"


def test_in_flight__never_more_than_allowed(rig: EngineOnPaper) -> None:
    rig.restart(maximum_in_flight=3)
    ids = [rig.submit() for _ in range(7)]
    rig.run(3)
    assert [rig.intent(each).state for each in ids] == [*["BROADCAST"] * 3, *["QUEUED"] * 4]
    assert Alarm.QUEUE_FULL in rig.raised
    rig.mine(8)
    assert {rig.intent(each).state for each in ids} <= {"FINAL", "SAFE", "INCLUDED"}
