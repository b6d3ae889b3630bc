"""Bridges that are late, down, wrong or stuck, unreadable chains, and refusals on chain."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepers.model.batch import BatchState
from keepers.model.errors.transfers import (
    ArrivedShortError,
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeError,
    BridgeUnreachableError,
    ForgedMessageError,
    NoDepartureError,
)
from keepers.model.notice import Severity
from keepers.model.run import RunStatus
from keepers.model.transfer import CALLED_OFF, DONE, TransferCause
from tests.unit.transfers.transfer_rig import AMOUNT, FUNDS, ONE, TWO, TransferRig

pytestmark = pytest.mark.long


def test_bridge__down_for_hours__nothing_is_sent_again_and_it_goes_on(paper: TransferRig) -> None:
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSING")
    paper.attesting.down = True
    sent = len(paper.nodes[ONE].sent)
    for _ in range(12):
        paper.turn()
        paper.pass_time(timedelta(hours=1).total_seconds())
    assert "does not respond" in (paper.transfers.transfer(key).wait or "")
    assert len(paper.nodes[ONE].sent) == sent
    paper.attesting.down = False
    paper.run()
    assert paper.idle(TWO) == FUNDS + AMOUNT - 3


def test_bridge__late__people_hear_of_it_and_it_stays_a_transfer(paper: TransferRig) -> None:
    paper.attesting.ready = False
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSING")
    paper.pass_time(timedelta(hours=1).total_seconds())
    paper.turn()
    assert [each.severity for each in paper.notices.reported] == [Severity.WARNING]
    assert "takes longer than usual" in paper.notices.reported[0].title
    assert paper.transfers.transfer(key).position.text == "CROSS.CROSSING"


def test_bridge__stuck__is_told_once_and_goes_on_if_it_comes_after_all(paper: TransferRig) -> None:
    (key,) = paper.begin()
    paper.attesting.stuck = "it says something else"
    paper.run_until("CROSS.CROSSING")
    for _ in range(5):
        paper.turn()
    record = paper.transfers.transfer(key)
    assert record.trouble is not None
    assert "something else" in record.trouble.reason
    told = [each for each in paper.transfers.timeline(key) if each.text.startswith("stuck")]
    assert len(told) == 1
    paper.attesting.stuck = ""
    paper.run()
    assert paper.transfers.transfer(key).trouble is None
    assert paper.idle(TWO) == FUNDS + AMOUNT - 3


def test_bridge__refuses_when_asked__is_not_asked_again_by_itself(paper: TransferRig) -> None:
    paper.custodial.stuck = "the key has no right"
    (key,) = paper.begin("EXCHANGE")
    paper.run_until("CROSS.CREATE")
    paper.turn()
    asked = paper.custodial.asked.count("initiate")
    for _ in range(5):
        paper.turn()
    assert paper.custodial.asked.count("initiate") == asked
    assert paper.transfers.transfer(key).trouble is not None


OF_NOTHING = (
    BridgeUnreachableError("CCTP", "down"),
    BridgeBusyError("CCTP", 60),
    BadBridgeAnswerError("CCTP", "complete failed with KeyError"),
)
OF_THE_TRANSFER = (
    ForgedMessageError("nonce", "is zero"),
    ArrivedShortError("0xaa", 1, 2),
    NoDepartureError("0xaa", "no messages of its burn"),
)


def fail_to_complete(
    paper: TransferRig, error: BridgeError, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Run one pass in which the bridge fails to complete; return the transfer's id."""
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSED")

    async def fail(*_: object) -> bytes:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(paper.attesting, "complete", fail)
        paper.turn()
    return key


@pytest.mark.parametrize("error", OF_NOTHING, ids=lambda each: type(each).__name__)
def test_complete__bridge_cannot_be_asked__waits_and_goes_on_by_itself(
    paper: TransferRig, error: BridgeError, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = fail_to_complete(paper, error, monkeypatch)
    record = paper.transfers.transfer(key)
    assert (record.position.text, record.trouble) == ("CROSS.CROSSED", None)
    assert record.wait == str(error)
    paper.run()
    assert paper.transfers.transfer(key).position == DONE


@pytest.mark.parametrize("error", OF_THE_TRANSFER, ids=lambda each: type(each).__name__)
def test_complete__transfer_itself_is_wrong__is_for_people(
    paper: TransferRig, error: BridgeError, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = fail_to_complete(paper, error, monkeypatch)
    for _ in range(5):
        paper.turn()
    record = paper.transfers.transfer(key)
    assert record.position.text == "CROSS.CROSSED"
    assert record.trouble is not None
    assert record.trouble.reason == str(error)


def test_proof__expired__another_one_is_asked_for(paper: TransferRig) -> None:
    (key,) = paper.begin()
    paper.run_until("TRANSFER_IN.BUILD")
    text = paper.transfers.transfer(key).proof.decode()
    paper.attesting.expired.add(text)
    paper.treasuries[TWO].valid.discard(text)
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert TransferCause.STALE in [each.cause for each in paper.transfers.timeline(key)]
    assert paper.idle(TWO) == FUNDS + AMOUNT - 3


def test_proof__refused_again_and_again__is_stuck_and_not_tried_for_ever(
    paper: TransferRig,
) -> None:
    paper.treasuries[TWO].refuses = "BridgeRoute_WrongMessage"
    (key,) = paper.begin()
    for _ in range(40):
        paper.turn()
    record = paper.transfers.transfer(key)
    assert record.trouble is not None
    assert "BridgeRoute_WrongMessage" in record.trouble.reason
    assert len(paper.transfers.intents(record.new.run_id)) == 1 + 3


def test_stranger__takes_it_in_first__counts_as_arrived(paper: TransferRig) -> None:
    (key,) = paper.begin(invest=AMOUNT - 10)
    paper.run_until("TRANSFER_IN.BUILD")
    proof = paper.transfers.transfer(key).proof.decode()
    call = {"verb": "received", "id": key, "asset": "USDC", "proof": proof}
    paper.treasuries[TWO].stranger(call)
    paper.run()
    record = paper.transfers.transfer(key)
    assert record.position == DONE
    assert record.received == AMOUNT - 3
    assert paper.invested(TWO) == FUNDS + AMOUNT - 10
    assert TransferCause.TAKEN_IN in [each.cause for each in paper.transfers.timeline(key)]


def test_sending__refused_by_the_treasury__is_called_off_and_the_batch_fails(
    paper: TransferRig,
) -> None:
    paper.treasuries[ONE].refuses = "RateLimits_Exceeded"
    (key,) = paper.begin()
    paper.run()
    record = paper.transfers.transfer(key)
    assert record.position == CALLED_OFF
    assert paper.transfers.batch(record.new.batch_id).state is BatchState.FAILED
    assert paper.status(key) is RunStatus.FAILED
    assert paper.idle(ONE) == FUNDS


def test_sending__waits_beyond_the_deadline__is_called_off(paper: TransferRig) -> None:
    paper.nodes[ONE].down.add("all")
    (key,) = paper.begin()
    paper.turn()
    paper.pass_time(timedelta(hours=2).total_seconds())
    paper.nodes[ONE].down.clear()
    paper.run()
    assert paper.transfers.transfer(key).position == CALLED_OFF
    assert paper.idle(ONE) == FUNDS


@pytest.mark.parametrize("chain", [ONE, TWO])
def test_chain__cannot_be_read__everything_waits_where_it_is(
    paper: TransferRig, chain: int
) -> None:
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSING")
    paper.chains[chain].down = True
    for _ in range(4):
        paper.turn()
    assert not paper.transfers.transfer(key).has_ended
    paper.chains[chain].down = False
    paper.run()
    assert paper.idle(TWO) == FUNDS + AMOUNT - 3


def test_one_bridge_down__the_other_transfers_go_on(paper: TransferRig) -> None:
    paper.attesting.down = True
    (late,) = paper.begin("CCTP")
    (other,) = paper.begin("EXCHANGE", nonce=9)
    for _ in range(20):
        paper.turn()
    assert paper.transfers.transfer(other).position == DONE
    assert not paper.transfers.transfer(late).has_ended


def test_ten__go_side_by_side(paper: TransferRig) -> None:
    (first,) = paper.begin(nonce=50)
    alone = turns(paper, [first])
    ten = paper.begin(count=10, nonce=60)
    assert turns(paper, ten) <= alone + 2
    assert paper.idle(TWO) == FUNDS + 11 * (AMOUNT - 3)


def turns(paper: TransferRig, keys: list[str]) -> int:
    for count in range(60):
        if all(paper.transfers.transfer(key).position == DONE for key in keys):
            return count
        paper.turn()
    raise AssertionError("not done")
