"""What is under way, phase by phase, as the blocks of both chains show it.

A leg counts at the block at which the balance was read, so nothing is counted twice and nothing is
left out: what a chain holds, and what it will hold, change in the same moment in opposite ways.
"""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.inventory import InFlight
from keepers.model.inventory_state import state_machine_id
from keepers.model.transactions.states import StepState
from keepers.model.transfer import CALLED_OFF, DONE
from keepers.model.transfer_record import (
    PlacementRecord,
    PlacementVerb,
    TransferRecord,
    TransferWork,
)
from keepers.model.treasury import Legs

NO_CHANGE = frozenset({StepState.SKIPPED, StepState.FAILED})


@dataclass(frozen=True, slots=True)
class Movement:
    """What a transfer still changes.

    Attributes:
        in_flight: Balances of both ends, without what goes into a venue when it arrives.
        withheld: What has arrived and will go into a venue, in units of the destination.
    """

    in_flight: InFlight | None
    withheld: int = 0


def movement_of(
    record: TransferRecord,
    source: Legs | None,
    destination: Legs | None,
    arriving: int | None = None,
) -> Movement:
    """What a transfer still changes.

    A leg on a chain that cannot be read counts as not done. That says nothing of the balance of
    that chain, and the other one errs on the safe side: what may still arrive is counted, so that
    it is not sent a second time.

    Args:
        record: The transfer as it is remembered.
        source: Its legs on the source, at the block of the balance; None where it is not read.
        destination: Its legs on the destination, likewise.
        arriving: What a bridge says that will arrive, in units of the destination, if it does.

    Returns:
        Nothing in flight for one that was called off and has not left. One that a person has given
        up does not count as arriving any more.
    """
    debited = source is not None and source.sent is not None
    credited = destination is not None and destination.received is not None
    if record.place == CALLED_OFF and source is not None and not debited:
        return Movement(None)
    is_given_up = record.place == DONE and record.received is None
    terms, invested = record.terms, _to_invest(record, destination or Legs())
    flight = InFlight(
        asset=terms.asset,
        source=state_machine_id(terms.source_chain),
        destination=state_machine_id(terms.destination_chain),
        amount=terms.amount,
        arriving=_first(record.received, record.arriving, arriving, terms.min_received)
        - (0 if credited else invested),
        debited=debited,
        credited=credited or is_given_up,
    )
    return Movement(flight, invested if credited else 0)


def placement_effect(record: PlacementRecord, legs: Legs) -> int:
    """What a placement will still add to what is idle; negative for an investment."""
    move = record.new.move
    if record.state in NO_CHANGE:
        return 0
    if record.new.verb is PlacementVerb.INVEST:
        return 0 if legs.invested is not None else -move.amount
    return 0 if legs.divested is not None else move.amount


def _to_invest(record: TransferRecord, legs: Legs) -> int:
    """An investment that is given up leaves the money idle; one that is done shows in its leg."""
    put = record.new.invest
    if put is None or legs.invested is not None:
        return 0
    is_over = record.place == DONE and record.states[TransferWork.INVEST] is not StepState.DONE
    return 0 if is_over else put.amount


def _first(*amounts: int | None) -> int:
    return next(each for each in amounts if each is not None)
