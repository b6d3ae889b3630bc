"""Operator decisions on a transfer: the keeper executes them, and nothing is sent twice."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from keepers.model.errors.transfers import CannotBeResolvedError
from keepers.model.transfer import CALLED_OFF, DONE, OUT
from keepers.model.transfer_record import OperatorRequest, OperatorRequestKind
from keepers.transfers.machine.operator_requests import possible, require_possible
from keepers.transfers.machine.send import EXTERNAL_SEND
from tests.unit.transfers.transfer_rig import AMOUNT, FUNDS, ONE, TWO, TransferRig

pytestmark = pytest.mark.long


def decision(kind: OperatorRequestKind, proof: bytes = b"", amount: int = 0) -> OperatorRequest:
    return OperatorRequest(kind=kind, by="ana", reason="looked at it", proof=proof, amount=amount)


def test_resume__asks_the_bridge_once_more_under_the_same_key(paper: TransferRig) -> None:
    paper.custodial.stuck = "the key has no right"
    (key,) = paper.begin("EXCHANGE")
    paper.run_until("CROSS.CREATE")
    paper.turn()
    paper.custodial.stuck = ""
    paper.transfers.record_request(key, decision(OperatorRequestKind.RESUME))
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.custodial.withdrawals == [key]
    assert any("resumed by ana" in each.text for each in paper.transfers.timeline(key))


def test_resume__investment_that_failed__is_tried_once_more(paper: TransferRig) -> None:
    (key,) = paper.begin(invest=AMOUNT - 10)
    paper.run_until("INVEST.BUILD")
    paper.treasuries[TWO].refuses = "Treasury_VenueClosed"
    for _ in range(6):
        paper.turn()
    assert paper.transfers.transfer(key).trouble is not None
    paper.treasuries[TWO].refuses = ""
    paper.transfers.record_request(key, decision(OperatorRequestKind.RESUME))
    paper.run()
    assert paper.invested(TWO) == FUNDS + AMOUNT - 10


def test_crossed__proof_found_by_hand__is_judged_by_the_treasury(paper: TransferRig) -> None:
    paper.attesting.ready = False
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSING")
    proof = f"{key}:{AMOUNT - 3}"
    paper.treasuries[TWO].valid.add(proof)
    paper.transfers.record_request(
        key, decision(OperatorRequestKind.CROSSED, proof.encode(), AMOUNT - 3)
    )
    paper.run()
    assert paper.transfers.transfer(key).received == AMOUNT - 3


def test_again__custodian_is_asked_under_the_same_key__pays_once(paper: TransferRig) -> None:
    paper.custodial.ready = False
    (key,) = paper.begin("EXCHANGE")
    paper.run_until("CROSS.CROSSING")
    paper.transfers.record_request(key, decision(OperatorRequestKind.AGAIN))
    paper.custodial.ready = True
    paper.run()
    assert paper.custodial.withdrawals == [key]
    assert paper.idle(TWO) == FUNDS + AMOUNT - 5


def test_give_up__ends_it_without_another_call(paper: TransferRig) -> None:
    paper.attesting.stuck = "lost"
    (key,) = paper.begin(invest=5)
    paper.run_until("CROSS.CROSSING")
    paper.turn()
    paper.transfers.record_request(key, decision(OperatorRequestKind.GIVE_UP))
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.idle(ONE) == FUNDS - AMOUNT
    assert paper.idle(TWO) == FUNDS
    assert not paper.nodes[TWO].sent


def test_call_off__before_anything_is_asked_for(paper: TransferRig) -> None:
    (key,) = paper.begin()
    paper.transfers.record_request(key, decision(OperatorRequestKind.CALL_OFF))
    paper.run()
    assert paper.transfers.transfer(key).position == CALLED_OFF
    assert paper.idle(ONE) == FUNDS


def test_wish__that_came_too_late__is_told_and_changes_nothing(paper: TransferRig) -> None:
    (key,) = paper.begin()
    paper.run_until("CROSS.CROSSING")
    paper.transfers.record_request(key, decision(OperatorRequestKind.CALL_OFF))
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert any("not applied: call_off" in each.text for each in paper.transfers.timeline(key))


@pytest.mark.parametrize("kind", OperatorRequestKind)
def test_possible__at_the_beginning__is_calling_off_alone(
    paper: TransferRig, kind: OperatorRequestKind
) -> None:
    (key,) = paper.begin()
    record = paper.transfers.transfer(key)
    assert record.position == OUT[0]
    assert possible(record) == (OperatorRequestKind.CALL_OFF,)
    if kind is not OperatorRequestKind.CALL_OFF:
        with pytest.raises(CannotBeResolvedError, match="ballast transfers show"):
            require_possible(record, decision(kind))


def test_give_up__sent_by_another_copy__ends_it_here(paper: TransferRig) -> None:
    (key,) = paper.begin()
    terms = asdict(paper.transfers.transfer(key).terms)
    paper.treasuries[ONE].stranger({"verb": "sent", "id": key, "terms": terms})
    for _ in range(4):
        paper.turn()
    record = paper.transfers.transfer(key)
    assert record.trouble == EXTERNAL_SEND
    assert OperatorRequestKind.GIVE_UP in possible(record)
    paper.transfers.record_request(key, decision(OperatorRequestKind.GIVE_UP))
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.idle(ONE) == FUNDS - AMOUNT
    assert not paper.nodes[ONE].sent
