"""Positions in status and metrics agree with the values that checks plan with, in each phase."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rich.console import Console

from keepers.model.notice import NOTHING
from keepers.model.transfer_record import Trouble
from keepers.planning.inventory.position import coming_by_stage, positions_of
from keepers.reports.status_text import print_treasuries
from keepers.reports.treasury_status import TreasuryStatus, treasury_document
from keepers.runtime.treasury.runtime import TreasuryReading
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.runtime.treasury.status import read_status
from keepers.transfers.inventory.snapshot import take_snapshot
from tests.unit.transfers.inventory.paper import BASE, PaperInventory
from tests.unit.transfers.transfer_rig import ONE, TWO

NAMES = {ONE: "one", TWO: "two"}
NOBODY = cast("TreasurySetup", SimpleNamespace(chains={}))


def status_of(inventory: PaperInventory) -> TreasuryStatus:
    under_way = [each for each in inventory.transfers.unsettled() if not each.has_ended]
    return TreasuryStatus(
        snapshot=asyncio.run(take_snapshot(inventory.inventory)),
        settings=inventory.settings,
        names=NAMES,
        treasuries={},
        fallback_waits={},
        transfers=under_way,
        placements=[],
        batches=inventory.transfers.live_batches(),
        pauses=[],
    )


def test_positions__triggered_until_a_batch_is_made__then_at_base(
    new_file: Callable[[], Path],
) -> None:
    inventory = PaperInventory(new_file(), funds={ONE: 2 * BASE, TWO: BASE // 2})
    before = {
        p.chain_id: p for p in positions_of(inventory.settings, status_of(inventory).snapshot)
    }
    assert before[TWO].is_triggered
    assert (before[ONE].surplus, before[TWO].deficit) == (BASE, BASE // 2)
    assert before[TWO].threshold == BASE // 2
    inventory.check()
    after = {p.chain_id: p for p in positions_of(inventory.settings, status_of(inventory).snapshot)}
    assert not after[TWO].is_triggered
    assert (after[TWO].idle, after[TWO].coming, after[TWO].deficit) == (BASE // 2, BASE // 2, 0)


def test_coming_by_stage__each_pass__sums_to_what_is_coming(
    new_file: Callable[[], Path],
) -> None:
    inventory = PaperInventory(new_file(), funds={ONE: 2 * BASE, TWO: BASE // 2}, confirmations=2)
    inventory.timed.seconds = 3
    inventory.check()
    stages: set[str] = set()
    for _ in range(20):
        status = status_of(inventory)
        found = coming_by_stage(status.snapshot, status.transfers).get(("USDC", TWO), {})
        assert sum(found.values()) == status.snapshot.coming("USDC", TWO)
        stages |= {each.value for each in found}
        inventory.turn()
    assert stages == {"TRANSFER_OUT", "CROSS", "TRANSFER_IN"}
    assert inventory.idle(TWO) == BASE


def test_table__balances__fits_and_names_phases(new_file: Callable[[], Path]) -> None:
    inventory = PaperInventory(new_file(), funds={ONE: 2 * BASE, TWO: BASE // 2})
    inventory.check()
    document = cast("dict[str, Any]", treasury_document(status_of(inventory)))
    out = StringIO()
    print_treasuries(Console(file=out, width=140), document)
    text = out.getvalue()
    assert "one (EVM-1): block" in text
    assert "to send" in text
    assert "+50 at TRANSFER_OUT" in text
    assert max(map(len, text.splitlines())) <= 140


def test_table__chain_cannot_be_read__has_a_row_that_says_so(new_file: Callable[[], Path]) -> None:
    inventory = PaperInventory(new_file(), funds={ONE: 2 * BASE, TWO: BASE // 2})
    document = cast("dict[str, Any]", treasury_document(status_of(inventory)))
    (chain,) = [each for each in document["chains"] if each["name"] == "two"]
    chain["is_readable"] = False
    document["balances"] = [each for each in document["balances"] if each["name"] == "one"]
    document["unreadable"] = {"USDC": [f"{chain['chain']} cannot be read: no answer in time"]}
    out = StringIO()
    print_treasuries(Console(file=out, width=140), document)
    (row,) = [each for each in out.getvalue().splitlines() if "two" in each and "?" in each]
    assert "cannot be read" in row


def test_read_status__stuck__comes_first(new_file: Callable[[], Path]) -> None:
    inventory = PaperInventory(new_file(), funds={ONE: 4 * BASE, TWO: 4 * BASE})
    first, second = inventory.begin("TIMED", count=2, nonce=5)
    trouble = Trouble("the bridge has lost it", "ask the bridge")
    inventory.transfers.stick(second, trouble, notification=NOTHING)
    reading = TreasuryReading(NOBODY, inventory.inventory, inventory.database)
    status = asyncio.run(read_status(reading))
    assert [each.transfer_id for each in status.transfers] == [second, first]
