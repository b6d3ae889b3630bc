"""Progress of an instruction's batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.batch import BatchRecord, InstructionRecord
from keepers.model.inventory_state import state_machine_id
from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, DONE
from keepers.model.transfer_record import (
    PlacementRecord,
    PlacementVerb,
    TransferRecord,
    TransferWork,
)
from keepers.planning.inventory.needs import tokens

Decimals = Callable[[int, str], int | None]
"""Returns the decimals of an asset on a chain, or None if unknown."""

UNDONE = frozenset({StepState.FAILED, StepState.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionStatus:
    """An instruction with its batch, transfers and placements; no batch means none was made yet."""

    record: InstructionRecord
    batch: BatchRecord | None = None
    transfers: tuple[TransferRecord, ...] = ()
    placements: tuple[PlacementRecord, ...] = ()


@dataclass(slots=True)
class AssetProgress:
    """Planned and executed amounts of an asset, in whole tokens summed over chains."""

    to_arrive: Fraction = Fraction(0)
    arrived: Fraction = Fraction(0)
    to_invest: Fraction = Fraction(0)
    invested: Fraction = Fraction(0)
    to_divest: Fraction = Fraction(0)
    divested: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A movement that is stuck or was not made; `advice` may be empty."""

    what: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionProgress:
    """Progress of all movements.

    Attributes:
        movements: Transfers and placements.
        ended: Number of finished movements.
        assets: Progress by asset name; assets with unknown decimals are left out.
        obstacles: Movements that are stuck or were not made, with the reasons.
    """

    movements: int
    ended: int
    assets: dict[str, AssetProgress]
    obstacles: tuple[Obstacle, ...]


def progress_of(status: InstructionStatus, decimals: Decimals) -> InstructionProgress:
    """Add up planned and executed amounts."""
    assets: dict[str, AssetProgress] = {}
    for transfer in status.transfers:
        terms = transfer.terms
        known_decimals = decimals(terms.destination_chain, terms.asset)
        if known_decimals is not None:
            _add_transfer(assets.setdefault(terms.asset, AssetProgress()), transfer, known_decimals)
    for placement in status.placements:
        known_decimals = decimals(placement.new.chain_id, placement.new.asset)
        if known_decimals is not None:
            part = assets.setdefault(placement.new.asset, AssetProgress())
            _add_placement(part, placement, known_decimals)
    movements = (*status.transfers, *status.placements)
    return InstructionProgress(
        movements=len(movements),
        ended=sum(each.has_ended for each in movements),
        assets=dict(sorted(assets.items())),
        obstacles=(
            *_transfer_obstacles(status.transfers),
            *_placement_obstacles(status.placements),
        ),
    )


def _add_transfer(part: AssetProgress, record: TransferRecord, decimals: int) -> None:
    part.to_arrive += tokens(record.terms.min_received, decimals)
    part.arrived += tokens(record.received or 0, decimals)
    if record.new.invest is not None:
        amount = tokens(record.new.invest.amount, decimals)
        part.to_invest += amount
        if record.states[TransferWork.INVEST] is StepState.DONE:
            part.invested += amount


def _add_placement(part: AssetProgress, record: PlacementRecord, decimals: int) -> None:
    amount = tokens(record.new.move.amount, decimals)
    done = amount if record.state is StepState.DONE else Fraction(0)
    match record.new.verb:
        case PlacementVerb.INVEST:
            part.to_invest += amount
            part.invested += done
        case PlacementVerb.DIVEST:
            part.to_divest += amount
            part.divested += done


def _transfer_obstacles(transfers: Sequence[TransferRecord]) -> Iterator[Obstacle]:
    for each in transfers:
        what = f"transfer {each.transfer_id}"
        if each.trouble is not None:
            yield Obstacle(what, each.trouble.reason, each.trouble.advice)
        elif each.position == CALLED_OFF:
            yield Obstacle(what, "it was cancelled", "")
        elif each.position == DONE and each.received is None:
            yield Obstacle(what, "it was closed by an operator", "")


def _placement_obstacles(placements: Sequence[PlacementRecord]) -> Iterator[Obstacle]:
    for each in placements:
        if each.state in UNDONE:
            new = each.new
            what = f"{new.verb.lower()} of {new.asset} on {state_machine_id(new.chain_id)}"
            yield Obstacle(what, each.reason or each.state.lower(), "")
