"""Normal course of a transaction, without faults."""

from keepers.model.transaction_states import IntentState
from tests.unit.transactions.paper_engine import EngineOnPaper


def test_intent__is_sent_included_safe_and_final(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(rig.nodes.sent) == 1
    states: list[IntentState] = []
    for _ in range(6):
        rig.mine()
        states.append(rig.intent(intent_id).state)
    assert states == ["INCLUDED", "INCLUDED", "SAFE", "SAFE", "FINAL", "FINAL"]
    assert rig.executed() == ["0x00000001"]
    assert len(rig.nodes.sent) == 1
    assert not rig.raised


def test_intents__several__go_out_in_order_without_gaps(rig: EngineOnPaper) -> None:
    ids = [rig.submit() for _ in range(5)]
    rig.run()
    assert [rig.intent(each).slots[0].nonce for each in ids] == [0, 1, 2, 3, 4]
    rig.mine(5)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}
    assert rig.executed() == [f"0x{each:08x}" for each in range(1, 6)]
