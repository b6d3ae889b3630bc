"""All that a batch would send at once is run dry before it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from keepers.domain.chain import ValuedCall
from keepers.domain.errors_chain import ChainError
from keepers.domain.inventory_state import state_machine_id
from keepers.domain.transfer_record import NewPlacement, NewTransfer, PlacementVerb
from keepers.engine.inventory.draft import Draft
from keepers.engine.inventory.refusing import BatchRefusedError, Objection, ObjectionKind
from keepers.engine.inventory.world import InventoryWorld
from keepers.engine.transfers.ports import TreasuryChain


async def simulate(world: InventoryWorld, draft: Draft) -> None:
    """Run a batch dry on each chain where nobody has to approve; plans are run when they open.

    What comes in by bridges cannot be simulated, nor what is invested of it.

    Raises:
        BatchRefusedError: A call would revert, or a node cannot say.
    """
    chains = sorted(set(world.machine.chains) - set(draft.plans))
    found = await asyncio.gather(*(_tried(world, draft, each) for each in chains))
    objections = [Objection(ObjectionKind.SIMULATION, each) for each in found if each]
    if objections:
        raise BatchRefusedError(objections)


async def run_dry(world: InventoryWorld, chain_id: int, calls: Sequence[ValuedCall]) -> str | None:
    """What is wrong with calls of a chain in their order; None if nothing is.

    Raises:
        ChainError: A node cannot say.
    """
    if not calls:
        return None
    keeper = world.machine.chains[chain_id].keeper
    failed = await world.simulators[chain_id].run(keeper, calls)
    if failed is None:
        return None
    name = state_machine_id(chain_id)
    return f"call {failed.index + 1} of {len(calls)} on {name} would fail: {failed.error}"


def calls_on(
    chain: TreasuryChain, transfers: Sequence[NewTransfer], placements: Sequence[NewPlacement]
) -> list[ValuedCall]:
    """What a batch does on a chain without waiting for a bridge, in order."""
    placed = [each for each in placements if each.chain_id == chain.chain_id]
    arriving = {
        each.terms.asset for each in transfers if each.terms.destination_chain == chain.chain_id
    }
    return [
        *(_placed(chain, each) for each in placed if each.verb is PlacementVerb.DIVEST),
        *(_sent(chain, each) for each in transfers if each.terms.source_chain == chain.chain_id),
        *(
            _placed(chain, each)
            for each in placed
            if each.verb is PlacementVerb.INVEST and each.asset not in arriving
        ),
    ]


async def _tried(world: InventoryWorld, draft: Draft, chain_id: int) -> str | None:
    calls = calls_on(world.machine.chains[chain_id], draft.transfers, draft.placements)
    try:
        return await run_dry(world, chain_id, calls)
    except ChainError as error:
        return f"{state_machine_id(chain_id)} cannot be simulated: {error}"


def _sent(chain: TreasuryChain, new: NewTransfer) -> ValuedCall:
    return ValuedCall(chain.send_call(new.terms, new.options, new.part), new.native_fee)


def _placed(chain: TreasuryChain, new: NewPlacement) -> ValuedCall:
    return ValuedCall(chain.venue_call(new.verb, new.placement_id, new.move))
