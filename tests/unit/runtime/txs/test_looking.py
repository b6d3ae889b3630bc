"""Tests of `ballast txs list` and `show` on a prepared database."""

from __future__ import annotations

import pytest

from keepers.chain.codec import describe_call, function
from keepers.model.transaction_details import NEXT, STATES, WAITS
from keepers.model.transaction_states import ENDED_INTENTS, IntentState, RequestedAction
from tests.unit.runtime.txs.conftest import Desk
from tests.unit.transactions.paper_engine import EngineOnPaper

ROUTER = "0x" + "bb" * 20


def ids(ballast: Desk, *arguments: str) -> list[int]:
    return [each["id"] for each in ballast("txs", *arguments, "--json").json["transactions"]]


def test_list__default__has_live_ones_and_the_last_ended(rig: EngineOnPaper, ballast: Desk) -> None:
    ended = [rig.submit() for _ in range(7)]
    rig.run()
    rig.mine(6)
    live = rig.submit()
    assert ids(ballast) == [live, *reversed(ended[-5:])]
    assert ids(ballast, "--live") == [live]
    assert ids(ballast, "list", "--all") == [live, *reversed(ended)]
    assert ids(ballast, "--all", "--limit", "2") == [live, ended[-1]]
    assert ids(ballast, "--state", "queued") == [live]
    assert ids(ballast, "--vault", "other", "--all") == []
    assert ids(ballast, "--sender", rig.sender, "--live") == [live]


def test_list__text__says_state_fee_and_what_it_waits_for(
    rig: EngineOnPaper, ballast: Desk
) -> None:
    rig.submit()
    rig.run()
    shown = ballast("txs")
    assert shown.status == 0
    assert "sent, not in a block yet" in shown.out
    assert "up to 0.002520" in shown.out
    assert "a block" in shown.out


def test_list__nothing__says_so(ballast: Desk) -> None:
    assert ballast("txs").out == "There are no transactions.\n"


def test_list__all_and_live__is_a_usage_error(ballast: Desk) -> None:
    assert ballast("txs", "--all", "--live").status == 2


def test_show__bumped__has_a_ladder_with_its_rise(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.BUMP)
    rig.run()
    shown = ballast("txs", "show", str(intent_id))
    assert "23.625 +12.50 %" in shown.out
    ladder = ballast("txs", "show", str(intent_id), "--json").json["nonces"][0]["ladder"]
    assert [(each["kind"], each["rise"]) for each in ladder] == [
        ("ORIGINAL", None),
        ("BUMP", "+12.50 %"),
    ]
    assert [each["max_fee_per_gas_wei"] for each in ladder] == ["21000000000", "23625000000"]


def test_show__final__has_receipt_and_fee(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.mine(6)
    found = ballast("txs", "show", str(intent_id), "--json").json
    (rung,) = found["nonces"][0]["ladder"]
    assert (found["state"], rung["receipt"]["succeeded"]) == ("FINAL", True)
    assert found["fee_paid_wei"] == rung["receipt"]["fee_wei"]
    assert found["next"] == "Nothing: it has ended."
    assert [each["cause"] for each in found["events"]][-1] == "FINALITY"
    assert "succeeded in block" in ballast("txs", "show", str(intent_id)).out


def test_show__known_function__is_decoded(rig: EngineOnPaper, ballast: Desk) -> None:
    data = function("AssetController", "paused").selector.hex()
    intent_id = rig.submit(calldata=f"0x{data}")
    found = ballast("txs", "show", str(intent_id), "--json").json
    assert found["intent"]["function"] == "paused"


@pytest.mark.parametrize("calldata", ["0x", "0x12", "0xdeadbeef", "0xdeadbeef00"])
def test_describe__unknown__is_none(calldata: str) -> None:
    assert describe_call(calldata) is None


def test_describe__arguments__have_names() -> None:
    approve = function("IERC4626", "convertToAssets")
    described = describe_call(f"0x{approve.encode(7).hex()}")
    assert described is not None
    assert described.function == "convertToAssets"
    assert [value for _, value in described.arguments] == ["7"]
    assert describe_call(f"0x{approve.encode(7).hex()[:-2]}") is None


def test_show__unknown__says_where_to_look(ballast: Desk) -> None:
    shown = ballast("txs", "show", "99")
    assert (shown.status, shown.out) == (2, "")
    assert "there is no transaction 99" in shown.err


def test_words__every_state__has_them() -> None:
    assert set(STATES) == set(NEXT) == set(IntentState)
    assert set(WAITS) == set(IntentState) - ENDED_INTENTS


def test_show__reverted_after_a_reorganisation__says_so(rig: EngineOnPaper, ballast: Desk) -> None:
    """C8: before, a revert did not show that it was in the second block of the same bytes."""
    intent_id = rig.submit()
    rig.run()
    rig.mine()
    assert ballast("txs", "show", str(intent_id), "--json").json["reorganisation"] is None

    rig.chain.reorganise(1, returned=True)
    rig.run()
    gone = ballast("txs", "show", str(intent_id), "--json").json["reorganisation"]
    assert gone == (
        "A reorganisation removed its block; the same signed bytes stay in use, with the same "
        "nonce."
    )

    rig.chain.reverts = lambda _: True
    rig.mine()
    shown = ballast("txs", "show", str(intent_id))
    text = " ".join(shown.out.split())
    assert (
        "A reorganisation removed its block. It was included again in another block and reverted"
        in text
    )
    assert "What still has to be done is planned again." in text
    assert len(set(rig.nodes.sent)) == 1, "no other bytes"
