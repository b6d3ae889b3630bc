"""The process dies at every point in the life of a transfer, and the next one continues.

All of it is simulated, so that each point can be tried: before, inside and after each write, and
around the one off-chain effect. The result is exactly one debit, one credit and one withdrawal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from keepers.model.transfer import DONE
from tests.support.deep import IS_DEEP
from tests.unit.transfers.transfer_rig import AMOUNT, FUNDS, ONE, TWO, Crash, Died, TransferRig

pytestmark = [pytest.mark.deep, pytest.mark.long]

STRIDE = 1 if IS_DEEP else 24


@dataclass(frozen=True)
class Life:
    """A transfer of a kind."""

    route: str
    fee: int
    invest: int = 0
    divest: int = 0
    deaf: int = 0


LIVES = {
    "attested": Life("CCTP", 3),
    "invested": Life("CCTP", 3, invest=AMOUNT - 10),
    "divested": Life("CCTP", 3, divest=AMOUNT),
    "withdrawn": Life("EXCHANGE", 5),
    "withdrawn without an answer": Life("EXCHANGE", 5, deaf=2),
}


def live(paper: TransferRig, life: Life, crash: Crash) -> None:
    """Run a transfer from plan to end in one process."""
    paper.start(crash)
    paper.begin(life.route, invest=life.invest, divest=life.divest)
    paper.run()


def assert_once(paper: TransferRig, life: Life) -> None:
    """Check one debit, one credit, and the same balances as without a crash."""
    books = {chain: paper.treasuries[chain].books() for chain in (ONE, TWO)}
    (key,) = books[ONE].sent
    assert paper.transfers.transfer(key).position == DONE
    assert books[TWO].amounts == {key: AMOUNT - life.fee}
    assert books[ONE].idle["USDC"] == FUNDS - AMOUNT + life.divest
    assert books[ONE].invested["USDC"] == FUNDS - life.divest
    assert books[TWO].idle["USDC"] == FUNDS + AMOUNT - life.fee - life.invest
    assert books[TWO].invested["USDC"] == FUNDS + life.invest
    assert len(paper.custodial.withdrawals) == (life.route == "EXCHANGE")
    failed = [each for chain in (ONE, TWO) for each in books[chain].failed]
    assert not failed, "a transaction of ours was included and did nothing"


@pytest.mark.parametrize("name", LIVES)
def test_killed__at_every_passing__the_next_process_ends_it(
    new_file: Callable[[], Path], name: str
) -> None:
    life, whole = LIVES[name], Crash()
    first = TransferRig(new_file())
    first.custodial.deaf = life.deaf
    live(first, life, whole)
    assert_once(first, life)
    tried = range(sum(map(ord, name)) % STRIDE, len(whole.passed), STRIDE)
    for point in tried:
        paper = TransferRig(new_file())
        paper.custodial.deaf = life.deaf
        try:
            live(paper, life, Crash(point))
        except Died:
            live(paper, life, Crash())
        assert_once(paper, life)
    print(f"{name}: {len(whole.passed)} points, {len(tried)} tried")  # noqa: T201 - point count


@pytest.mark.parametrize("name", ["attested", "withdrawn without an answer"])
def test_killed__again_and_again__it_still_ends_once(
    new_file: Callable[[], Path], name: str
) -> None:
    """Each process dies after a few points, until all is done."""
    life, paper = LIVES[name], TransferRig(new_file())
    paper.custodial.deaf = life.deaf
    for age in range(12, 400, 5):
        try:
            live(paper, life, Crash(age))
        except Died:
            continue
        break
    assert_once(paper, life)
