"""Instructions out of the table: read, compiled, and made into batches, or refused with reasons."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.domain.batch import BatchOrigin, BatchRecord, InstructionRecord, InstructionState
from keepers.domain.demand import Demand, WantedTransfer
from keepers.domain.errors import InputError
from keepers.domain.instruction import Instruction, TargetOrder, TransferOrder
from keepers.domain.inventory import Route
from keepers.domain.inventory_plan import BalanceTrigger, Surplus
from keepers.domain.inventory_state import InventorySnapshot, state_machine_id
from keepers.domain.notice import Notice, Severity, Telling
from keepers.domain.numerals import format_units
from keepers.engine.inventory.batching import checked_draft, store
from keepers.engine.inventory.documents import draft_document, lines_of
from keepers.engine.inventory.looking import look_at_all
from keepers.engine.inventory.refusing import BatchRefusedError, Objection, ObjectionKind
from keepers.engine.inventory.routing import ways_for
from keepers.engine.inventory.rulebook import wanted
from keepers.engine.inventory.world import InventoryWorld
from keepers.planning.files.canonical import Json, plan_id
from keepers.planning.instruction.reading import read_instruction
from keepers.planning.instruction.shifting import Shift, request_of, shift_of
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.needs import surpluses_of, tokens, triggers_of
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.tariff import LinearFee

LONGEST_KEY = 100
"""Characters of a client's key that stand in the batch's."""


async def take_instructions(world: InventoryWorld, *, armed: bool) -> tuple[BatchRecord, ...]:
    """Take up what has come in, oldest first; what cannot be read yet waits.

    A keeper that only looks takes up nothing.

    Raises:
        LeaseHeld, StaleLease: Another keeper does this.
        JournalUnavailable: The database cannot be written.
    """
    made: list[BatchRecord] = []
    if not armed:
        return ()
    for record in world.transfers.instructions(InstructionState.RECEIVED):
        batch = await _take(world, record)
        if batch is not None:
            made.append(batch)
    return tuple(made)


async def explain_instruction(world: InventoryWorld, text: str) -> dict[str, Json]:
    """What an instruction would do now; nothing is stored and nothing is sent.

    Returns:
        `state` is REFUSED with `reasons`, DONE where nothing has to be done, or WOULD_RUN with the
        batch as reports have it, and `lines` for people.

    Raises:
        InputError: The instruction cannot be read; the field is named.
    """
    instruction = read_instruction(text, world.settings)
    snapshot = await look_at_all(world)
    try:
        demand = await _demand_of(world, snapshot, instruction, "explain")
        if not demand.transfers and not demand.placements:
            return {"state": str(InstructionState.DONE), "reasons": []}
        draft = await checked_draft(world, snapshot, demand)
    except BatchRefusedError as error:
        reasons: list[Json] = [each.text for each in error.objections]
        return {"state": str(InstructionState.REFUSED), "reasons": reasons}
    lines: list[Json] = list(lines_of(world.settings, draft))
    document = draft_document(world.settings, snapshot, draft)
    return {"state": "WOULD_RUN", "reasons": [], "lines": lines, **document}


async def _take(world: InventoryWorld, record: InstructionRecord) -> BatchRecord | None:
    """Make a batch of an instruction, or answer it."""
    try:
        instruction = read_instruction(record.body, world.settings)
        _check_deadline(instruction, world.transfers.now())
        snapshot = await look_at_all(world)
        demand = await _demand_of(world, snapshot, instruction, record.client_key)
        if not demand.transfers and not demand.placements:
            world.transfers.answer(record.instruction_id, InstructionState.DONE, None)
            return None
        identified = _of_instruction(demand, record)
        draft = await checked_draft(world, snapshot, identified)
    except BatchRefusedError as error:
        if error.kinds != (ObjectionKind.UNREADABLE,):
            _refuse(world, record, str(error))
        return None
    except InputError as error:
        _refuse(world, record, str(error))
        return None
    return store(world, snapshot, draft, armed=True)


def _check_deadline(instruction: Instruction, now: datetime) -> None:
    if instruction.deadline is not None and now >= instruction.deadline:
        raise InputError("deadline", f"{instruction.deadline.isoformat()} has passed")


def _of_instruction(demand: Demand, record: InstructionRecord) -> Demand:
    return Demand(
        origin=demand.origin,
        key=demand.key,
        detail=demand.detail,
        transfers=demand.transfers,
        placements=demand.placements,
        floors=demand.floors,
        instruction_id=record.instruction_id,
    )


def _refuse(world: InventoryWorld, record: InstructionRecord, reason: str) -> None:
    name = f"instruction {record.client_key} of {record.submitted_by}"
    notice = Notice(
        key=f"instruction:{record.instruction_id}",
        severity=Severity.WARNING,
        title=f"{name} is refused",
        text=reason,
    )
    state = InstructionState.REFUSED
    world.transfers.answer(record.instruction_id, state, reason, Telling((notice,)))
    world.machine.say(f"{name}: refused: {reason}")


async def _demand_of(
    world: InventoryWorld, snapshot: InventorySnapshot, instruction: Instruction, key: str
) -> Demand:
    """What an instruction asks for now.

    Raises:
        BatchRefusedError: It cannot be done, or something is under way or unreadable.
    """
    _check_quiet(snapshot, instruction)
    key = key if len(key) <= LONGEST_KEY else plan_id("instruction", key)
    order = instruction.order
    if isinstance(order, TransferOrder):
        transfer = await _transfer(world, snapshot, order)
        plan = f"{order.asset} is moved as instructed"
        return Demand(
            origin=BatchOrigin.INSTRUCTION,
            key=f"instruction:{key}",
            detail={"plan": plan},
            transfers=(transfer,),
        )
    parts = [await _shifted(world, snapshot, asset, order) for asset in sorted(order.targets)]
    return Demand(
        origin=BatchOrigin.INSTRUCTION,
        key=f"instruction:{key}",
        detail={"plan": "\n".join(each.text for each in parts)},
        transfers=tuple(each for part in parts for each in part.transfers),
        placements=tuple(
            each for part in parts for each in (*part.shift.divested, *part.shift.invested)
        ),
        floors={
            (part.shift.asset, chain_id): idle - part.shift.slack[chain_id]
            for part in parts
            for chain_id, idle in part.shift.idle.items()
        },
    )


def _check_quiet(snapshot: InventorySnapshot, instruction: Instruction) -> None:
    """Nothing may be under way of what an instruction is about, and all of it must be readable."""
    unreadable = [
        Objection(ObjectionKind.UNREADABLE, f"{asset}: {reason}")
        for asset in instruction.assets
        for reason in snapshot.unreadable.get(asset, ())
    ]
    if unreadable:
        raise BatchRefusedError(unreadable)
    busy = [each for each in instruction.assets if snapshot.under_way.get(each)]
    if busy:
        text = f"{', '.join(busy)} is under way already; `ballast transfers` shows it"
        raise BatchRefusedError([Objection(ObjectionKind.UNDER_WAY, text)])


async def _transfer(
    world: InventoryWorld, snapshot: InventorySnapshot, order: TransferOrder
) -> WantedTransfer:
    """The cheapest way, no fallback if another can; or the one that is named."""
    settings, asset = world.settings, order.asset
    here, there = (settings.decimals(each, asset) for each in (order.source, order.destination))
    need = BalanceTrigger(
        asset=asset,
        chain=state_machine_id(order.destination),
        decimals=there,
        base=order.amount,
        balance=0,
        threshold=Fraction(0),
        deficit=order.amount,
    )
    giving = Surplus(
        asset=asset,
        chain=state_machine_id(order.source),
        decimals=here,
        amount=max(0, snapshot.available(asset, order.source)),
    )
    if tokens(giving.amount, here) < tokens(order.amount, there):
        text = (
            f"{giving.chain} has {format_units(giving.amount, here)} {asset} idle, and "
            f"{format_units(order.amount, there)} must arrive"
        )
        raise BatchRefusedError([Objection(ObjectionKind.SHORT, text)])
    named = None if order.route is None else frozenset({order.route})
    ways = await ways_for(world, snapshot, [need], [giving], named)
    fitting = [each for each in ways.routes if _carries(each, order.amount, here, there)]
    if not fitting:
        told = "; ".join(ways.closed) or "none can carry so much at once"
        text = f"no route carries this {asset} from {giving.chain} to {need.chain}: {told}"
        raise BatchRefusedError([Objection(ObjectionKind.QUOTE, text)])
    amount = int(tokens(order.amount, there) * 10**here // 1)
    best = min(
        fitting,
        key=lambda each: (each.fallback, _fee(each, amount), each.seconds, each.route),
    )
    return WantedTransfer(
        asset=asset,
        source=order.source,
        destination=order.destination,
        route=best.route,
        receive=order.amount,
        venue=order.venue,
    )


def _fee(route: Route, amount: int) -> int:
    return LinearFee(route.fee, route.fee_bps).of(amount)


def _carries(route: Route, amount: int, here: int, there: int) -> bool:
    sent = tokens(amount, there) * 10**here
    return route.maximum is None or sent <= route.maximum


@dataclass(frozen=True, slots=True)
class _Part:
    """What has to be done of one asset, and why."""

    shift: Shift
    transfers: tuple[WantedTransfer, ...]
    text: str


async def _shifted(
    world: InventoryWorld, snapshot: InventorySnapshot, asset: str, order: TargetOrder
) -> _Part:
    """The fewest transfers for targets, fees included."""
    shift = shift_of(world.settings, snapshot, asset, order)
    if isinstance(shift, str):
        raise BatchRefusedError([Objection(ObjectionKind.SHORT, shift)])
    seen = request_of(world.settings, shift)
    triggers, surpluses = triggers_of(seen), surpluses_of(seen)
    if not triggers:
        return _Part(shift, (), f"{asset}: all is where it should be, or needs no bridge")
    ways = await ways_for(world, snapshot, triggers, surpluses)
    request = request_of(world.settings, shift, ways.routes, most_fees(surpluses, ways.routes))
    plan = await asyncio.to_thread(plan_inventory, request)
    if plan.uncovered:
        told = [explain(request, plan), *ways.closed]
        raise BatchRefusedError([Objection(ObjectionKind.QUOTE, each) for each in told])
    return _Part(shift, tuple(map(wanted, plan.transfers)), explain(request, plan))


def most_fees(surpluses: list[Surplus], routes: tuple[Route, ...]) -> Fraction:
    """What all sources together may lose on the way, in whole tokens, by their dearest ways."""
    total = Fraction(0)
    for each in surpluses:
        mine = [way for way in routes if way.source == each.chain]
        fees = [_fee(way, each.amount) for way in mine]
        ends = len({way.destination for way in mine})
        total += tokens(max(fees, default=0) * ends, each.decimals)
    return total
