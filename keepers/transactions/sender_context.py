"""Context of the steps of one sender on one chain: ports, policy, and what was seen."""

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
    """Limits and patience; amounts in wei, patience in blocks unless it says seconds.

    Attributes:
        fees: What a unit of gas may cost.
        gas_headroom: By which the estimate is multiplied; what is not used is not paid.
        minimum_balance: Coins that the sender keeps.
        maximum_in_flight: Transactions with a nonce that are not included yet.
        bump_after_blocks: After so many blocks without inclusion the fee is raised.
        confirmations: Blocks from a receipt's on, itself included, until it counts.
        finality_blocks: Until a block is final, where the chain does not say.
        trust_tags: Whether the chain's own `safe` and `finalized` are used.
        foreign_after_blocks: A nonce that is consumed for so long, and not by us, is foreign.
        private: Whether bytes go to private relays first.
        public_after_blocks: A relay's time, before bytes go to public nodes; None for ever.
        cancel_factor: A cancellation may cost so many times the limit.
        cancel_reverting: Whether a waiting call that would revert now is cancelled.
        poll_seconds: Between two passes.
        stalled_head_seconds: Without a new block, before an alarm.
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
    """Observations since the process began. Losing them costs time and nothing else.

    Attributes:
        head: The newest head, and when it came, by the clock's seconds.
        short: Coins and fee when the coins last were too few; another keeper may see others.
        refusals: How often nodes said that an attempt's nonce is too high.
        missing: Heads at which a consumed nonce showed none of our transactions, by slot.
        consumed: The head at which a nonce was first seen consumed without a receipt, by slot.
        gap: The head at which the lowest free nonce below others was first seen.
        checked: The hash of the head at which attempts were last looked for in the nodes' pools.
        resent: The head at which an attempt that cannot pay more was last sent again.
        together: Hashes of blocks that were in the chain together, by number.
        together_at: The hash of the head at which that was last read.
        past: Whether the store knows which nonce was the last before the sender's first call.
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
    """The ports of one sender on one chain, what its owners allow, and what was seen.

    Attributes:
        armed: Without it nothing is signed or sent; receipts are followed all the same.
        interpreters: By kind of step; a step of another kind is done when its call succeeds.
        audited: What the auditor passed last, so that it is not asked twice for the same.
        dear: Intents for which gas cost more than the limit in the newest pass.
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
        """Return the account, as the signer spells it."""
        return self.signer.address

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write to the store, in a thread of its own, one write after the other."""
        self._live = None
        return await self.read(work, *args, **kwargs)

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read the store, in turn with the writes."""
        loop = asyncio.get_running_loop()
        about = contextvars.copy_context()  # what log lines are about
        return await loop.run_in_executor(self._thread, lambda: about.run(work, *args, **kwargs))

    def begin_pass(self) -> None:
        """Forget what the last pass has read."""
        self._live = None
        self._market = None
        self.priced_out.clear()

    async def market(self) -> FeeMarket:
        """Return the prices of gas, read once in a pass."""
        if self._market is None:
            self._market = await self.nodes.market()
        return self._market

    async def live(self) -> tuple[IntentRecord, ...]:
        """Return what is not at its end, in the order of asking, as of the last write."""
        if self._live is None:
            self._live = await self.read(self.store.live)
        return self._live

    def close(self) -> None:
        """Wait for the last write."""
        self._thread.shutdown()


def about_sender(chain_id: int, sender: str) -> AbstractContextManager[None]:
    """Bind log lines to a sender."""
    return bound_contextvars(chain=chain_id, sender=sender)


def about_intent(record: IntentRecord) -> AbstractContextManager[None]:
    """Bind log lines to a transaction: its run, intent, nonce and newest bytes."""
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
    """End an unsigned intent as refused; its step has failed."""
    await context.write(context.store.reject, intent_id, reason)
    context.telemetry.event("ended", intent=intent_id, outcome=IntentState.FAILED, reason=reason)


async def withdraw(context: SenderContext, intent_id: int, reason: str) -> None:
    """Call an intent off; raises `IllegalMoveError` if something is signed for it."""
    await context.write(context.store.withdraw, intent_id, reason)
    context.telemetry.event("ended", intent=intent_id, outcome=IntentState.CANCELLED, reason=reason)
