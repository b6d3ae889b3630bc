"""Simulation of everything that a batch would send at once, before the batch is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from keepers.model.chain import ValuedCall
from keepers.model.errors.chain import ChainError
from keepers.model.inventory_state import state_machine_id
from keepers.model.risk import FailedCall
from keepers.model.transfer_record import NewPlacement, NewTransfer, PlacementVerb
from keepers.transfers.inventory.dependencies import Draft, InventoryDependencies
from keepers.transfers.inventory.objections import BatchRefusedError, Objection, ObjectionKind
from keepers.transfers.machine.ports import TreasuryChain


async def simulate(ports: InventoryDependencies, draft: Draft) -> None:
    """Simulate a batch on each chain without approvals; plans are simulated when they open.

    Amounts that arrive over bridges, and their investment, cannot be simulated.

    Raises:
        BatchRefusedError: A call would revert, or a node cannot simulate it.
    """
    chains = sorted(set(ports.machine.chains) - set(draft.plans))
    found = await asyncio.gather(*(_tried(ports, draft, each) for each in chains))
    objections = [each for each in found if each is not None]
    if objections:
        raise BatchRefusedError(objections)


async def run_dry(
    ports: InventoryDependencies, chain_id: int, calls: Sequence[ValuedCall]
) -> str | None:
    """Return why calls on a chain would fail in order; None if all succeed.

    Raises:
        ChainError: A node cannot simulate the calls.
    """
    failed = await _first_failed(ports, chain_id, calls)
    return None if failed is None else _described(failed, chain_id, len(calls))


def calls_on(
    chain: TreasuryChain, transfers: Sequence[NewTransfer], placements: Sequence[NewPlacement]
) -> list[ValuedCall]:
    """Return the calls of a batch on a chain that wait for no bridge, in order."""
    return [call for call, _ in _steps_on(chain, transfers, placements)]


Step = tuple[ValuedCall, NewTransfer | None]
"""A call, and the transfer that it sends, if any."""


def _steps_on(
    chain: TreasuryChain, transfers: Sequence[NewTransfer], placements: Sequence[NewPlacement]
) -> list[Step]:
    placed = [each for each in placements if each.chain_id == chain.chain_id]
    arriving = {
        each.terms.asset for each in transfers if each.terms.destination_chain == chain.chain_id
    }
    return [
        *((_placed(chain, each), None) for each in placed if each.verb is PlacementVerb.DIVEST),
        *(
            (_sent(chain, each), each)
            for each in transfers
            if each.terms.source_chain == chain.chain_id
        ),
        *(
            (_placed(chain, each), None)
            for each in placed
            if each.verb is PlacementVerb.INVEST and each.asset not in arriving
        ),
    ]


async def _tried(ports: InventoryDependencies, draft: Draft, chain_id: int) -> Objection | None:
    """Return the first failing call of a chain, as an objection to its transfer."""
    steps = _steps_on(ports.machine.chains[chain_id], draft.transfers, draft.placements)
    seconds = ports.settings.look_seconds
    try:
        found = _first_failed(ports, chain_id, [call for call, _ in steps])
        failed = await asyncio.wait_for(found, seconds)
    except TimeoutError:
        text = f"no response within {seconds:g} seconds"
        return _unable(chain_id, text)
    except ChainError as error:
        return _unable(chain_id, str(error))
    if failed is None:
        return None
    text = _described(failed, chain_id, len(steps))
    sent = steps[failed.index][1]
    if sent is None:
        return Objection(ObjectionKind.SIMULATION, text, source=chain_id)
    terms = sent.terms
    ends = (terms.source_chain, terms.destination_chain, terms.route)
    return Objection(ObjectionKind.SIMULATION, text, *ends)


def _unable(chain_id: int, why: str) -> Objection:
    text = f"{state_machine_id(chain_id)} cannot be simulated: {why}"
    return Objection(ObjectionKind.UNREADABLE, text, source=chain_id)


async def _first_failed(
    ports: InventoryDependencies, chain_id: int, calls: Sequence[ValuedCall]
) -> FailedCall | None:
    if not calls:
        return None
    keeper = ports.machine.chains[chain_id].keeper
    return await ports.simulators[chain_id].run(keeper, calls)


def _described(failed: FailedCall, chain_id: int, count: int) -> str:
    name = state_machine_id(chain_id)
    return f"call {failed.index + 1} of {count} on {name} would fail: {failed.error}"


def _sent(chain: TreasuryChain, new: NewTransfer) -> ValuedCall:
    return ValuedCall(chain.send_call(new.terms, new.options, new.part), new.native_fee)


def _placed(chain: TreasuryChain, new: NewPlacement) -> ValuedCall:
    return ValuedCall(chain.venue_call(new.verb, new.placement_id, new.move))
