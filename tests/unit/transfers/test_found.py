"""What was found by looking for breaks: each of these once sent, lost, hid or stopped something."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keepers.domain.transfer import DONE, TransferCause
from tests.unit.transfers.paper_world import AMOUNT, FUNDS, ONE, TWO, PaperWorld

FINAL_AFTER = 20


@pytest.fixture(autouse=True)
def slow_finality(paper: PaperWorld) -> None:
    """A reorganisation may come from deep below."""
    for each in paper.nodes.values():
        each.final_depth = FINAL_AFTER


def causes(paper: PaperWorld, key: str) -> list[TransferCause | None]:
    return [each.cause for each in paper.transfers.timeline(key)]


def test_stuck_when_asked__nodes_blink__is_not_asked_again_by_itself(paper: PaperWorld) -> None:
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
    paper: PaperWorld,
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
    paper: PaperWorld, place: str, chain: int
) -> None:
    paper.attesting.ready = place != "CROSS.CROSSING"
    (key,) = paper.begin(invest=AMOUNT - 10)
    paper.run_until(place)
    paper.nodes[chain].down.add("all")
    paper.turn()
    assert paper.transfers.transfer(key).place.text == place
    paper.nodes[chain].down.clear()
    paper.attesting.ready = True
    paper.run()
    assert TransferCause.REORG not in causes(paper, key)


@pytest.mark.parametrize("gone", ["source", "destination", "bridge"])
@pytest.mark.parametrize(
    "place", ["TRANSFER_OUT.BUILD", "CROSS.CROSSING", "TRANSFER_IN.BUILD", "DONE"]
)
def test_taken_out_of_the_settings__stops_its_own_transfers_alone(
    paper: PaperWorld, place: str, gone: str
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
    assert paper.transfers.transfer(key).place == DONE
    assert paper.idle(TWO) == FUNDS + AMOUNT - 3


@pytest.mark.parametrize("where", ["bridge", "destination"])
def test_takes_long__because_nothing_answers__is_told(paper: PaperWorld, where: str) -> None:
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
    assert ["takes long" in each.title for each in paper.notices.reported] == [True]


def test_stranger__whose_call_is_taken_back__was_not_the_end(paper: PaperWorld) -> None:
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
    assert paper.transfers.transfer(key).place == DONE
    assert paper.idle(TWO) + paper.invested(TWO) == 2 * FUNDS + AMOUNT - 3
