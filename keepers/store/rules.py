"""State rules of the database that single-row constraints cannot express, as triggers.

Legal transitions and sets of states come from the tables and enumerations in `keepers/model`.
Triggers check row by row, in the order in which a transaction writes: attempts, then nonce, then
intent, then step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Connection, Table

from keepers.model.approval import TICKET_MOVES, TicketState
from keepers.model.batch import BATCH_MOVES, INSTRUCTION_MOVES
from keepers.model.notice import MESSAGE_MOVES
from keepers.model.run import PLAN, RUN_MOVES, RunStatus
from keepers.model.transaction_moves import pairs
from keepers.model.transaction_states import (
    ENDED_INTENTS,
    LIVE_REQUESTS,
    LIVE_SLOTS,
    AttemptKind,
    AttemptState,
    EntityType,
    IntentState,
    LeaseState,
    SlotState,
    StepState,
)
from keepers.model.transfer import TRANSFER_MOVES
from keepers.store.tables import (
    approvals,
    batches,
    deposits,
    events,
    instructions,
    intents,
    leases,
    metadata,
    nonce_slots,
    notifications,
    placements,
    requests,
    run_steps,
    runs,
    slot_attempts,
    tickets,
    ticks,
    transfer_events,
    transfers,
)
from keepers.store.tables.base import one_of

POSTGRES = "postgresql"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rule that rejects a change with an integrity error naming the rule.

    Attributes:
        name: The rule's name after `tr_` and the table's name.
        table: The changed table.
        change: `INSERT`, `UPDATE` or `DELETE`.
        columns: The updated columns; any if empty.
        condition: Condition of the refusal in terms of `OLD`, `NEW` and other tables; always if
            None.
    """

    name: str
    table: Table
    change: str
    columns: tuple[str, ...] = ()
    condition: str | None = None

    @property
    def trigger(self) -> str:
        """Return the name of the trigger, and of its function in PostgreSQL."""
        return f"tr_{self.table.name}_{self.name}"

    def statements(self, dialect: str) -> Iterator[str]:
        """Yield the statements that create the trigger in a database of this dialect."""
        if dialect == POSTGRES:
            yield self._function()
            action = f"FOR EACH ROW EXECUTE FUNCTION {self.trigger}()"
        else:
            when = f"WHEN {self.condition} " if self.condition else ""
            action = f"{when}BEGIN SELECT RAISE(ABORT, '{self.trigger}'); END"
        yield f"CREATE TRIGGER {self.trigger} BEFORE {self._changed()} {action}"

    def _changed(self) -> str:
        # Fail on an unknown column; a database may accept one.
        named = ", ".join(self.table.c[each].name for each in self.columns)
        return f"{self.change}{f' OF {named}' if named else ''} ON {self.table.name}"

    def _function(self) -> str:
        # A trigger condition in PostgreSQL cannot query other tables; a function can.
        row = "OLD" if self.change == "DELETE" else "NEW"
        return (
            f"CREATE FUNCTION {self.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {self.condition or 'true'} THEN RAISE EXCEPTION '{self.trigger}'"
            f" USING ERRCODE = 'check_violation', CONSTRAINT = '{self.trigger}';"
            f" END IF; RETURN {row}; END $$"
        )


def create_triggers(connection: Connection, refusals: Iterator[Refusal]) -> None:
    """Create the triggers of refusals, inside the caller's transaction."""
    for refusal in refusals:
        for statement in refusal.statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


# ruff: noqa: S608 - conditions are built from identifiers of the code


State = TypeVar("State", bound=StrEnum)

Pairs = frozenset[tuple[str | None, str]]
"""Legal transitions of one column: from a state, or None for creation, to a state."""

REWRITTEN = (batches, instructions, notifications, transfers)
"""Tables whose rows may be updated without a change of state."""

KEPT = (
    *(run_steps, intents, nonce_slots, slot_attempts, requests, leases, ticks, events),
    *(tickets, approvals, batches, transfers, transfer_events, placements, deposits),
)
"""Tables whose rows are never deleted."""

UNCHANGED = (events, approvals, transfer_events)
"""Tables whose rows are never updated."""

FIXED: Mapping[Table, tuple[str, ...]] = {
    run_steps: ("run_id", "position", "kind"),
    intents: (
        *("step_id", "attempt_of_step", "idempotency_key", "chain_id", "sender", "target"),
        *("calldata", "value", "created_at", "gas_cap", "expires_at"),
    ),
    nonce_slots: ("intent_id", "chain_id", "sender", "nonce", "reserved_at"),
    slot_attempts: (
        *("slot_id", "position", "kind", "gas_limit", "max_fee_per_gas"),
        *("max_priority_fee_per_gas", "stored_at"),
    ),
    requests: ("step_id", "account", "client_key", "body", "created_at"),
    leases: ("scope",),
    ticks: ("schedule", "due", "claimed_by", "claimed_at"),
    tickets: ("run_id", "plan", "plan_hash", "required", "asked_at", "deadline"),
    transfers: (
        *("transfer_id", "run_id", "batch_id", "source_chain", "source_treasury"),
        *("destination_chain", "destination_treasury", "asset", "amount", "min_received"),
        *("route", "nonce", "options", "native_fee", "part", "invest", "created_at"),
    ),
    placements: (
        *("placement_id", "run_id", "batch_id", "chain_id", "asset", "verb", "move"),
        "created_at",
    ),
    instructions: ("client_key", "body", "submitted_by"),
    deposits: (
        *("vault", "chain_id", "block_number", "block_hash", "log_index", "amount", "found_at"),
    ),
    notifications: ("key", "kind", "severity", "title", "text", "created_at", "since"),
}
"""Columns that are written only on insertion."""

WRITTEN_ONCE: Mapping[Table, tuple[str, ...]] = {
    run_steps: ("carrier_id",),
    slot_attempts: (
        *("transaction_hash", "raw", "seal_digest", "seal_box", "broadcast_block"),
        *("sealed_at", "refused_at", "broadcast_at"),
    ),
    deposits: ("run_id",),
    notifications: ("over_at",),
}
"""Columns that are written once, on insertion or later. Signed bytes never change."""

SLOTS_OF_INTENTS: Mapping[IntentState, tuple[SlotState, ...]] = {
    IntentState.NUMBERED: (SlotState.RESERVED, SlotState.IN_USE),
    IntentState.SIGNED: (SlotState.IN_USE,),
    IntentState.SEALED: (SlotState.IN_USE,),
    IntentState.BROADCAST: (SlotState.IN_USE,),
    IntentState.INCLUDED: (SlotState.OURS,),
    IntentState.SAFE: (SlotState.OURS,),
    IntentState.DISPLACED: (SlotState.FOREIGN,),
}
"""State of an intent's live nonce slot, by the intent's state; in other states it has none."""

MINED_INTENTS = (IntentState.INCLUDED, IntentState.SAFE)
BYTES = (IntentState.SIGNED, IntentState.SEALED, IntentState.BROADCAST)
"""States of an intent that equal the state of one of its attempts."""

ATTEMPTS_OF_SLOT = ("slot_attempts a", "a.slot_id = NEW.slot_id")


def rules() -> Iterator[Refusal]:
    """Yield every rule of the database."""
    for (table, column), legal in moves_of_tables().items():
        yield from move_rules(table, column, legal, rewritten=table in REWRITTEN)
    for table in KEPT:
        yield Refusal("kept", table, "DELETE")
    for table in UNCHANGED:
        yield Refusal("fixed", table, "UPDATE")
    for table, columns in FIXED.items():
        yield Refusal("fixed", table, "UPDATE", columns)
    for table, columns in WRITTEN_ONCE.items():
        again = " OR ".join(
            f"(OLD.{each} IS NOT NULL AND (NEW.{each} IS NULL OR NEW.{each} <> OLD.{each}))"
            for each in columns
        )
        yield Refusal("once", table, "UPDATE", columns, again)
    yield from _run_rules()
    yield from _intent_rules()
    yield from _slot_rules()
    yield from _attempt_rules()
    yield from _lease_rules()
    decided = _none("tickets t", "t.run_id = NEW.run_id", _is("t.state", TicketState.WAITING))
    yield Refusal("late", approvals, "INSERT", condition=decided)


def moves_of_tables() -> dict[tuple[Table, str], Pairs]:
    """Return the legal transitions of each state column."""
    engine = {(metadata.tables[each], "state"): pairs(each) for each in EntityType}
    transferred = {(each.start and each.start.text, each.end.text) for each in TRANSFER_MOVES}
    return {
        **engine,
        (runs, "status"): _flat(RUN_MOVES),
        (tickets, "state"): _flat(TICKET_MOVES),
        (batches, "state"): _flat(BATCH_MOVES),
        (instructions, "state"): _flat(INSTRUCTION_MOVES),
        (notifications, "state"): _flat(MESSAGE_MOVES),
        (transfers, "position"): frozenset(transferred),
    }


def move_rules(table: Table, column: str, legal: Pairs, *, rewritten: bool) -> Iterator[Refusal]:
    """Yield the rules that reject illegal initial states and illegal transitions.

    Args:
        table: The table.
        column: Its state column.
        legal: The legal transitions.
        rewritten: Whether a row may be updated without a change of state.
    """
    first = [end for start, end in legal if start is None]
    moves = [f"{start}>{end}" for start, end in legal if start is not None]
    moved = _none_of(f"OLD.{column} || '>' || NEW.{column}", moves)
    if rewritten:
        moved = f"OLD.{column} <> NEW.{column} AND {moved}"
    yield Refusal("new", table, "INSERT", condition=_none_of(f"NEW.{column}", first))
    yield Refusal("move", table, "UPDATE", (column,), moved)


def create_schema(connection: Connection) -> None:
    """Create all tables and rules in an empty database, inside the caller's transaction."""
    metadata.create_all(connection)
    create_triggers(connection, rules())


def _run_rules() -> Iterator[Refusal]:
    """Yield rules for steps: one effect at a time, and only while the run is open."""
    closed = _none("runs u", "u.run_id = NEW.run_id", _is("u.status", RunStatus.OPEN))
    yield Refusal("begin", run_steps, "INSERT", condition=closed)
    # After its run is closed, a step changes only by a reorganisation, and changes back.
    unmoved = f"{_isnt('OLD.state', StepState.ACTIVE)} AND {_isnt('NEW.state', StepState.ACTIVE)}"
    yield Refusal("run", run_steps, "UPDATE", ("state",), f"{closed} AND {unmoved}")
    active = _some("run_steps t", "t.run_id = NEW.run_id", _is("t.state", StepState.ACTIVE))
    sent = _some(
        "run_steps t JOIN intents i ON i.step_id = t.step_id",
        "t.run_id = NEW.run_id",
        _isnt("i.state", *ENDED_INTENTS, *MINED_INTENTS),
    )
    ended = f"{_isnt('NEW.status', RunStatus.OPEN)} AND ({active} OR {sent})"
    yield Refusal("effects", runs, "UPDATE", ("status",), ended)
    carrier = _none(
        "run_steps t",
        "t.step_id = NEW.carrier_id",
        "t.run_id = NEW.run_id",
        f"t.kind = '{PLAN}'",
    )
    yield Refusal(
        "carrier",
        run_steps,
        "UPDATE",
        ("carrier_id",),
        f"NEW.carrier_id IS NOT NULL AND {carrier}",
    )
    inactive = _none(
        "run_steps t",
        "t.step_id = NEW.step_id",
        _is("t.state", StepState.ACTIVE),
        "t.carrier_id IS NULL",
    )
    asked = _some("requests r", "r.step_id = NEW.step_id", _is("r.state", *LIVE_REQUESTS))
    yield Refusal("step", intents, "INSERT", condition=f"{inactive} OR {asked}")
    called = _some("intents i", "i.step_id = NEW.step_id", _isnt("i.state", *ENDED_INTENTS))
    yield Refusal("step", requests, "INSERT", condition=f"{inactive} OR {called}")


def _intent_rules() -> Iterator[Refusal]:
    """Yield rules that tie the state of an intent to its nonce slot and attempts."""
    own = ("nonce_slots s", "s.intent_id = NEW.intent_id")
    wrong = [
        f"{_is('NEW.state', state)} AND {_none(*own, _is('s.state', *SLOTS_OF_INTENTS[state]))}"
        for state in SLOTS_OF_INTENTS
    ]
    left = _some(*own, _is("s.state", *LIVE_SLOTS))
    wrong.append(f"{_isnt('NEW.state', *SLOTS_OF_INTENTS)} AND {left}")
    yield Refusal("slot", intents, "UPDATE", ("state",), " OR ".join(wrong))
    made = ("slot_attempts a JOIN nonce_slots s ON s.slot_id = a.slot_id", own[1])
    unmade = f"{_is('NEW.state', *BYTES)} AND {_none(*made, 'a.state = NEW.state')}"
    yield Refusal("attempt", intents, "UPDATE", ("state",), unmade)
    call = (
        *made,
        _is("a.state", AttemptState.FINAL),
        _isnt("a.kind", AttemptKind.CANCEL),
    )
    outcomes = (
        f"{_is('NEW.state', IntentState.FINAL)} AND {_none(*call, 'a.succeeded')}",
        f"{_is('NEW.state', IntentState.REVERTED)} AND {_none(*call, 'NOT a.succeeded')}",
        f"{_is('NEW.state', IntentState.CANCELLED)} AND {_some(*call)}",
    )
    yield Refusal("outcome", intents, "UPDATE", ("state",), " OR ".join(outcomes))


def _slot_rules() -> Iterator[Refusal]:
    """Yield rules that tie the state of a nonce slot to its attempts."""
    reserved = _none(
        "intents i",
        "i.intent_id = NEW.intent_id AND i.chain_id = NEW.chain_id AND i.sender = NEW.sender",
        _is("i.state", IntentState.AUDITED),
    )
    beginnings = (
        f"{_is('NEW.state', SlotState.RESERVED)} AND {reserved}",
        f"{_is('NEW.state', SlotState.FOREIGN)} AND NEW.intent_id IS NOT NULL",
    )
    yield Refusal("intent", nonce_slots, "INSERT", condition=" OR ".join(beginnings))
    included = (*ATTEMPTS_OF_SLOT, _is("a.state", AttemptState.INCLUDED))
    final = (*ATTEMPTS_OF_SLOT, _is("a.state", AttemptState.FINAL))
    live = (*ATTEMPTS_OF_SLOT, _isnt("a.state", AttemptState.FINAL, AttemptState.DROPPED))
    wrong = (
        (_none(*included), SlotState.OURS),
        (_none(*final), SlotState.OURS_FINAL),
        (_some(*ATTEMPTS_OF_SLOT), SlotState.RESERVED, SlotState.VOID),
        (_none(*ATTEMPTS_OF_SLOT), SlotState.IN_USE),
        (_some(*included), SlotState.IN_USE, SlotState.FOREIGN),
        (_some(*live), SlotState.OURS_FINAL, SlotState.FOREIGN_FINAL),
        (
            f"{_is('OLD.state', SlotState.FOREIGN)} AND NEW.intent_id IS NOT NULL",
            SlotState.VOID,
        ),
    )
    condition = " OR ".join(f"{_is('NEW.state', *states)} AND {each}" for each, *states in wrong)
    yield Refusal("attempts", nonce_slots, "UPDATE", ("state",), condition)


def _attempt_rules() -> Iterator[Refusal]:
    """Yield rules for attempts: one after the other, each with no lower fees."""
    unready = _none(
        "nonce_slots s JOIN intents i ON i.intent_id = s.intent_id",
        "s.slot_id = NEW.slot_id",
        _is("s.state", SlotState.RESERVED, SlotState.IN_USE),
        _is("i.state", IntentState.NUMBERED, IntentState.BROADCAST),
    )
    yield Refusal("slot", slot_attempts, "INSERT", condition=unready)
    yield Refusal("place", slot_attempts, "UPDATE", ("state",), _misplaced())
    count = "(SELECT count(*) FROM slot_attempts a WHERE a.slot_id = NEW.slot_id)"
    yield Refusal("position", slot_attempts, "INSERT", condition=f"NEW.position <> {count}")
    standing = (*ATTEMPTS_OF_SLOT, "a.refused_at IS NULL")
    original = _none(*standing, _is("a.kind", AttemptKind.ORIGINAL))
    bump = f"{_is('NEW.kind', AttemptKind.BUMP)} AND {original}"
    yield Refusal("bump", slot_attempts, "INSERT", condition=bump)
    cancelled = _some(*standing, _is("a.kind", AttemptKind.CANCEL))
    call = f"{_isnt('NEW.kind', AttemptKind.CANCEL)} AND {cancelled}"
    yield Refusal("cancelled", slot_attempts, "INSERT", condition=call)
    lower = f"({_below('max_fee_per_gas')} OR {_below('max_priority_fee_per_gas')})"
    yield Refusal("fees", slot_attempts, "INSERT", condition=_some(*standing, lower))


def _misplaced() -> str:
    own = ("nonce_slots s", "s.slot_id = NEW.slot_id")
    unused = _none(*own, _is("s.state", SlotState.IN_USE))
    not_ours = _none(*own, _is("s.state", SlotState.OURS))
    not_consumed = _none(*own, _is("s.state", SlotState.OURS, SlotState.FOREIGN))
    before = _is("OLD.state", *BYTES, AttemptState.REFUSED)
    settled = _is("OLD.state", AttemptState.INCLUDED, AttemptState.REPLACED)
    dropped = _is("NEW.state", AttemptState.DROPPED)
    wrong = (
        f"{before} AND NOT {dropped} AND {unused}",
        f"{_is('NEW.state', AttemptState.FINAL)} AND {not_ours}",
        f"({settled} OR {dropped}) AND {not_consumed}",
    )
    return " OR ".join(wrong)


def _lease_rules() -> Iterator[Refusal]:
    """Yield rules for leases: every new holder gets the next epoch."""
    yield Refusal("first", leases, "INSERT", condition="NEW.epoch <> 1")
    taken = f"({_is('OLD.state', LeaseState.FREE)} OR NEW.holder <> OLD.holder)"
    wrong = (
        "NEW.epoch < OLD.epoch OR NEW.epoch > OLD.epoch + 1",
        f"{_is('NEW.state', LeaseState.FREE)} AND NEW.epoch <> OLD.epoch",
        f"{_is('NEW.state', LeaseState.HELD)} AND {taken} AND NEW.epoch <> OLD.epoch + 1",
    )
    yield Refusal("epoch", leases, "UPDATE", condition=" OR ".join(wrong))


def _some(source: str, *conditions: str) -> str:
    return f"EXISTS (SELECT 1 FROM {source} WHERE {' AND '.join(conditions)})"


def _none(source: str, *conditions: str) -> str:
    return f"NOT {_some(source, *conditions)}"


def _is(column: str, *states: StrEnum) -> str:
    return one_of(column, sorted(states))


def _isnt(column: str, *states: StrEnum) -> str:
    return _none_of(column, states)


def _below(column: str) -> str:
    """Return the condition that a new amount is below that of `a`; compares length first."""
    return (
        f"(length(NEW.{column}) < length(a.{column}) OR"
        f" length(NEW.{column}) = length(a.{column}) AND NEW.{column} < a.{column})"
    )


def _none_of(value: str, refused: Iterable[str]) -> str:
    quoted = ", ".join(f"'{each}'" for each in sorted(refused))
    return f"{value} NOT IN ({quoted})" if quoted else "true"


def _flat(moves: Mapping[State | None, frozenset[State]]) -> Pairs:
    return frozenset((start, end) for start, ends in moves.items() for end in ends)
