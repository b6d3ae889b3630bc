"""What log lines are about: bound around the work, so that every line within carries it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from structlog.contextvars import bound_contextvars

from keepers.model.transactions.records import IntentRecord


def about_sender(chain_id: int, sender: str) -> AbstractContextManager[None]:
    """A pass over everything of a sender."""
    return bound_contextvars(chain=chain_id, sender=sender)


def about_intent(record: IntentRecord) -> AbstractContextManager[None]:
    """One transaction: its run, the intent, its nonce, and the newest bytes that there are."""
    facts: dict[str, object] = {"run": record.run_id, "intent": record.intent_id}
    slot = record.live_slot
    if slot is not None:
        facts["nonce"] = slot.nonce
    if slot is not None and slot.attempts:
        newest = slot.attempts[-1]
        facts["attempt"] = newest.attempt_id
        facts["transaction"] = newest.signed.transaction_hash
    return bound_contextvars(**{name: each for name, each in facts.items() if each is not None})
