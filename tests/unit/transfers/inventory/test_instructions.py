"""Instructions from the table, small and large, executed by the real machine."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keepers.model.batch import BatchRecord, BatchState, InstructionRecord, InstructionState
from keepers.transfers.inventory.instructions import explain_instruction, take_instructions
from tests.unit.transfers.inventory.paper import BASE, UNIT, PaperInventory
from tests.unit.transfers.paper_treasury import VENUE
from tests.unit.transfers.transfer_rig import ONE, TWO

pytestmark = pytest.mark.long

SMALL = {"asset": "USDC", "source": "EVM-1", "destination": "EVM-42161", "amount": "30"}


def take(inventory: PaperInventory, **body: Any) -> tuple[BatchRecord, ...]:
    inventory.transfers.submit("order-1", json.dumps({"version": 1, **body}), "table")
    return asyncio.run(take_instructions(inventory.inventory, armed=True))


def last(inventory: PaperInventory) -> InstructionRecord:
    return inventory.transfers.instructions()[-1]


def test_small__is_one_transfer_and_the_fee_comes_on_top(inventory: PaperInventory) -> None:
    inventory.timed.fee = 7
    (batch,) = take(inventory, transfer=SMALL)
    assert batch.client_key == "instruction:order-1"
    inventory.run()
    assert inventory.idle(TWO) == BASE + 30 * UNIT
    assert inventory.idle(ONE) == BASE - 30 * UNIT - 7
    assert last(inventory).state is InstructionState.DONE


def test_small__invests_what_arrives(inventory: PaperInventory) -> None:
    take(inventory, transfer={**SMALL, "invest": True})
    inventory.run()
    assert (inventory.idle(TWO), inventory.invested(TWO)) == (BASE, 30 * UNIT)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"transfer": {**SMALL, "amount": "500"}}, "EVM-1 has 100 USDC idle"),
        ({"transfer": {**SMALL, "amount": 5}}, "transfer.amount: must be a number in a string"),
        ({"transfer": {**SMALL, "source": "EVM-" + "9" * 5000}}, "transfer.source: has 5004"),
        ({"transfer": {**SMALL, "source": "EVM-7"}}, "transfer.source: is not a chain of USDC"),
        ({"transfer": {**SMALL, "asset": "EURC"}}, "transfer.asset: is not one of USDC"),
        ({"transfer": {**SMALL, "route": "CCTP"}}, "no route carries this USDC"),
        ({"transfer": SMALL, "deadline": "2026-01-01T00:00:00Z"}, "deadline: "),
        ({"transfer": SMALL, "colour": "red"}, "colour: is unknown here"),
        ({"transfer": SMALL, "tolerance": "1"}, "tolerance: goes with targets only"),
        ({}, "input: must have either transfer or targets"),
        ({"targets": {}}, "targets: must not be empty"),
        (
            {"targets": {"USDC": {"EVM-1": {"idle": "150"}, "EVM-42161": {"idle": "51"}}}},
            "the targets of USDC need 201 idle",
        ),
    ],
)
def test_instruction__that_cannot_be_done__is_refused_with_the_reason(
    inventory: PaperInventory, body: dict[str, Any], reason: str
) -> None:
    assert take(inventory, **body) == ()
    assert last(inventory).state is InstructionState.REFUSED
    assert reason in (last(inventory).reason or "")
    assert inventory.made() == []


def test_instruction__of_no_json__is_refused(inventory: PaperInventory) -> None:
    inventory.transfers.submit("order-1", "{", "table")
    assert asyncio.run(take_instructions(inventory.inventory, armed=True)) == ()
    assert "is not JSON" in (last(inventory).reason or "")


def test_instruction__while_another_runs__is_refused_and_the_rulebook_waits(
    inventory: PaperInventory,
) -> None:
    take(inventory, transfer={**SMALL, "amount": "80"})
    assert inventory.check() == ()
    inventory.transfers.submit("order-2", json.dumps({"version": 1, "transfer": SMALL}), "table")
    assert asyncio.run(take_instructions(inventory.inventory, armed=True)) == ()
    assert "already has movements in progress" in (last(inventory).reason or "")
    inventory.run()
    (batch,) = inventory.check()
    assert batch.state is BatchState.RUNNING, "the rulebook brings back what was taken"


def test_instruction__of_which_a_chain_cannot_be_read__waits(inventory: PaperInventory) -> None:
    inventory.chains[TWO].down = True
    assert take(inventory, transfer=SMALL) == ()
    assert last(inventory).state is InstructionState.RECEIVED
    inventory.chains[TWO].down = False
    assert len(asyncio.run(take_instructions(inventory.inventory, armed=True))) == 1


def test_big__divests_moves_and_invests(new_file: Callable[[], Path]) -> None:
    inventory = PaperInventory(new_file(), funds={ONE: 20 * UNIT, TWO: 10 * UNIT})
    inventory.treasuries[ONE].invested["USDC"] = 100 * UNIT
    targets = {
        "EVM-1": {"idle": "30", "venues": {VENUE: "0"}},
        "EVM-42161": {"idle": "40", "venues": {VENUE: "60"}},
    }
    (batch,) = take(inventory, targets={"USDC": targets})
    inventory.run()
    assert inventory.transfers.batch(batch.batch_id).state is BatchState.DONE
    assert (inventory.idle(ONE), inventory.invested(ONE)) == (30 * UNIT, 0)
    assert (inventory.idle(TWO), inventory.invested(TWO)) == (40 * UNIT, 60 * UNIT)
    assert last(inventory).state is InstructionState.DONE


def test_big__remainder__keeps_what_is_beyond_all_targets(inventory: PaperInventory) -> None:
    inventory.timed.fee = 5
    targets = {"EVM-1": {"idle": "20"}, "EVM-42161": {"idle": "10"}}
    take(inventory, targets={"USDC": targets}, remainder="EVM-1")
    inventory.run()
    assert inventory.idle(TWO) == 10 * UNIT
    assert inventory.idle(ONE) == 2 * BASE - 10 * UNIT - 5


def test_big__within_the_tolerance__is_done_at_once(inventory: PaperInventory) -> None:
    targets = {"EVM-1": {"idle": "95"}, "EVM-42161": {"idle": "99"}}
    assert take(inventory, targets={"USDC": targets}, tolerance="6") == ()
    assert last(inventory).state is InstructionState.DONE
    assert inventory.made() == []


def test_explain__says_what_would_be_done_and_does_nothing(inventory: PaperInventory) -> None:
    text = json.dumps({"version": 1, "transfer": SMALL})
    document = asyncio.run(explain_instruction(inventory.inventory, text))
    assert document["state"] == "WOULD_RUN"
    assert document["lines"] == [
        "EVM-1 sends 30 USDC to EVM-42161 by TIMED, of which 30 must arrive"
    ]
    json.dumps(document)
    assert inventory.made() == []


def test_instruction__of_a_keeper_that_only_looks__is_not_taken_up(
    inventory: PaperInventory,
) -> None:
    inventory.transfers.submit("order-1", json.dumps({"version": 1, "transfer": SMALL}), "table")
    assert asyncio.run(take_instructions(inventory.inventory, armed=False)) == ()
    assert last(inventory).state is InstructionState.RECEIVED


def test_row__with_bytes_and_no_time__is_read_all_the_same(inventory: PaperInventory) -> None:
    body = json.dumps({"version": 1, "transfer": SMALL}).encode()
    query = (
        "INSERT INTO instructions (client_key, body, submitted_by, submitted_at) "
        "VALUES ('order-1', :body, 'allocator', 'yesterday')"
    )
    with sqlite3.connect(inventory.file) as connection:
        connection.execute(query, {"body": body})
    assert len(inventory.instruct()) == 1
    assert last(inventory).submitted_at is None
