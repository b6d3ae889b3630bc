"""A transaction with everything that a person may want to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from keepers.model.run import JsonObject
from keepers.model.transactions.records import (
    EVERYTHING,
    IntentRecord,
    Pause,
    SlotAttempt,
    StepView,
    sender_scope,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTimes:
    """When signed bytes came to each of their states, by the database's time."""

    stored_at: datetime
    sealed_at: datetime | None
    sent_at: datetime | None
    refused_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event of the ledger; what belongs to no move has no states."""

    at: datetime
    thing: str
    key: str
    cause: str
    from_state: str | None
    to_state: str | None
    detail: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A transaction as it stood at one moment.

    Attributes:
        vault: The vault of its run; of a repair, the sender.
        times: Of each attempt, by its id.
        pauses: Those that stop its sender.
        now: The database's time.
    """

    record: IntentRecord
    step: StepView
    vault: str
    created_at: datetime
    times: Mapping[int, AttemptTimes]
    pauses: tuple[Pause, ...]
    now: datetime

    @property
    def age(self) -> timedelta:
        """Since it was asked for."""
        return self.now - self.created_at

    @property
    def nonce(self) -> int | None:
        """The nonce that it holds, else the last one that it had."""
        slot = self.record.live_slot
        if slot is None and self.record.slots:
            slot = self.record.slots[-1]
        return None if slot is None else slot.nonce

    @property
    def attempts(self) -> tuple[SlotAttempt, ...]:
        """All that was signed for it, for whichever nonce."""
        return tuple(each for slot in self.record.slots for each in slot.attempts)

    @property
    def decisive(self) -> SlotAttempt | None:
        """The attempt that is in a block, else the newest one."""
        mined = [each for each in self.attempts if each.inclusion is not None]
        return (mined or list(self.attempts) or [None])[-1]

    @property
    def fee_paid(self) -> int | None:
        """What it cost in wei, once it is in a block."""
        seen = self.record.inclusion
        return None if seen is None else seen.gas_used * seen.effective_gas_price

    @property
    def fee_offered(self) -> int | None:
        """The most that its newest bytes may cost in wei; None while nothing is signed."""
        newest = self.decisive
        if newest is None:
            return None
        return newest.signed.gas_limit * newest.signed.max_fee_per_gas


def stops(pause: Pause, chain_id: int, sender: str) -> bool:
    """Whether a pause stops a sender."""
    return pause.scope in {EVERYTHING, sender_scope(chain_id, sender)}
