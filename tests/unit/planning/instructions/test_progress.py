"""Tests of the progress of an instruction, movement by movement."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

from keepers.model.batch import InstructionRecord
from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, DONE
from keepers.model.transfer_record import PlacementVerb, Trouble
from keepers.planning.instructions.progress import (
    AssetProgress,
    InstructionProgress,
    InstructionStatus,
    Obstacle,
    progress_of,
)
from tests.unit.planning.inventory.inventories import placement, transfer

RECORD = cast("InstructionRecord", SimpleNamespace())
NOTHING = Fraction(0)


def progress(
    transfers: tuple[Any, ...] = (), placements: tuple[Any, ...] = (), places: int | None = 1
) -> InstructionProgress:
    status = InstructionStatus(record=RECORD, transfers=transfers, placements=placements)
    return progress_of(status, lambda _chain, _asset: places)


def test_progress_of__nothing__is_empty() -> None:
    assert progress() == InstructionProgress(movements=0, ended=0, assets={}, obstacles=())


def test_progress_of__transfers__adds_what_must_arrive_and_has() -> None:
    found = progress(
        (
            transfer(invest=60),
            transfer(received=95, has_ended=True, invest=20, state=StepState.DONE),
        )
    )
    assert (found.movements, found.ended) == (2, 1)
    assert found.assets == {
        "USDC": AssetProgress(
            to_arrive=Fraction(18),
            arrived=Fraction(19, 2),
            to_invest=Fraction(8),
            invested=Fraction(2),
        )
    }


def test_progress_of__nothing_has_arrived__is_nothing() -> None:
    assert progress((transfer(),), places=0).assets["USDC"].arrived == 0


def test_progress_of__placements__adds_what_is_done() -> None:
    found = progress(
        (),
        (
            placement(PlacementVerb.INVEST, StepState.PENDING, 10),
            placement(PlacementVerb.INVEST, StepState.DONE, 20, has_ended=True),
            placement(PlacementVerb.DIVEST, StepState.PENDING, 40),
            placement(PlacementVerb.DIVEST, StepState.DONE, 80, has_ended=True),
        ),
    )
    assert (found.movements, found.ended) == (4, 2)
    assert found.assets["USDC"] == AssetProgress(
        to_invest=Fraction(3), invested=Fraction(2), to_divest=Fraction(12), divested=Fraction(8)
    )


def test_progress_of__decimals_are_not_known__leaves_the_amounts_out() -> None:
    found = progress((transfer(),), (placement(PlacementVerb.INVEST, StepState.DONE),), None)
    assert (found.movements, found.assets) == (2, {})


def test_progress_of__what_does_not_go_on__says_why() -> None:
    trouble = Trouble("the bridge has lost it", "ask the bridge")
    found = progress(
        (
            transfer(),
            transfer(trouble=trouble),
            transfer(position=CALLED_OFF),
            transfer(position=DONE),
            transfer(transfer_id="0xb", position=DONE, received=90),
        ),
        (
            placement(PlacementVerb.INVEST, StepState.FAILED, reason="it reverts"),
            placement(PlacementVerb.DIVEST, StepState.SKIPPED),
            placement(PlacementVerb.DIVEST, StepState.DONE),
        ),
    )
    assert found.obstacles == (
        Obstacle("transfer 0xa", "the bridge has lost it", "ask the bridge"),
        Obstacle("transfer 0xa", "it was cancelled", ""),
        Obstacle("transfer 0xa", "it was closed by an operator", ""),
        Obstacle("invest of USDC on EVM-1", "it reverts", ""),
        Obstacle("divest of USDC on EVM-1", "skipped", ""),
    )
