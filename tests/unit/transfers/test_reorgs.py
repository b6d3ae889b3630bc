"""Blocks of the source or destination are reorganised; the transfer follows the chains."""

from __future__ import annotations

import pytest

from keepers.model.run import RunStatus
from keepers.model.transfer import CALLED_OFF, DONE, TransferCause
from tests.unit.transactions.paper_chain import Paper
from tests.unit.transfers.paper_treasury import Books
from tests.unit.transfers.transfer_rig import AMOUNT, FUNDS, ONE, TWO, TransferRig

pytestmark = pytest.mark.long

FEES = {"CCTP": 3, "EXCHANGE": 5}
FINAL_AFTER = 20


@pytest.fixture(autouse=True)
def slow_finality(paper: TransferRig) -> None:
    """Make reorganisations of many blocks possible."""
    for each in paper.nodes.values():
        each.final_depth = FINAL_AFTER


def assert_once(paper: TransferRig, key: str, fee: int) -> None:
    assert paper.transfers.transfer(key).position == DONE
    assert paper.idle(ONE) == FUNDS - AMOUNT
    assert paper.idle(TWO) == FUNDS + AMOUNT - fee


def causes(paper: TransferRig, key: str) -> list[TransferCause | None]:
    return [each.cause for each in paper.transfers.timeline(key)]


@pytest.mark.parametrize("returned", [True, False])
@pytest.mark.parametrize("route", FEES)
@pytest.mark.parametrize("place", ["CROSS.CREATE", "CROSS.CROSSING", "CROSS.CROSSED"])
def test_source__taken_back_while_crossing__leaves_once_all_the_same(
    paper: TransferRig, place: str, route: str, *, returned: bool
) -> None:
    paper.attesting.ready = paper.custodial.ready = paper.custodial.unlocked = False
    (key,) = paper.begin(route)
    paper.run_until("CROSS.CREATE")
    paper.attesting.ready = place == "CROSS.CROSSED"
    paper.custodial.unlocked = place != "CROSS.CREATE"
    paper.custodial.ready = place == "CROSS.CROSSED"
    paper.run_until(place)
    paper.take_back(ONE, "sent", returned=returned)
    paper.turn(mine=False)
    assert paper.transfers.transfer(key).position.text == "TRANSFER_OUT.CONFIRM"
    assert TransferCause.REORG in causes(paper, key)
    paper.attesting.ready = paper.custodial.ready = paper.custodial.unlocked = True
    paper.run()
    assert_once(paper, key, FEES[route])
    assert len(paper.custodial.withdrawals) == (route == "EXCHANGE")


def test_source__deeper_than_confirmations_after_the_arrival__is_sent_again_by_itself(
    paper: TransferRig,
) -> None:
    (key,) = paper.begin()
    paper.run_until("DONE")
    paper.take_back(ONE, "sent")
    paper.run()
    assert_once(paper, key, 3)


def test_source__another_transaction_takes_its_money__is_called_off(paper: TransferRig) -> None:
    paper.attesting.ready = False
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSING")
    paper.take_back(ONE, "sent")
    paper.treasuries[ONE].funds["USDC"] = 0
    paper.run()
    assert paper.transfers.transfer(key).position == CALLED_OFF
    assert paper.idle(TWO) == FUNDS


@pytest.mark.parametrize("returned", [True, False])
def test_destination__taken_back_after_the_end__arrives_once(
    paper: TransferRig, *, returned: bool
) -> None:
    (key,) = paper.begin()
    paper.run_until("DONE")
    paper.take_back(TWO, "received", returned=returned)
    paper.turn(mine=False)
    assert paper.transfers.transfer(key).position.text == "TRANSFER_IN.CONFIRM"
    paper.run()
    assert_once(paper, key, 3)


def test_destination__returns_before_what_it_stood_on__reverts_and_is_asked_for_anew(
    paper: TransferRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C8: the same bytes are included before the bridge's delivery, which was also reorganised."""
    (key,) = paper.begin()
    paper.run_until("DONE")
    paper.take_back(TWO, "received", returned=True)
    treasury = paper.treasuries[TWO]
    early, apply = treasury.chain.head.number + 1, treasury._apply  # pyright: ignore[reportPrivateUsage]

    def without_delivery(books: Books, each: Paper, number: int) -> None:
        if number == early:
            books.failed.add(each.hash)
        else:
            apply(books, each, number)

    monkeypatch.setattr(treasury, "_apply", without_delivery)
    paper.run()
    assert_once(paper, key, 3)
    taken = [
        each.state
        for each in paper.transfers.intents(paper.transfers.transfer(key).new.run_id)
        if each.intent.idempotency_key.startswith(f"{key}:receive:")
    ]
    assert taken == ["REVERTED", "FINAL"]
    assert {TransferCause.REORG, TransferCause.STALE} <= set(causes(paper, key))


def test_destination__taken_back_while_investing__is_taken_in_and_invested_once(
    paper: TransferRig,
) -> None:
    (key,) = paper.begin(invest=AMOUNT - 10)
    paper.run_until("INVEST.CONFIRM")
    paper.take_back(TWO, "received")
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.invested(TWO) == FUNDS + AMOUNT - 10
    assert paper.idle(TWO) == FUNDS + 7


def test_run__is_closed_when_all_is_final(paper: TransferRig) -> None:
    (key,) = paper.begin()
    paper.run_until("DONE")
    assert not paper.transfers.transfer(key).is_settled
    paper.run()
    assert paper.transfers.transfer(key).is_settled
    assert paper.status(key) is RunStatus.DONE
