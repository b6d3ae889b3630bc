"""A transfer from its plan to its end, by each kind of bridge, with and without venues."""

from __future__ import annotations

import pytest

from keepers.domain.batch import BatchState
from keepers.domain.transfer import DONE
from tests.unit.transfers.paper_world import AMOUNT, FUNDS, ONE, TWO, PaperWorld

FEES = {"CCTP": 3, "EXCHANGE": 5}


@pytest.mark.parametrize("route", FEES)
def test_transfer__goes_its_way_once(paper: PaperWorld, route: str) -> None:
    (key,) = paper.begin(route)
    paper.run()
    assert paper.transfers.transfer(key).place == DONE
    assert paper.transfers.transfer(key).received == AMOUNT - FEES[route]
    assert paper.idle(ONE) == FUNDS - AMOUNT
    assert paper.idle(TWO) == FUNDS + AMOUNT - FEES[route]


def test_transfer__invests_what_arrived(paper: PaperWorld) -> None:
    paper.begin(invest=AMOUNT - 10)
    paper.run()
    assert paper.invested(TWO) == FUNDS + AMOUNT - 10
    assert paper.idle(TWO) == FUNDS + 7


def test_batch__divests_first_and_ends_as_one(paper: PaperWorld) -> None:
    paper.treasuries[ONE].funds["USDC"] = 0
    (key,) = paper.begin(divest=AMOUNT)
    paper.run()
    assert paper.idle(ONE) == 0
    assert paper.invested(ONE) == FUNDS - AMOUNT
    batch = paper.transfers.batch(paper.transfers.transfer(key).new.batch_id)
    assert batch.state is BatchState.DONE
