"""Which transactions a list shows."""

from __future__ import annotations

from dataclasses import replace

from keepers.model.transactions.details import TransactionDetails
from keepers.model.transactions.states import ENDED_INTENTS
from keepers.store.database import Ledger
from keepers.store.transaction_details import TransactionFilter, browse

FEW = 5
"""So many of those that have ended are shown beside the live ones."""


def listed(
    ledger: Ledger, wish: TransactionFilter, *, few_ended: bool
) -> tuple[TransactionDetails, ...]:
    """Transactions, newest first; with `few_ended` all live ones and the last that have ended."""
    now = ledger.now()
    if not few_ended:
        return ledger.read(lambda connection: browse(connection, wish, now))
    live = replace(wish, live=True)
    ended = replace(wish, states=ENDED_INTENTS, limit=min(FEW, wish.limit or FEW))
    both = ledger.read(lambda c: (*browse(c, live, now), *browse(c, ended, now)))
    newest = sorted(both, key=lambda each: -each.record.intent_id)
    return tuple(newest[: wish.limit])
