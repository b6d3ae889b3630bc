"""Where attempts and intents stand when no block holds their nonce: as far as they had come."""

from collections.abc import Iterable, Sequence

from sqlalchemy import RowMapping

from keepers.model.transactions.states import AttemptState, EntityType, IntentState
from keepers.model.transactions.transitions import Transition
from keepers.store.sending.transact import Writing
from keepers.store.sending.transitions import move

NO_RECEIPT = {
    "block_number": None,
    "block_hash": None,
    "succeeded": None,
    "gas_used": None,
    "effective_gas_price": None,
}
FURTHEST = (
    (AttemptState.BROADCAST, IntentState.BROADCAST),
    (AttemptState.SEALED, IntentState.SEALED),
    (AttemptState.SIGNED, IntentState.SIGNED),
)


def by_itself(attempt: RowMapping) -> AttemptState:
    """How far an attempt had come without any block."""
    if attempt["refused_at"] is not None:
        return AttemptState.REFUSED
    if attempt["broadcast_at"] is not None:
        return AttemptState.BROADCAST
    return AttemptState.SIGNED if attempt["sealed_at"] is None else AttemptState.SEALED


def intent_by(attempts: Iterable[AttemptState]) -> IntentState:
    """How far an intent has come with these attempts."""
    found = set(attempts)
    furthest = (intent for attempt, intent in FURTHEST if attempt in found)
    return next(furthest, IntentState.NUMBERED)


def restore(writing: Writing, attempts: Sequence[RowMapping]) -> IntentState:
    """Bring a slot's attempts back after a reorganisation; answers where their intent stands."""
    for each in attempts:
        if each["state"] in {AttemptState.INCLUDED, AttemptState.REPLACED}:
            key, state = each["attempt_id"], by_itself(each)
            move(writing, EntityType.ATTEMPT, key, state, Transition.REORG, **NO_RECEIPT)
    return intent_by(by_itself(each) for each in attempts)


def replace_open(writing: Writing, attempts: Sequence[RowMapping], cause: Transition) -> None:
    """What may still be sent is replaced, now that another transaction has the nonce."""
    for each in attempts:
        if each["state"] in {AttemptState.SIGNED, AttemptState.SEALED, AttemptState.BROADCAST}:
            move(writing, EntityType.ATTEMPT, each["attempt_id"], AttemptState.REPLACED, cause)


def drop_others(writing: Writing, attempts: Sequence[RowMapping]) -> None:
    """What did not get the nonce never will."""
    for each in attempts:
        if each["state"] in {AttemptState.REPLACED, AttemptState.REFUSED}:
            key = each["attempt_id"]
            move(writing, EntityType.ATTEMPT, key, AttemptState.DROPPED, Transition.FINALITY)
