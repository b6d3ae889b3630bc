"""The loop that advances every transaction of one sender on one chain, from any state."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from keepers.model.chain import Fees, Receipt
from keepers.model.errors.chain import ChainError, FeeAboveCapError
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView, first_fees
from keepers.model.transactions.records import IntentRecord, NewIntent, StepView
from keepers.model.transactions.states import Hold, IntentState, RequestedAction
from keepers.transactions.broadcast import is_paused, pause_of
from keepers.transactions.confirmation import confirm
from keepers.transactions.external_transactions import (
    check_finality,
    final_block,
    follow_foreign_slots,
    record_past,
    record_unknown,
    tell_of_past,
)
from keepers.transactions.preparation import fill_gap, may_suffice, prepare_waiting
from keepers.transactions.replacement import apply_request, replace, resend_lost
from keepers.transactions.sender_context import SenderContext, about_intent, about_sender, withdraw
from keepers.transactions.submission import leave
from keepers.transactions.terms import unsent

QUIET_SECONDS = 30.0
"""Seconds without a new block after which people are told that none comes."""


@dataclass(slots=True)
class ConfirmationProgress:
    """Tells of each confirmation once, and of a chain that makes no blocks.

    Attributes:
        intent_id: The transaction, as people know it.
        wanted: Confirmations until it counts.
        progress: Where progress goes.
    """

    intent_id: int
    wanted: int
    progress: Callable[[str], None]
    _depth: int = 0
    _head: int = -1
    _since: float = field(default=0.0)
    _hinted: bool = False

    def look(self, head: int, included_in: int | None, now: float) -> None:
        """Tell what is new.

        Args:
            head: The newest block.
            included_in: The block that the transaction is in, if it is in one.
            now: Seconds from any beginning.
        """
        if head != self._head:
            self._head, self._since, self._hinted = head, now, False
        depth = 0 if included_in is None else max(0, head - included_in + 1)
        if depth != self._depth and depth < self.wanted:
            self.progress(f"transaction {self.intent_id}: {depth} of {self.wanted} confirmations")
        self._depth = depth
        if not self._hinted and now - self._since >= QUIET_SECONDS:
            self._hinted = True
            self.progress(
                f"transaction {self.intent_id}: no new block for {QUIET_SECONDS:g} seconds; on a "
                "chain that makes blocks on demand set confirmations = 1"
            )


READY = frozenset({IntentState.NUMBERED, IntentState.SIGNED, IntentState.SEALED})


class TransactionEngine:
    """Sends for one sender. All it knows is in the ledger: it may be killed at any moment."""

    def __init__(self, desk: SenderContext) -> None:
        self._desk = desk

    async def submit(self, new: NewIntent) -> int:
        """Store a call to be made at most once; the same one again answers the same id.

        Raises:
            LeaseHeldError: Another keeper sends for this sender.
            KeyReusedError: The key came with another call.
            ChainError: It is the sender's first, and the nodes do not say what it sent before.
        """
        await self._desk.write(self._desk.ledger.acquire)
        await record_past(self._desk)
        return await self._desk.write(self._desk.ledger.submit, new)

    async def tell_of_past(self) -> None:
        """Tell people if the ledger knows nothing of what the sender has sent; raises never.

        What cannot be found out now is found out when the sender's first call is stored.
        """
        with suppress(LeaseHeldError, ChainError):
            await tell_of_past(self._desk)

    async def run_pass(self) -> ChainView | None:
        """Advance everything as far as it goes now; answers the chain as it was seen.

        Each part reads the ledger as its last write has left it, so a pass may end anywhere and
        the next one goes on.

        Returns:
            None where the nodes do not answer; then nothing was done.

        Raises:
            LeaseHeldError: Another keeper sends for this sender.
            StaleLeaseError: The lease ended on the way; nothing was written since.
            StoreUnavailableError: The database cannot be written; nothing was sent since.
        """
        with about_sender(self._desk.ledger.chain_id, self._desk.sender):
            return await self._run_pass()

    async def _run_pass(self) -> ChainView | None:
        desk = self._desk
        desk.begin_pass()
        await desk.write(desk.ledger.acquire)
        try:
            view = await desk.nodes.view(desk.sender)
            desk.telemetry.event("head", number=view.head.number, at=view.head.at)
            await self._watch_head(view)
            await self._advance(view)
        except ChainError as error:
            desk.telemetry.alarm(Alarm.NODES_UNAVAILABLE, str(error))
            return None
        return view

    async def settle(
        self, intent_id: int, seconds: float, progress: Callable[[str], None] | None = None
    ) -> IntentRecord:
        """Make passes until an intent has ended, or is included as deep as it must be.

        An intent that waits for coins or for a person is answered as it stands. Confirmations that
        are still awaited are told with `progress`.

        Raises:
            NotSettledError: That takes more seconds.
        """
        desk = self._desk
        deadline = desk.clock.monotonic() + seconds
        confirmation = ConfirmationProgress(
            intent_id, desk.policy.confirmations, progress or _unheard
        )
        while True:
            view = await self.run_pass()
            record = await self.intent(intent_id)
            if self.is_settled(record, view):
                return record
            if view is not None:
                included = record.inclusion and record.inclusion.block_number
                confirmation.look(view.head.number, included, desk.clock.monotonic())
            pause = await pause_of(desk)
            if pause is not None:
                why = pause.paused_by, pause.reason
                raise NotSettledError.paused(intent_id, record.state, *why)
            if desk.clock.monotonic() >= deadline:
                why = " and nodes do not answer" if view is None else ""
                raise NotSettledError.after(intent_id, record.state, seconds, why)
            await desk.clock.sleep(desk.policy.poll_seconds)

    async def fees(self) -> Fees:
        """What a transaction that is sent now may pay at first.

        Raises:
            FeeAboveCapError: The base fee alone is above the limit.
            ChainError: The nodes do not say.
        """
        market = await self._desk.nodes.market()
        limits = self._desk.policy.fees
        fees = first_fees(market, limits)
        if fees is None:
            raise FeeAboveCapError(market.base_fee, limits.maximum)
        return fees

    async def intent(self, intent_id: int) -> IntentRecord:
        """An intent as it stands; raises `UnknownRecordError` if there is none of this id."""
        return await self._desk.read(self._desk.ledger.intent, intent_id)

    async def step(self, step_id: int) -> StepView:
        """A step as it stands; raises `UnknownRecordError` if there is none of this id."""
        return await self._desk.read(self._desk.ledger.step, step_id)

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt that a quorum of nodes gives, of the chain as it is now."""
        return await self._desk.nodes.receipt(transaction_hash)

    async def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """The intents of a run, in the order of their making."""
        return await self._desk.read(self._desk.ledger.of_run, run_id)

    async def live(self) -> tuple[IntentRecord, ...]:
        """The sender's intents that are not at their end, included ones too."""
        return await self._desk.read(self._desk.ledger.live)

    async def withdraw(self, intent_id: int, reason: str) -> None:
        """Call off what is not signed.

        Raises:
            IllegalMoveError: It is signed.
        """
        await self._desk.write(self._desk.ledger.acquire)
        await withdraw(self._desk, intent_id, reason)

    async def want(self, intent_id: int, wanted: RequestedAction, reason: str) -> None:
        """Ask for a higher fee, a cancellation, or that nothing more is signed."""
        await self._desk.write(self._desk.ledger.acquire)
        await self._desk.write(self._desk.ledger.want, intent_id, wanted, reason)

    def is_settled(self, record: IntentRecord, view: ChainView | None) -> bool:
        """Whether an intent has ended, waits for somebody, or is included as deep as it must be."""
        if record.has_ended or record.hold is not None:
            return True
        if record.inclusion is None or view is None:
            return False
        depth = view.head.number - record.inclusion.block_number + 1
        return depth >= self._desk.policy.confirmations

    def waits_for_price(self, record: IntentRecord) -> bool:
        """Whether gas cost more than the limit for an intent, in the newest pass."""
        return record.intent_id in self._desk.dear

    async def final_block(self) -> int:
        """The newest block that stays, as the chain is now; the first one of a young chain.

        Raises:
            ChainError: The nodes do not answer.
        """
        return max(0, final_block(self._desk, await self._desk.nodes.view(self._desk.sender)))

    async def close(self) -> None:
        """Give the lease back; what is under way goes on with whoever gets it next."""
        await self._desk.write(self._desk.ledger.release)
        self._desk.close()

    async def _advance(self, view: ChainView) -> None:
        desk = self._desk
        if not await check_finality(desk, view):
            return
        for intent in await desk.live():
            with about_intent(intent):
                await confirm(desk, view, intent)
        await follow_foreign_slots(desk, view)
        await record_unknown(desk, view)
        if not desk.armed or await is_paused(desk):
            return
        await self._apply_requests(view)
        for intent in await desk.live():
            slot = intent.live_slot
            if slot is None or slot.nonce < view.nonce:
                continue  # a consumed nonce needs no bytes; how it went is being found out
            if intent.state in READY or unsent(slot) is not None:
                with about_intent(intent):
                    await leave(desk, view, intent.intent_id)
        await resend_lost(desk, view, await desk.live())
        for intent in await desk.live():
            with about_intent(intent):
                await replace(desk, view, intent)
        await prepare_waiting(desk, view, await desk.live())
        await fill_gap(desk, view, await desk.live())

    async def _apply_requests(self, view: ChainView) -> None:
        """Wishes, ends of validity, and funds that have come."""
        desk = self._desk
        now = await desk.read(desk.ledger.now)
        for intent in await desk.live():
            with about_intent(intent):
                if await apply_request(desk, intent, now):
                    continue
            if intent.hold is Hold.FUNDS and await may_suffice(desk, view):
                await desk.write(desk.ledger.unblock, intent.intent_id)

    async def _watch_head(self, view: ChainView) -> None:
        """Tell somebody when the chain stands still; nothing is raised while it does."""
        desk = self._desk
        now = desk.clock.monotonic()
        if desk.seen.head is None or desk.seen.head[0] != view.head.number:
            desk.seen.head = (view.head.number, now)
            return
        stalled = now - desk.seen.head[1]
        if stalled >= desk.policy.stalled_head_seconds:
            text = f"no block after {view.head.number} for {int(stalled)} seconds"
            desk.telemetry.alarm(Alarm.HEAD_STALLED, text, head=view.head.number)


def _unheard(_: str) -> None:
    """For who does not listen."""
