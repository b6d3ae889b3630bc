"""Snapshot of all treasuries, with all unfinished transfers and placements.

A chain that cannot be read is left out of planning. All chains are read at once, each with its own
time limit.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keepers.model.bridge import Crossed
from keepers.model.errors.chain import ChainError
from keepers.model.errors.transfers import NoDepartureError
from keepers.model.inventory import InFlight
from keepers.model.inventory_state import InventorySnapshot, state_machine_id
from keepers.model.transfer import CROSS
from keepers.model.transfer_record import (
    PlacementRecord,
    PlacementVerb,
    TransferRecord,
    TransferWork,
)
from keepers.model.treasury import TreasuryView
from keepers.planning.inventory.position import movement_of, placement_effect
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.machine.bridge import departure_of
from keepers.transfers.machine.calls import status_of_step
from keepers.transfers.machine.dependencies import TransferDependencies, Underway, survey

Amounts = defaultdict[tuple[str, int], int]


@dataclass(slots=True)
class _Findings:
    """Parts of a snapshot read so far."""

    views: Mapping[int, TreasuryView]
    unreadable: defaultdict[tuple[str, int], list[str]]
    untracked: dict[str, str] = field(default_factory=dict[str, str])
    arriving: dict[str, int] = field(default_factory=dict[str, int])
    in_flight: list[InFlight] = field(default_factory=list[InFlight])
    withheld: Amounts = field(default_factory=lambda: defaultdict(int))
    released: Amounts = field(default_factory=lambda: defaultdict(int))
    under_way: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


async def take_snapshot(ports: InventoryDependencies) -> InventorySnapshot:
    """Read every chain at once, each at its own block.

    The store is read before the chains. A leg that happens in between is therefore seen, and a
    batch that another keeper starts in between has a different predecessor.
    """
    begun = ports.transfers.last_begun()
    transfers, placements = ports.transfers.unsettled(), ports.transfers.open_placements()
    found = await _views(ports, transfers, placements)
    await _ask_bridges(ports, transfers, found)
    for record in transfers:
        _add_transfer(record, found)
    for placement in placements:
        _add_placement(placement, found)
    return InventorySnapshot(
        views=found.views,
        in_flight=tuple(found.in_flight),
        withheld=dict(found.withheld),
        released=dict(found.released),
        under_way={asset: tuple(sorted(ids)) for asset, ids in found.under_way.items()},
        unreadable={place: tuple(reasons) for place, reasons in found.unreadable.items()},
        untracked=found.untracked,
        predecessor="" if begun is None else begun.batch_id,
    )


async def _views(
    ports: InventoryDependencies,
    transfers: Sequence[TransferRecord],
    placements: Sequence[PlacementRecord],
) -> _Findings:
    ids: dict[int, list[str]] = {each: [] for each in ports.settings.chains}
    for record in transfers:
        for chain_id in (record.terms.source_chain, record.terms.destination_chain):
            ids.setdefault(chain_id, []).append(record.transfer_id)
    for placement in placements:
        ids.setdefault(placement.new.chain_id, []).append(placement.new.placement_id)
    answers = await asyncio.gather(*(_read_chain(ports, each, ids[each]) for each in ids))
    views: dict[int, TreasuryView] = {}
    unreadable: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for chain_id, answer in zip(ids, answers, strict=True):
        if isinstance(answer, TreasuryView):
            views[chain_id] = answer
            continue
        chain = ports.settings.chains.get(chain_id)
        for asset in () if chain is None else chain.assets:
            text = f"{state_machine_id(chain_id)} cannot be read: {answer}"
            unreadable[asset, chain_id].append(text)
    return _Findings(views, unreadable)


async def _read_chain(
    ports: InventoryDependencies, chain_id: int, ids: Sequence[str]
) -> TreasuryView | str:
    chain = ports.machine.chains.get(chain_id)
    if chain is None:
        return "it is no longer configured, or is switched off"
    seconds = ports.settings.look_seconds
    try:
        return await asyncio.wait_for(chain.read_view(ids), seconds)
    except TimeoutError:
        return f"no response within {seconds:g} seconds"
    except ChainError as error:
        return str(error)


async def _ask_bridges(
    ports: InventoryDependencies, transfers: Sequence[TransferRecord], found: _Findings
) -> None:
    """Track the transfers on bridges, and record those that cannot be tracked.

    An unknown position is no error: the legs are read from both chains. Until its arrival is
    proven, a transfer counts with its minimum amount, whether or not its bridge responds.
    """
    crossing = [each for each in transfers if each.position == CROSS[1]]
    seconds = ports.settings.look_seconds
    known = await asyncio.gather(*(_underway(ports.machine, each, seconds) for each in crossing))
    asked = [each for each in known if isinstance(each, Underway)]
    answers = await survey(ports.machine.bridges, asked, seconds)
    for record, each in zip(crossing, known, strict=True):
        problem = each if isinstance(each, str) else answers.unreadable.get(record.transfer_id)
        if problem is not None:
            found.untracked[record.transfer_id] = problem
        answer = answers.found.get(record.transfer_id)
        if isinstance(answer, Crossed):
            found.arriving[record.transfer_id] = answer.amount


async def _underway(
    ports: TransferDependencies, record: TransferRecord, seconds: float
) -> Underway | str:
    route = record.terms.route
    if route not in ports.bridges or record.terms.source_chain not in ports.chains:
        return f"its bridge {route} or its source is no longer configured"
    step_id = record.steps[TransferWork.TRANSFER_OUT]
    state = record.states[TransferWork.TRANSFER_OUT]
    intents = ports.transfers.intents(record.new.run_id)
    sent = status_of_step(ports.source(record), intents, step_id, state, {})
    if sent.intent is None or not sent.intent.is_included:
        return "the chain does not show its send transaction"
    try:
        departure = await asyncio.wait_for(departure_of(ports, record, sent.transaction), seconds)
    except TimeoutError:
        return f"its source gives no response within {seconds:g} seconds"
    except (ChainError, NoDepartureError) as error:
        return str(error)
    if departure is None:
        return "the chain does not show its send transaction"
    return Underway(bridge=route, departure=departure, remote_id=record.remote_id)


def _add_transfer(record: TransferRecord, found: _Findings) -> None:
    terms, key = record.terms, record.transfer_id
    source, destination = (
        found.views.get(each) for each in (terms.source_chain, terms.destination_chain)
    )
    if not record.has_ended:
        found.under_way[terms.asset].append(key)
    movement = movement_of(
        record,
        None if source is None else source.legs[key],
        None if destination is None else destination.legs[key],
        found.arriving.get(key),
    )
    if movement.in_flight is not None:
        found.in_flight.append(movement.in_flight)
    if movement.withheld:
        found.withheld[terms.asset, terms.destination_chain] += movement.withheld


def _add_placement(record: PlacementRecord, found: _Findings) -> None:
    new = record.new
    view = found.views.get(new.chain_id)
    if not record.has_ended:
        found.under_way[new.asset].append(new.placement_id)
    if view is None:
        return  # its chain cannot be read, which is already recorded
    effect = placement_effect(record, view.legs[new.placement_id])
    where = found.withheld if new.verb is PlacementVerb.INVEST else found.released
    if effect:
        where[new.asset, new.chain_id] += abs(effect)
