"""Bugs found by searching for failures: each once sent, lost, hid or stopped something."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import count

import pytest

from keepers.model.bridge import Departure, Stuck, Tracking
from keepers.model.chain import ContractCall
from keepers.model.errors.run import NoTicketError
from keepers.model.transaction_records import NewRequest
from keepers.model.transfer import DONE, OUT, TransferCause, TransferTerms
from keepers.model.transfer_record import (
    TREASURY,
    OperatorRequest,
    OperatorRequestKind,
    PlanPart,
    TransferWork,
)
from keepers.transfers.machine.machine import advance_while_moving
from tests.unit.transfers.transfer_rig import AMOUNT, FUNDS, ONE, TWO, TransferRig

pytestmark = pytest.mark.long

FINAL_AFTER = 20


@pytest.fixture(autouse=True)
def slow_finality(paper: TransferRig) -> None:
    """Make reorganisations of many blocks possible."""
    for each in paper.nodes.values():
        each.final_depth = FINAL_AFTER


def causes(paper: TransferRig, key: str) -> list[TransferCause | None]:
    return [each.cause for each in paper.transfers.timeline(key)]


def test_stuck_when_asked__nodes_blink__is_not_asked_again_by_itself(paper: TransferRig) -> None:
    paper.custodial.stuck = "the key has no right"
    (key,) = paper.begin("EXCHANGE")
    paper.run_until("CROSS.CREATE")
    paper.turn()
    asked = paper.custodial.asked.count("initiate")
    for down in (True, False, True, False):
        paper.chains[ONE].down = down
        paper.turn()
    assert paper.custodial.asked.count("initiate") == asked
    assert paper.transfers.transfer(key).trouble is not None


def test_stuck_when_asked__engine_sees_no_chain__is_not_asked_again_by_itself(
    paper: TransferRig,
) -> None:
    paper.custodial.stuck = "the key has no right"
    (key,) = paper.begin("EXCHANGE")
    paper.run_until("CROSS.CREATE")
    paper.turn()
    asked = paper.custodial.asked.count("initiate")
    paper.nodes[ONE].down.add("all")
    paper.turn()
    paper.nodes[ONE].down.clear()
    for _ in range(4):
        paper.turn()
    assert paper.custodial.asked.count("initiate") == asked
    assert paper.transfers.transfer(key).trouble is not None


@pytest.mark.parametrize("chain", [ONE, TWO])
@pytest.mark.parametrize("place", ["CROSS.CROSSING", "INVEST.CONFIRM", "DONE"])
def test_engine_sees_no_chain__is_no_reorganisation(
    paper: TransferRig, place: str, chain: int
) -> None:
    paper.attesting.ready = place != "CROSS.CROSSING"
    (key,) = paper.begin(invest=AMOUNT - 10)
    paper.run_until(place)
    paper.nodes[chain].down.add("all")
    paper.turn()
    assert paper.transfers.transfer(key).position.text == place
    paper.nodes[chain].down.clear()
    paper.attesting.ready = True
    paper.run()
    assert TransferCause.REORG not in causes(paper, key)


@pytest.mark.parametrize("gone", ["source", "destination", "bridge"])
@pytest.mark.parametrize(
    "place", ["TRANSFER_OUT.BUILD", "CROSS.CROSSING", "TRANSFER_IN.BUILD", "DONE"]
)
def test_taken_out_of_the_settings__stops_its_own_transfers_alone(
    paper: TransferRig, place: str, gone: str
) -> None:
    paper.attesting.ready = place != "CROSS.CROSSING"
    (key,) = paper.begin()
    paper.run_until(place)
    whole = paper.world
    less = {
        "source": replace(whole, chains={TWO: whole.chains[TWO]}),
        "destination": replace(whole, chains={ONE: whole.chains[ONE]}),
        "bridge": replace(whole, bridges={"EXCHANGE": whole.bridges["EXCHANGE"]}),
    }
    paper.world = less[gone]
    for _ in range(4):
        paper.turn()
    paper.world, paper.attesting.ready = whole, True
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.idle(TWO) == FUNDS + AMOUNT - 3


@pytest.mark.parametrize("where", ["bridge", "destination"])
def test_takes_long__because_nothing_answers__is_told(paper: TransferRig, where: str) -> None:
    paper.begin()
    paper.run_until("CROSS.CROSSING")
    paper.attesting.down = where == "bridge"
    if where == "destination":
        paper.run_until("TRANSFER_IN.BUILD")
        paper.nodes[TWO].down.add("all")
        paper.chains[TWO].down = True
    paper.turn()
    paper.pass_time(timedelta(hours=2).total_seconds())
    paper.turn()
    assert ["takes longer than usual" in each.title for each in paper.notices.reported] == [True]


def test_stranger__whose_call_is_taken_back__was_not_the_end(paper: TransferRig) -> None:
    (key,) = paper.begin(invest=AMOUNT - 10)
    paper.run_until("TRANSFER_IN.BUILD")
    proof = paper.transfers.transfer(key).proof.decode()
    call = {"verb": "received", "id": key, "asset": "USDC", "proof": proof}
    paper.treasuries[TWO].stranger(call)
    for _ in range(4):
        paper.turn()
    assert "once it is final" in (paper.transfers.transfer(key).wait or "")
    paper.treasuries[TWO].strangers.clear()
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.idle(TWO) + paper.invested(TWO) == 2 * FUNDS + AMOUNT - 3


def test_again__without_an_answer__its_time_is_kept(paper: TransferRig) -> None:
    paper.custodial.ready = False
    (key,) = paper.begin("EXCHANGE")
    record = paper.run_until("CROSS.CROSSING")
    paper.pass_time(timedelta(hours=1).total_seconds())
    paper.custodial.crossings.clear()
    paper.custodial.deaf = 1
    paper.transfers.record_request(
        key, OperatorRequest(kind=OperatorRequestKind.AGAIN, by="ana", reason="lost")
    )
    paper.turn()
    asked_at = paper.database_clock.now
    paper.turn()
    new = NewRequest(
        step_id=record.steps[TransferWork.CROSS],
        account=TREASURY,
        client_key=key,
        body=f"EXCHANGE {key}",
    )
    assert paper.transfers.ask(new)[1] == asked_at


def test_call_off__of_what_the_chain_has_sent__is_not_done(paper: TransferRig) -> None:
    (key,) = paper.begin()
    record = paper.transfers.transfer(key)
    call = {"verb": "sent", "id": key, "terms": asdict(record.terms)}
    paper.treasuries[ONE].stranger(call)
    paper.transfers.record_request(
        key, OperatorRequest(kind=OperatorRequestKind.CALL_OFF, by="ana", reason="not wanted")
    )
    paper.turn()
    record = paper.transfers.transfer(key)
    assert record.position == OUT[0]
    assert record.trouble is not None
    assert record.operator_request is None


def test_wait__whose_figures_change__has_one_line_in_the_timeline(paper: TransferRig) -> None:
    (key,) = paper.begin()
    for seconds in (30, 29, 28):
        paper.transfers.wait(key, f"busy; next one in {seconds} s")
    paper.transfers.wait(key, "down")
    assert [each.text for each in paper.transfers.timeline(key)][1:] == [
        "busy; next one in 30 s",
        "down",
    ]


@pytest.mark.parametrize("route", ["CCTP", "EXCHANGE"])
def test_called_off__and_the_chain_has_it_leave_after_all__arrives(
    paper: TransferRig, route: str
) -> None:
    (key,) = paper.begin(route, invest=AMOUNT - 10)
    paper.run_until("TRANSFER_OUT.CONFIRM")
    source = paper.treasuries[ONE]
    source.funds["USDC"] = 0
    paper.run_until("CALLED_OFF")
    included = [each for _, each in source.chain.included()][-1]
    depth = next(
        len(source.chain.blocks) - place
        for place, block in enumerate(source.chain.blocks)
        if included in block.transactions
    )
    source.funds["USDC"] = FUNDS
    source.chain.reorganise(depth, returned=True)
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.idle(ONE) == FUNDS - AMOUNT
    assert paper.invested(TWO) == FUNDS + AMOUNT - 10


def test_one__whose_rows_do_not_fit__is_stuck_and_the_others_go_on(
    paper: TransferRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bad,), (good,) = paper.begin(), paper.begin("EXCHANGE", nonce=9)
    chain = paper.chains[ONE]
    send_call = chain.send_call

    def call(terms: TransferTerms, options: bytes, part: PlanPart | None) -> ContractCall:
        if terms.transfer_id == bad:
            raise NoTicketError("run-1")
        return send_call(terms, options, part)

    monkeypatch.setattr(chain, "send_call", call)
    for _ in range(12):
        paper.turn()
    assert paper.transfers.transfer(good).position == DONE
    assert paper.transfers.transfer(bad).trouble is not None
    monkeypatch.undo()
    paper.run()
    assert paper.transfers.transfer(bad).position == DONE


def test_stuck__for_a_reason_that_is_never_the_same__is_no_progress(
    paper: TransferRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = paper.begin()
    paper.attesting.ready = False
    paper.run_until("CROSS.CROSSING")
    asked = count()

    async def track(_departure: Departure, _remote_id: str) -> Tracking:
        number = next(asked)
        assert number < 50, "it is asked without a pause"
        return Stuck(f"place {number} in the queue", "wait")

    monkeypatch.setattr(paper.attesting, "track", track)
    for _ in range(3):
        asyncio.run(advance_while_moving(paper.world))
    told = [each for each in paper.transfers.timeline(key) if each.text.startswith("stuck")]
    assert len(told) == 1
