"""Intents before signing, and nonces of a sender."""

from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, update

from keepers.model.chain import AccessList
from keepers.model.errors.transaction import IllegalMoveError, KeyReusedError
from keepers.model.run import PLAN
from keepers.model.transaction_records import NewCall, NewIntent, NewPlanStep, sender_scope
from keepers.model.transaction_states import (
    ENDED_INTENTS,
    LIVE_SLOTS,
    Annotation,
    EntityType,
    Hold,
    IntentState,
    RequestedAction,
    SlotState,
    StepState,
    Transition,
)
from keepers.store.database import Writing
from keepers.store.records import columns_of
from keepers.store.run_writes import add_step, carried_by, require_open
from keepers.store.tables import intents, nonce_slots
from keepers.store.transitions import append_event, begin, find, move


def submit_intent(writing: Writing, new: NewIntent) -> int:
    """Store a call to execute; the same key and call return the same id.

    Raises:
        WrongLeaseError: The lease is not on the sender.
        KeyReusedError: The key was used with another call.
        IllegalMoveError: The step already has an effect, or is in a terminal state.
    """
    writing.require(sender_scope(new.chain_id, new.sender))
    known = _known(writing, new)
    if known is not None:
        return known
    facts = _facts(new)
    move(writing, EntityType.STEP, new.step_id, StepState.ACTIVE, Transition.SUBMIT, reason=None)
    earlier = select(func.count()).select_from(intents).where(intents.c.step_id == new.step_id)
    facts["attempt_of_step"] = writing.connection.execute(earlier).scalar_one()
    facts["created_at"] = writing.now
    return begin(writing, EntityType.INTENT, IntentState.QUEUED, Transition.SUBMIT, **facts)


def submit_plan(writing: Writing, plan: NewPlanStep, new: NewCall) -> int:
    """Create a step that executes others, and store its call, in one transaction.

    The same key and call return the same id; the steps are then carried already.

    Raises:
        WrongLeaseError: The lease is not on the sender.
        KeyReusedError: The key was used with another call.
        IllegalMoveError: A step already has an effect, or is in a terminal state.
        IllegalTransitionError: The run is closed.
    """
    writing.require(sender_scope(new.chain_id, new.sender))
    known = _known(writing, new)
    if known is not None:
        return known
    require_open(writing.connection, plan.run_id, "a run with more steps")
    step_id = add_step(writing, plan.run_id, PLAN, plan.detail)
    for each in plan.carried:
        active = {"reason": None, "carrier_id": step_id}
        move(writing, EntityType.STEP, each, StepState.ACTIVE, Transition.SUBMIT, **active)
    return submit_intent(writing, new.of_step(step_id))


def _facts(new: NewCall) -> dict[str, Any]:
    return columns_of(new) | {"sender": new.sender.lower()}


def _known(writing: Writing, new: NewCall) -> int | None:
    """Return the intent with the key of a call, or None; it must have the same call."""
    same_key = select(intents).where(intents.c.idempotency_key == new.idempotency_key)
    row = writing.connection.execute(same_key).mappings().first()
    if row is None:
        return None
    if any(row[name] != value for name, value in _facts(new).items()):
        raise KeyReusedError(new.idempotency_key)
    return row["intent_id"]


def steps_of(writing: Writing, intent_id: int) -> tuple[int, tuple[int, ...]]:
    """Return the step of an intent, and the steps that it carries, in order."""
    step_id = intent_of(writing, intent_id)["step_id"]
    return step_id, carried_by(writing.connection, step_id)


def record_built(
    writing: Writing, intent_id: int, gas_limit: int, access_list: AccessList = ()
) -> None:
    """Record the gas limit and the access list of a built call."""
    intent_of(writing, intent_id)
    built = {"gas_limit": gas_limit, "access_list": access_list}
    move(writing, EntityType.INTENT, intent_id, IntentState.BUILT, Transition.BUILD, **built)


def record_audited(writing: Writing, intent_id: int) -> None:
    """Record that simulation and policy accept the call."""
    intent_of(writing, intent_id)
    move(writing, EntityType.INTENT, intent_id, IntentState.AUDITED, Transition.AUDIT)


def block_intent(writing: Writing, intent_id: int, hold: Hold, reason: str) -> None:
    """Block an intent for an operator or for funds; release an unsigned nonce.

    An intent blocked for funds may be changed to blocked for an operator.
    """
    give_back(writing, intent_id)
    if find(writing, EntityType.INTENT, intent_id)["state"] == IntentState.BLOCKED:
        unblock_intent(writing, intent_id)
    why = {"hold": hold, "reason": reason}
    move(writing, EntityType.INTENT, intent_id, IntentState.BLOCKED, Transition.BLOCK, **why)


def unblock_intent(writing: Writing, intent_id: int) -> None:
    """Queue a blocked intent again; no-op if an operator has already done so."""
    if intent_of(writing, intent_id)["state"] == IntentState.QUEUED:
        return
    why = {"hold": None, "reason": None}
    move(writing, EntityType.INTENT, intent_id, IntentState.QUEUED, Transition.UNBLOCK, **why)


def retry_intent(writing: Writing, intent_id: int) -> None:
    """Unblock an intent on an operator's request, without the lease.

    Safe without the lease: a blocked intent has no nonce and nothing signed; the holder of the
    lease finds one more queued intent.

    Raises:
        UnknownRecordError: There is no such intent.
        IllegalMoveError: It is not blocked.
    """
    why = {"hold": None, "reason": None}
    move(writing, EntityType.INTENT, intent_id, IntentState.QUEUED, Transition.UNBLOCK, **why)


def reject_intent(writing: Writing, intent_id: int, reason: str) -> None:
    """Reject an unsigned intent (simulation, policy or signer); its step fails."""
    _end(writing, intent_id, IntentState.FAILED, Transition.REJECT, reason)


def withdraw_intent(writing: Writing, intent_id: int, reason: str) -> None:
    """Cancel an unsigned intent; its step fails."""
    _end(writing, intent_id, IntentState.CANCELLED, Transition.WITHDRAW, reason)


def want(
    writing: Writing, intent_id: int, wanted: RequestedAction | None, reason: str | None = None
) -> None:
    """Record a request and its reason, or None once it is executed; requires no lease.

    A cancellation request persists when an earlier bump is executed or the run is stopped.

    Raises:
        UnknownRecordError: There is no such intent.
        IllegalMoveError: It is in a terminal state.
    """
    known = find(writing, EntityType.INTENT, intent_id)
    state = known["state"]
    if known["wanted"] == RequestedAction.CANCEL and wanted in {None, RequestedAction.STOP}:
        return
    if wanted is not None and state in ENDED_INTENTS:
        raise IllegalMoveError(f"{EntityType.INTENT} {intent_id}", state, wanted, Annotation.WANT)
    changes = {"wanted": wanted} if reason is None else {"wanted": wanted, "reason": reason}
    row = update(intents).where(intents.c.intent_id == intent_id).values(changes)
    writing.connection.execute(row)
    detail = {"wanted": wanted, "reason": reason}
    append_event(writing, EntityType.INTENT, intent_id, Annotation.WANT, detail=detail)


def intent_of(writing: Writing, intent_id: int) -> RowMapping:
    """Return the row of an intent; the lease must be on its sender.

    Raises:
        UnknownRecordError: There is no such intent.
        WrongLeaseError: The lease is not on its sender.
    """
    row = find(writing, EntityType.INTENT, intent_id)
    writing.require(sender_scope(row["chain_id"], row["sender"]))
    return row


def live_slot(writing: Writing, intent_id: int) -> RowMapping | None:
    """Return the nonce slot that an intent holds."""
    live = nonce_slots.c.state.in_(LIVE_SLOTS)
    query = select(nonce_slots).where(nonce_slots.c.intent_id == intent_id, live)
    return writing.connection.execute(query).mappings().first()


def give_back(writing: Writing, intent_id: int) -> bool:
    """Void the intent's nonce slot, if it has one.

    Raises:
        IllegalMoveError: An attempt is signed, so the intent must keep the nonce.
    """
    intent_of(writing, intent_id)
    slot = live_slot(writing, intent_id)
    if slot is None:
        return False
    move(writing, EntityType.SLOT, slot["slot_id"], SlotState.VOID, Transition.RELEASE)
    return True


def _end(
    writing: Writing, intent_id: int, state: IntentState, cause: Transition, reason: str
) -> None:
    give_back(writing, intent_id)
    step_id, carried = steps_of(writing, intent_id)
    move(writing, EntityType.INTENT, intent_id, state, cause, reason=reason, hold=None, wanted=None)
    for each in (step_id, *carried):
        move(writing, EntityType.STEP, each, StepState.FAILED, cause, reason=reason)


def of_sender(chain_id: int, sender: str) -> ColumnElement[bool]:
    """Return the condition that a slot belongs to a sender."""
    return (nonce_slots.c.chain_id == chain_id) & (nonce_slots.c.sender == sender.lower())


def first_unknown_nonce(connection: Connection, chain_id: int, sender: str) -> int | None:
    """Return the first nonce without a record; None if the sender never had one.

    That is the nonce after all held or consumed ones. If all were released, it is the lowest
    released one, since no lower nonce is recorded.
    """
    whose = of_sender(chain_id, sender)
    held = whose & (nonce_slots.c.state != SlotState.VOID)
    highest = connection.scalar(select(func.max(nonce_slots.c.nonce)).where(held))
    if highest is not None:
        return highest + 1
    return connection.scalar(select(func.min(nonce_slots.c.nonce)).where(whose))


def next_nonce(connection: Connection, chain_id: int, sender: str, chain_nonce: int) -> int:
    """Return the lowest nonce at or above the chain's count that no slot holds."""
    held = of_sender(chain_id, sender) & (nonce_slots.c.state != SlotState.VOID)
    above = select(nonce_slots.c.nonce).where(held, nonce_slots.c.nonce >= chain_nonce)
    taken = set(connection.scalars(above))
    return next(each for each in count(chain_nonce) if each not in taken)
