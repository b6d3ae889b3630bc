"""Context of one sender on one chain: ports, policy, and observations."""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ParamSpec, TypeVar

from structlog.contextvars import bound_contextvars

from keepers.model.chain import Unsigned
from keepers.model.chain_view import FeeLimits, FeeMarket
from keepers.model.ports import Clock
from keepers.model.transaction_records import IntentRecord
from keepers.model.transaction_states import AttemptKind, IntentState
from keepers.transactions.ports import (
    Auditor,
    Nodes,
    ReceiptInterpreter,
    SenderStore,
    Signer,
    Telemetry,
    Validator,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPolicy:
    """Limits and delays of sending; amounts in wei, delays in blocks unless named in seconds.

    Attributes:
        fees: Limits of the fees per unit of gas.
        gas_headroom: Factor applied to the estimate; unused gas is not charged.
        minimum_balance: Native balance that the sender keeps.
        maximum_in_flight: Maximum number of transactions with a nonce that are not included.
        bump_after_blocks: Blocks without inclusion after which the fee is raised.
        confirmations: Required confirmations, including the receipt's own block.
        finality_blocks: Blocks until finality, if the chain has no finality tag.
        trust_tags: Whether the chain's own `safe` and `finalized` are used.
        foreign_after_blocks: Blocks after which a nonce consumed otherwise counts as external.
        private: Whether bytes go to private relays first.
        public_after_blocks: Blocks before bytes also go to public nodes; None for never.
        cancel_factor: Factor applied to the fee limits for cancellations.
        cancel_reverting: Whether to cancel a pending call that would revert now.
        poll_seconds: Interval of passes.
        stalled_head_seconds: Time without a new block before an alarm.
    """

    fees: FeeLimits
    gas_headroom: Fraction = Fraction(6, 5)
    minimum_balance: int = 0
    maximum_in_flight: int = 16
    bump_after_blocks: int = 3
    confirmations: int = 1
    finality_blocks: int = 64
    trust_tags: bool = True
    foreign_after_blocks: int = 2
    private: bool = False
    public_after_blocks: int | None = None
    cancel_factor: int = 2
    cancel_reverting: bool = False
    poll_seconds: float = 0.5
    stalled_head_seconds: int = 600

    def limits_of(self, kind: AttemptKind) -> FeeLimits:
        """Return the limits of an attempt of a kind: a cancellation may cost more than a call."""
        return self.fees.widened(self.cancel_factor) if kind is AttemptKind.CANCEL else self.fees


P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Seen:
    """Observations since the process started. Losing them only costs time.

    Attributes:
        head: The newest head, and the clock time at which it was first seen.
        short: Balance and fee when funds were last insufficient; differs between keepers.
        refusals: Number of "nonce too high" responses, by attempt.
        missing: Heads at which no own transaction was found for a consumed nonce, by slot.
        consumed: The head at which a nonce was first seen consumed without a receipt, by slot.
        gap: The head at which the lowest free nonce below others was first seen.
        checked: Hash of the head at which mempools were last checked for attempts.
        resent: The head at which an attempt that cannot be bumped was last resent.
        together: Hashes of blocks that were in the same chain, by number.
        together_at: Hash of the head at which `together` was last read.
        past: Whether the store has the sender's last nonce before its first call.
    """

    head: tuple[int, float] | None = None
    short: tuple[int, int] | None = None
    refusals: Counter[int] = field(default_factory=Counter[int])
    missing: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    consumed: dict[int, int] = field(default_factory=dict[int, int])
    gap: tuple[int, int] | None = None
    checked: str | None = None
    resent: dict[int, int] = field(default_factory=dict[int, int])
    together: dict[int, str] = field(default_factory=dict[int, str])
    together_at: str | None = None
    past: bool = False

    def forget(self, slot_id: int) -> None:
        """Reset the counters of a slot."""
        self.missing.pop(slot_id, None)
        self.consumed.pop(slot_id, None)


@dataclass(slots=True, kw_only=True)
class SenderContext:
    """Ports, policy and observations of one sender on one chain.

    Attributes:
        armed: Whether to sign and send; receipts are tracked regardless.
        interpreters: Interpreters by kind of step; other steps are done if their call succeeds.
        audited: The last audited transaction, so that it is not audited twice.
        priced_out: Intents for which the gas price exceeded the limit in the last pass.
    """

    store: SenderStore
    nodes: Nodes
    signer: Signer
    auditor: Auditor
    validator: Validator
    telemetry: Telemetry
    clock: Clock
    policy: SendingPolicy
    interpreters: Mapping[str, ReceiptInterpreter]
    armed: bool
    audited: Unsigned | None = None
    seen: Seen = field(default_factory=Seen)
    priced_out: set[int] = field(default_factory=set[int])
    _live: tuple[IntentRecord, ...] | None = None
    _market: FeeMarket | None = None
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="store")
    )

    @property
    def sender(self) -> str:
        """Return the account as reported by the signer."""
        return self.signer.address

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write to the store in a separate thread, one write at a time."""
        self._live = None
        return await self.read(work, *args, **kwargs)

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read the store in the same thread as writes."""
        loop = asyncio.get_running_loop()
        about = contextvars.copy_context()  # context of log lines
        return await loop.run_in_executor(self._thread, lambda: about.run(work, *args, **kwargs))

    def begin_pass(self) -> None:
        """Clear the values cached by the last pass."""
        self._live = None
        self._market = None
        self.priced_out.clear()

    async def market(self) -> FeeMarket:
        """Return gas prices, read once per pass."""
        if self._market is None:
            self._market = await self.nodes.market()
        return self._market

    async def live(self) -> tuple[IntentRecord, ...]:
        """Return the unfinished intents in order of creation, as of the last write."""
        if self._live is None:
            self._live = await self.read(self.store.live)
        return self._live

    def close(self) -> None:
        """Wait for the last write and stop the thread."""
        self._thread.shutdown()


def about_sender(chain_id: int, sender: str) -> AbstractContextManager[None]:
    """Bind the sender to log lines."""
    return bound_contextvars(chain=chain_id, sender=sender)


def about_intent(record: IntentRecord) -> AbstractContextManager[None]:
    """Bind a transaction to log lines: its run, intent, nonce and newest attempt."""
    facts: dict[str, object] = {"run": record.run_id, "intent": record.intent_id}
    slot = record.live_slot
    if slot is not None:
        facts["nonce"] = slot.nonce
    if slot is not None and slot.attempts:
        newest = slot.attempts[-1]
        facts["attempt"] = newest.attempt_id
        facts["transaction"] = newest.signed.transaction_hash
    return bound_contextvars(**{name: each for name, each in facts.items() if each is not None})


async def reject(context: SenderContext, intent_id: int, reason: str) -> None:
    """Reject an unsigned intent; its step fails."""
    await context.write(context.store.reject, intent_id, reason)
    context.telemetry.event("ended", intent=intent_id, outcome=IntentState.FAILED, reason=reason)


async def withdraw(context: SenderContext, intent_id: int, reason: str) -> None:
    """Cancel an intent; raise `IllegalMoveError` if an attempt is signed."""
    await context.write(context.store.withdraw, intent_id, reason)
    context.telemetry.event("ended", intent=intent_id, outcome=IntentState.CANCELLED, reason=reason)
