"""A transaction's life without trouble."""

from keepers.model.transactions.states import IntentState
from tests.unit.transactions.bureau import Bureau


def test_intent__is_sent_included_safe_and_final(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(bureau.nodes.sent) == 1
    states: list[IntentState] = []
    for _ in range(6):
        bureau.mine()
        states.append(bureau.intent(intent_id).state)
    assert states == ["INCLUDED", "INCLUDED", "SAFE", "SAFE", "FINAL", "FINAL"]
    assert bureau.executed() == ["0x00000001"]
    assert len(bureau.nodes.sent) == 1
    assert not bureau.raised


def test_intents__several__go_out_in_order_without_gaps(bureau: Bureau) -> None:
    ids = [bureau.submit() for _ in range(5)]
    bureau.run()
    assert [bureau.intent(each).slots[0].nonce for each in ids] == [0, 1, 2, 3, 4]
    bureau.mine(5)
    assert {bureau.intent(each).state for each in ids} == {"FINAL"}
    assert bureau.executed() == [f"0x{each:08x}" for each in range(1, 6)]
