"""Progress of an instruction as a whole: while it runs, when it is stuck, when it is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keepers.model.batch import InstructionState
from keepers.model.errors import InputError
from keepers.model.errors.transfers import InstructionKeyTakenError, UnknownInstructionError
from keepers.reports.instructions import instruction_document, progress_line, render_instruction
from keepers.reports.transfer_document import TransferLabels
from keepers.runtime.treasury.instructions import InstructionIntake
from keepers.store.transfers import InstructionRepository
from tests.unit.transfers.inventory.paper import UNIT, PaperInventory
from tests.unit.transfers.paper_treasury import VENUE
from tests.unit.transfers.transfer_rig import ONE, TWO

SMALL = {"asset": "USDC", "source": "EVM-1", "destination": "EVM-42161", "amount": "30"}


def desk(inventory: PaperInventory) -> InstructionIntake:
    return InstructionIntake(InstructionRepository(inventory.database), inventory.settings)


def body(**members: Any) -> str:
    return json.dumps({"version": 1, **members})


def progress(inventory: PaperInventory, key: str = "order") -> dict[str, Any]:
    document: Any = instruction_document(
        desk(inventory).store.standing(key), lambda _chain, _asset: 6
    )
    json.dumps(document)
    return document["progress"]


def test_progress__before_it_is_taken_up__is_nothing(inventory: PaperInventory) -> None:
    desk(inventory).submit(body(transfer=SMALL), "order", "somebody")
    assert progress(inventory) == {"movements": 0, "ended": 0, "assets": {}, "stuck": []}


def test_progress__of_targets_with_venues__adds_up_all_movements(
    inventory: PaperInventory,
) -> None:
    inventory.treasuries[ONE].invested["USDC"] = 100 * UNIT
    targets = {
        "EVM-1": {"idle": "100", "venues": {VENUE: "0"}},
        "EVM-42161": {"idle": "130", "venues": {VENUE: "70"}},
    }
    desk(inventory).submit(body(targets={"USDC": targets}), "order", "somebody")
    inventory.instruct()
    before = progress(inventory)
    assert before["ended"] == 0
    assert before["movements"] >= 3
    planned = before["assets"]["USDC"]
    assert (planned["to_divest"], planned["to_arrive"], planned["to_invest"]) == (
        "100",
        "100",
        "70",
    )
    assert (planned["divested"], planned["arrived"], planned["invested"]) == ("0", "0", "0")

    inventory.run()
    after = progress(inventory)
    assert after["ended"] == after["movements"]
    done = after["assets"]["USDC"]
    assert (done["divested"], done["arrived"], done["invested"]) == ("100", "100", "70")
    standing = desk(inventory).store.standing("order")
    assert standing.record.state is InstructionState.DONE


def test_text__of_a_batch_under_way__says_how_far_it_is(inventory: PaperInventory) -> None:
    made = desk(inventory)
    made.submit(body(transfer={**SMALL, "invest": True}), "order", "somebody")
    inventory.instruct()
    standing = made.store.standing("order")
    told = progress_line(standing, made.progress(standing))
    assert told == (
        "instruction order: running; 0 of 1 movements have ended; arrived: 0 of 30 USDC"
    )
    words = TransferLabels({ONE: "one", TWO: "two"}, made.decimals)
    shown = render_instruction(
        standing, made.progress(standing), words, made.store.now(), width=200
    )
    assert "USDC: 0 of 30 arrived; 0 of 30 invested" in shown
    assert "submitted by somebody" in shown
    assert "TRANSFER_OUT" in shown


def test_submit__the_same_again__is_kept_once_and_says_how_it_stands(
    inventory: PaperInventory,
) -> None:
    made = desk(inventory)
    first = made.submit(body(transfer=SMALL), None, "somebody")
    spaced = json.dumps(json.loads(body(transfer=SMALL)), indent=3, sort_keys=True)
    again = made.submit(spaced, None, "somebody else")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.record.instruction_id == again.record.instruction_id
    assert again.record.submitted_by == "somebody"


def test_submit__a_row_that_a_program_wrote__is_the_same_in_other_spelling(
    inventory: PaperInventory,
) -> None:
    inventory.transfers.submit("order", json.dumps(json.loads(body(transfer=SMALL)), indent=1), "p")
    assert not desk(inventory).submit(body(transfer=SMALL), "order", "somebody").is_new


def test_submit__another_under_the_key__is_an_error(inventory: PaperInventory) -> None:
    made = desk(inventory)
    made.submit(body(transfer=SMALL), "order", "somebody")
    with pytest.raises(InstructionKeyTakenError, match="'order'"):
        made.submit(body(transfer={**SMALL, "amount": "31"}), "order", "somebody")


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("{", None, "is not JSON"),
        (body(), None, "must have either transfer or targets"),
        (body(transfer={**SMALL, "asset": "EURC"}), None, "transfer.asset: is not one of USDC"),
        (body(transfer=SMALL, deadline="2020-01-01T00:00:00Z"), None, "has passed"),
        (body(transfer=SMALL), "", "--key: must have 1 to 128 characters"),
        (body(transfer=SMALL), "k" * 129, "--key: must have 1 to 128 characters"),
        (body(transfer=SMALL), "a\nb", "--key: must be of printable ASCII characters"),
    ],
)
def test_submit__what_cannot_be_read__is_not_kept(
    inventory: PaperInventory, text: str, key: str | None, problem: str
) -> None:
    made = desk(inventory)
    with pytest.raises(InputError) as caught:
        made.submit(text, key, "somebody")
    assert problem in str(caught.value)
    assert made.store.newest(9) == ()


def test_document__of_no_such_key__is_an_error(inventory: PaperInventory) -> None:
    with pytest.raises(UnknownInstructionError, match="`ballast instructions` lists them"):
        desk(inventory).document("order")
