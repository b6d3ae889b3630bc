"""Stored instructions: read and compiled into batches, or refused with reasons."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from keepers.model.batch import (
    BatchOrigin,
    BatchRecord,
    Demand,
    Instruction,
    InstructionRecord,
    InstructionState,
    TargetOrder,
    TransferOrder,
    WantedTransfer,
)
from keepers.model.errors import InputError
from keepers.model.inventory import BalanceTrigger, Route, Surplus
from keepers.model.inventory_state import InventorySnapshot, state_machine_id
from keepers.model.json_document import Json, plan_id
from keepers.model.money import format_units
from keepers.model.notice import Notice, Notification, Severity
from keepers.planning.instructions.movements import Shift, request_of, shift_of
from keepers.planning.instructions.parser import read_instruction
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.needs import surpluses_of, tokens, triggers_of
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.tariff import LinearFee
from keepers.transfers.inventory.batch import checked_draft, store
from keepers.transfers.inventory.constraints import constraints_on, limits_of
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.documents import draft_document, lines_of
from keepers.transfers.inventory.objections import BatchRefusedError, Objection, ObjectionKind
from keepers.transfers.inventory.patience import Patience, fallback_lines
from keepers.transfers.inventory.routes import offered_routes
from keepers.transfers.inventory.rulebook import is_closed, wanted
from keepers.transfers.inventory.snapshot import take_snapshot

WOULD_WAIT = "WOULD_WAIT"
LONGEST_KEY = 100
"""Characters of a client's key that are part of the batch's key."""


async def take_instructions(
    ports: InventoryDependencies, *, armed: bool
) -> tuple[BatchRecord, ...]:
    """Process the received instructions, oldest first; those that cannot be read yet wait.

    An unarmed keeper processes none.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper holds the lease.
        StoreUnavailableError: The database cannot be written.
    """
    made: list[BatchRecord] = []
    if not armed:
        return ()
    for record in ports.transfers.instructions(InstructionState.RECEIVED):
        batch = await _take(ports, record)
        if batch is not None:
            made.append(batch)
    return tuple(made)


async def explain_instruction(ports: InventoryDependencies, text: str) -> dict[str, Json]:
    """Explain what an instruction would do now; nothing is stored and nothing is sent.

    Returns:
        `state` is REFUSED with `reasons`, WOULD_WAIT with what it would wait for, DONE if nothing
        has to be done, or WOULD_RUN with the batch as in reports, and `lines` for operators.

    Raises:
        InputError: The instruction cannot be read; the field is named.
    """
    instruction = read_instruction(text, ports.settings)
    snapshot = await take_snapshot(ports)
    try:
        demand = await _demand_of(ports, snapshot, instruction, Submitted("explain", 0))
        if not demand.transfers and not demand.placements:
            return {"state": str(InstructionState.DONE), "reasons": []}
        draft = await checked_draft(ports, snapshot, demand)
    except BatchRefusedError as error:
        reasons: list[Json] = [each.text for each in error.objections]
        state = str(InstructionState.REFUSED) if error.is_final else WOULD_WAIT
        return {"state": state, "reasons": reasons}
    lines: list[Json] = list(lines_of(ports.settings, draft))
    document = draft_document(ports.settings, snapshot, draft)
    return {"state": "WOULD_RUN", "reasons": [], "lines": lines, **document}


async def _take(ports: InventoryDependencies, record: InstructionRecord) -> BatchRecord | None:
    """Create a batch from an instruction, or store its outcome."""
    try:
        instruction = read_instruction(record.body, ports.settings)
        _check_deadline(instruction, ports.transfers.now())
        snapshot = await take_snapshot(ports)
        submitted = Submitted(record.client_key, record.instruction_id)
        demand = await _demand_of(ports, snapshot, instruction, submitted)
        if not demand.transfers and not demand.placements:
            ports.transfers.answer(record.instruction_id, InstructionState.DONE, None)
            return None
        identified = _of_instruction(demand, record)
        draft = await checked_draft(ports, snapshot, identified)
    except BatchRefusedError as error:
        if error.is_final:
            _refuse(ports, record, str(error))
        else:
            _hold_back(ports, record, str(error))
        return None
    except InputError as error:
        _refuse(ports, record, str(error))
        return None
    return store(ports, snapshot, draft, armed=True)


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


def _hold_back(ports: InventoryDependencies, record: InstructionRecord, reason: str) -> None:
    """Store what an instruction waits for; the next pass retries."""
    text = f"waiting: {reason}"
    if record.reason == text:
        return
    ports.transfers.hold_back(record.instruction_id, text)
    ports.machine.progress(f"instruction {record.client_key} of {record.submitted_by}: {text}")


def _refuse(ports: InventoryDependencies, record: InstructionRecord, reason: str) -> None:
    name = f"instruction {record.client_key} of {record.submitted_by}"
    notice = Notice(
        key=f"instruction:{record.instruction_id}",
        severity=Severity.WARNING,
        title=f"{name} is refused",
        text=reason,
    )
    state = InstructionState.REFUSED
    ports.transfers.answer(record.instruction_id, state, reason, Notification((notice,)))
    ports.machine.progress(f"{name}: refused: {reason}")


@dataclass(frozen=True, slots=True)
class Submitted:
    """Key and row id of an instruction; the row id is 0 if it is not stored."""

    key: str
    instruction_id: int


async def _demand_of(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    instruction: Instruction,
    submitted: Submitted,
) -> Demand:
    """Return the current demand of an instruction.

    Raises:
        BatchRefusedError: It is impossible, or its assets are in progress or unreadable.
    """
    _check_quiet(snapshot, instruction)
    key = submitted.key
    key = key if len(key) <= LONGEST_KEY else plan_id("instruction", key)
    order = instruction.order
    if isinstance(order, TransferOrder):
        transfer, why = await _transfer(ports, snapshot, order, submitted.instruction_id)
        plan = "\n".join((f"{order.asset} is moved as instructed", *why))
        return Demand(
            origin=BatchOrigin.INSTRUCTION,
            key=f"instruction:{key}",
            detail={"plan": plan},
            transfers=(transfer,),
        )
    parts = [
        await _shifted(ports, snapshot, asset, order, submitted.instruction_id)
        for asset in sorted(order.targets)
    ]
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
    """Refuse if an instruction's assets are in progress or its chains are unreadable."""
    order = instruction.order
    unreadable = [
        Objection(ObjectionKind.UNREADABLE, f"{asset}: {reason}")
        for asset in instruction.assets
        for chain_id in (
            (order.source, order.destination)
            if isinstance(order, TransferOrder)
            else order.targets[asset]
        )
        for reason in snapshot.unreadable.get((asset, chain_id), ())
    ]
    if unreadable:
        raise BatchRefusedError(unreadable)
    busy = [each for each in instruction.assets if snapshot.under_way.get(each)]
    if busy:
        text = f"{', '.join(busy)} already has movements in progress; see `ballast transfers`"
        raise BatchRefusedError([Objection(ObjectionKind.UNDER_WAY, text)])


async def _transfer(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    order: TransferOrder,
    instruction_id: int,
) -> tuple[WantedTransfer, tuple[str, ...]]:
    """Choose the named route or the cheapest; a fallback only after its patience has passed.

    Returns:
        The transfer, and the reasons if it uses a fallback that the instruction does not name.
    """
    settings, asset = ports.settings, order.asset
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
            f"{giving.chain} has {format_units(giving.amount, here)} {asset} idle, but "
            f"{format_units(order.amount, there)} must arrive"
        )
        raise BatchRefusedError([Objection(ObjectionKind.SHORT, text)])
    named = None if order.route is None else frozenset({order.route})
    constraints = constraints_on(settings, snapshot, [need], [giving])
    offers = await offered_routes(
        ports, snapshot, [need], [giving], constraints=constraints, routes=named
    )
    fitting = [
        each
        for each in offers.routes
        if _carries(each, order.amount, here, there)
        and not any(found.concerns(order.source, order.destination, each.route)
                    for found in constraints)
    ]  # fmt: skip
    patience = Patience.of(ports, snapshot, asset, instruction_id)
    waiting = (
        []
        if named or any(not each.fallback for each in fitting)
        else (patience.objections(fitting))
    )
    if not fitting or waiting:
        objections = [*constraints, *offers.closed, *waiting]
        if waiting and instruction_id:
            patience.keep({order.destination})
        if not objections:
            text = f"no route carries this {asset} from {giving.chain} to {need.chain}: none can "
            objections = [Objection(ObjectionKind.QUOTE, f"{text}carry this amount at once")]
        raise BatchRefusedError([_no_route(asset, giving.chain, need.chain, e) for e in objections])
    amount = int(tokens(order.amount, there) * 10**here // 1)
    best = min(
        fitting,
        key=lambda each: (each.fallback, _fee(each, amount), each.seconds, each.route),
    )
    if instruction_id and not best.fallback:
        patience.keep((), {order.destination})
    objections = [*constraints, *offers.closed]
    why = () if named else tuple(fallback_lines(settings, [best], offers.routes, objections))
    wanted_transfer = WantedTransfer(
        asset=asset,
        source=order.source,
        destination=order.destination,
        route=best.route,
        receive=order.amount,
        venue=order.venue,
    )
    return wanted_transfer, why


def _no_route(asset: str, source: str, destination: str, objection: Objection) -> Objection:
    text = f"no route carries this {asset} from {source} to {destination}: {objection.text}"
    return objection if objection.text.startswith("no route") else replace(objection, text=text)


def _fee(route: Route, amount: int) -> int:
    return LinearFee(route.fee, route.fee_bps).of(amount)


def _carries(route: Route, amount: int, here: int, there: int) -> bool:
    sent = tokens(amount, there) * 10**here
    return route.maximum is None or sent <= route.maximum


@dataclass(frozen=True, slots=True)
class _Part:
    """Movements of one asset, with their reasons."""

    shift: Shift
    transfers: tuple[WantedTransfer, ...]
    text: str


async def _shifted(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    asset: str,
    order: TargetOrder,
    instruction_id: int,
) -> _Part:
    """Return the fewest transfers that reach the targets, fees included."""
    shift = shift_of(ports.settings, snapshot, asset, order)
    if isinstance(shift, str):
        raise BatchRefusedError([Objection(ObjectionKind.SHORT, shift)])
    seen = request_of(ports.settings, shift)
    triggers, surpluses = triggers_of(seen), surpluses_of(seen)
    if not triggers:
        return _Part(shift, (), f"{asset}: all balances are at their targets, or need no bridge")
    divested = {each.chain_id for each in shift.divested}
    constraints = [
        each
        for each in constraints_on(ports.settings, snapshot, triggers, surpluses)
        if each.admits is None or each.source not in divested
    ]
    offers = await offered_routes(ports, snapshot, triggers, surpluses, constraints=constraints)
    patience = Patience.of(ports, snapshot, asset, instruction_id)
    objections = [*constraints, *offers.closed, *patience.objections(offers.routes)]
    routes = tuple(each for each in offers.routes if not is_closed(objections, each))
    limits = limits_of(snapshot, surpluses, objections)
    request = request_of(ports.settings, shift, routes, most_fees(surpluses, routes), limits)
    plan = await asyncio.to_thread(plan_inventory, request)
    if instruction_id:
        patience.remember(plan, objections)
    if plan.uncovered:
        refusal = Objection(ObjectionKind.QUOTE, explain(request, plan))
        raise BatchRefusedError([refusal, *objections])
    why = fallback_lines(ports.settings, plan.transfers, (), objections)
    text = "\n".join((explain(request, plan), *why))
    return _Part(shift, tuple(map(wanted, plan.transfers)), text)


def most_fees(surpluses: list[Surplus], routes: tuple[Route, ...]) -> Fraction:
    """Return the total that sources may lose on their most expensive routes, in whole tokens."""
    total = Fraction(0)
    for each in surpluses:
        mine = [route for route in routes if route.source == each.chain]
        fees = [_fee(route, each.amount) for route in mine]
        ends = len({route.destination for route in mine})
        total += tokens(max(fees, default=0) * ends, each.decimals)
    return total
