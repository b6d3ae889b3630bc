"""A transfer from plan to end over each kind of bridge, with and without venues."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.model.batch import BatchState
from keepers.model.transfer import DONE
from tests.unit.transfers.transfer_rig import AMOUNT, FUNDS, ONE, TWO, TransferRig

pytestmark = pytest.mark.long

FEES = {"CCTP": 3, "EXCHANGE": 5}


@pytest.mark.parametrize("route", FEES)
def test_transfer__goes_its_way_once(paper: TransferRig, route: str) -> None:
    (key,) = paper.begin(route)
    paper.run()
    assert paper.transfers.transfer(key).position == DONE
    assert paper.transfers.transfer(key).received == AMOUNT - FEES[route]
    assert paper.idle(ONE) == FUNDS - AMOUNT
    assert paper.idle(TWO) == FUNDS + AMOUNT - FEES[route]


def test_transfer__invests_what_arrived(paper: TransferRig) -> None:
    paper.begin(invest=AMOUNT - 10)
    paper.run()
    assert paper.invested(TWO) == FUNDS + AMOUNT - 10
    assert paper.idle(TWO) == FUNDS + 7


def test_batch__divests_first_and_ends_as_one(paper: TransferRig) -> None:
    paper.treasuries[ONE].funds["USDC"] = 0
    (key,) = paper.begin(divest=AMOUNT)
    paper.run()
    assert paper.idle(ONE) == 0
    assert paper.invested(ONE) == FUNDS - AMOUNT
    batch = paper.transfers.batch(paper.transfers.transfer(key).new.batch_id)
    assert batch.state is BatchState.DONE


def test_transfer__lines_for_people__name_amount_chains_route_and_the_whole_hash(
    paper: TransferRig,
) -> None:
    """T4: lines had base units without a token, no chain, and a shortened hash."""
    said: list[str] = []
    paper.world = replace(paper.world, progress=said.append)
    (key,) = paper.begin()
    paper.run()
    (intent, *_) = paper.transfers.intents(paper.transfers.transfer(key).new.run_id)
    sent = intent.slots[-1].attempts[-1].signed.transaction_hash
    (left,) = (each for each in said if " left " in each)
    assert left.endswith(f"USDC left paper-1 for paper-42161 by CCTP in {sent}")
    assert any("USDC arrived on paper-42161 from paper-1 by CCTP" in each for each in said)
