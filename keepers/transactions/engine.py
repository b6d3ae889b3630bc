"""Loop that advances every transaction of one sender on one chain, from any state."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from keepers.model.alarms import Alarm
from keepers.model.chain import Fees, Receipt
from keepers.model.chain_view import ChainView, first_fees
from keepers.model.errors.chain import ChainError, FeeAboveCapError
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError
from keepers.model.transaction_records import (
    IntentRecord,
    NewCall,
    NewIntent,
    NewPlanStep,
    StepView,
)
from keepers.model.transaction_states import Hold, IntentState, RequestedAction
from keepers.transactions.broadcast import is_paused, pause_of
from keepers.transactions.confirmation import confirm
from keepers.transactions.external_transactions import (
    check_finality,
    final_block,
    follow_foreign_slots,
    record_past,
    record_unknown,
    report_unknown_past,
)
from keepers.transactions.preparation import fill_gap, may_suffice, prepare_waiting
from keepers.transactions.replacement import apply_request, replace, resend_lost
from keepers.transactions.sender_context import SenderContext, about_intent, about_sender, withdraw
from keepers.transactions.submission import dispatch
from keepers.transactions.terms import unsent

QUIET_SECONDS = 30.0
"""Seconds without a new block after which progress reports it."""


@dataclass(slots=True)
class ConfirmationProgress:
    """Reports each confirmation once, and a chain without new blocks.

    Attributes:
        intent_id: Id of the transaction.
        wanted: Required confirmations.
        progress: Receiver of progress lines.
    """

    intent_id: int
    wanted: int
    progress: Callable[[str], None]
    _depth: int = 0
    _head: int = -1
    _since: float = field(default=0.0)
    _hinted: bool = False

    def update(self, head: int, included_in: int | None, now: float) -> None:
        """Report changes.

        Args:
            head: The newest block.
            included_in: The block of the transaction, if it is included.
            now: Seconds from an arbitrary origin.
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
                "chain that mines blocks on demand, set confirmations = 1"
            )


READY = frozenset({IntentState.NUMBERED, IntentState.SIGNED, IntentState.SEALED})


class TransactionEngine:
    """Transaction engine of one sender. All state is in the store, so it may be killed any time."""

    def __init__(self, context: SenderContext) -> None:
        self._context = context

    async def submit(self, new: NewIntent) -> int:
        """Store a call to execute at most once; the same key and call return the same id.

        Raises:
            LeaseHeldError: Another keeper sends for this sender.
            KeyReusedError: The key was used with another call.
            ChainError: It is the sender's first, and nodes do not report its earlier nonces.
        """
        await self._context.write(self._context.store.acquire)
        await record_past(self._context)
        return await self._context.write(self._context.store.submit, new)

    async def submit_plan(self, plan: NewPlanStep, new: NewCall) -> int:
        """Store a call that executes several steps of a run; otherwise as `submit`."""
        await self._context.write(self._context.store.acquire)
        await record_past(self._context)
        return await self._context.write(self._context.store.submit_plan, plan, new)

    async def report_unknown_past(self) -> None:
        """Raise an alarm if the store has no record of the sender's past; never raise an error.

        If nodes do not respond, the check is repeated when the sender's first call is stored.
        """
        with suppress(LeaseHeldError, ChainError):
            await report_unknown_past(self._context)

    async def run_pass(self) -> ChainView | None:
        """Advance every intent as far as possible now; return the view of the chain.

        Each part reads the store again after the last write, so a pass may end anywhere and the
        next one continues.

        Returns:
            None if the nodes do not respond; then nothing was done.

        Raises:
            LeaseHeldError: Another keeper sends for this sender.
            StaleLeaseError: The lease expired during the pass; nothing was written since.
            StoreUnavailableError: The database cannot be written; nothing was sent since.
        """
        with about_sender(self._context.store.chain_id, self._context.sender):
            return await self._run_pass()

    async def _run_pass(self) -> ChainView | None:
        context = self._context
        context.begin_pass()
        await context.write(context.store.acquire)
        try:
            view = await context.nodes.view(context.sender)
            context.telemetry.event("head", number=view.head.number, at=view.head.at)
            await self._watch_head(view)
            await self._advance(view)
        except ChainError as error:
            context.telemetry.alarm(Alarm.NODES_UNAVAILABLE, str(error))
            return None
        return view

    async def settle(
        self, intent_id: int, seconds: float, progress: Callable[[str], None] | None = None
    ) -> IntentRecord:
        """Run passes until an intent is terminal, or included with the required confirmations.

        An intent that waits for funds or an operator is returned in its current state. Pending
        confirmations are reported to `progress`.

        Raises:
            NotSettledError: The given time has passed first.
        """
        context = self._context
        deadline = context.clock.monotonic() + seconds
        confirmation = ConfirmationProgress(
            intent_id, context.policy.confirmations, progress or _unheard
        )
        while True:
            view = await self.run_pass()
            record = await self.intent(intent_id)
            if self.is_settled(record, view):
                return record
            if view is not None:
                included = record.inclusion and record.inclusion.block_number
                confirmation.update(view.head.number, included, context.clock.monotonic())
            pause = await pause_of(context)
            if pause is not None:
                why = pause.paused_by, pause.reason
                raise NotSettledError.paused(intent_id, record.state, *why)
            if context.clock.monotonic() >= deadline:
                why = " and nodes do not respond" if view is None else ""
                raise NotSettledError.after(intent_id, record.state, seconds, why)
            await context.clock.sleep(context.policy.poll_seconds)

    async def fees(self) -> Fees:
        """Return the initial fees of a transaction sent now.

        Raises:
            FeeAboveCapError: The base fee alone is above the limit.
            ChainError: The nodes do not respond.
        """
        market = await self._context.nodes.market()
        limits = self._context.policy.fees
        fees = first_fees(market, limits)
        if fees is None:
            raise FeeAboveCapError(market.base_fee, limits.maximum)
        return fees

    async def intent(self, intent_id: int) -> IntentRecord:
        """Return an intent; raise `UnknownRecordError` if there is none with this id."""
        return await self._context.read(self._context.store.intent, intent_id)

    async def step(self, step_id: int) -> StepView:
        """Return a step; raise `UnknownRecordError` if there is none with this id."""
        return await self._context.read(self._context.store.step, step_id)

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return the receipt in the current chain, by a quorum of nodes."""
        return await self._context.nodes.receipt(transaction_hash)

    async def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """Return the intents of a run, in order of creation."""
        return await self._context.read(self._context.store.of_run, run_id)

    async def live(self) -> tuple[IntentRecord, ...]:
        """Return the sender's unfinished intents, including included ones."""
        return await self._context.read(self._context.store.live)

    async def withdraw(self, intent_id: int, reason: str) -> None:
        """Cancel an intent that is not signed.

        Raises:
            IllegalMoveError: It is signed.
        """
        await self._context.write(self._context.store.acquire)
        await withdraw(self._context, intent_id, reason)

    async def want(self, intent_id: int, wanted: RequestedAction, reason: str) -> None:
        """Request a fee bump, a cancellation, or a stop of further signing."""
        await self._context.write(self._context.store.acquire)
        await self._context.write(self._context.store.want, intent_id, wanted, reason)

    def is_settled(self, record: IntentRecord, view: ChainView | None) -> bool:
        """Return whether an intent is terminal, blocked, or included with enough confirmations."""
        if record.has_ended or record.hold is not None:
            return True
        if record.inclusion is None or view is None:
            return False
        depth = view.head.number - record.inclusion.block_number + 1
        return depth >= self._context.policy.confirmations

    def waits_for_price(self, record: IntentRecord) -> bool:
        """Return whether the gas price exceeded the limit for an intent in the last pass."""
        return record.intent_id in self._context.priced_out

    async def final_block(self) -> int:
        """Return the newest final block; the first block on a young chain.

        Raises:
            ChainError: The nodes do not respond.
        """
        return max(
            0, final_block(self._context, await self._context.nodes.view(self._context.sender))
        )

    async def close(self) -> None:
        """Release the lease; the next holder continues unfinished intents."""
        await self._context.write(self._context.store.release)
        self._context.close()

    async def _advance(self, view: ChainView) -> None:
        context = self._context
        if not await check_finality(context, view):
            return
        for intent in await context.live():
            with about_intent(intent):
                await confirm(context, view, intent)
        await follow_foreign_slots(context, view)
        await record_unknown(context, view)
        if not context.armed or await is_paused(context):
            return
        await self._apply_requests(view)
        for intent in await context.live():
            slot = intent.live_slot
            if slot is None or slot.nonce < view.nonce:
                continue  # the nonce is consumed; its receipt is being looked up
            if intent.state in READY or unsent(slot) is not None:
                with about_intent(intent):
                    await dispatch(context, view, intent.intent_id)
        await resend_lost(context, view, await context.live())
        for intent in await context.live():
            with about_intent(intent):
                await replace(context, view, intent)
        await prepare_waiting(context, view, await context.live())
        await fill_gap(context, view, await context.live())

    async def _apply_requests(self, view: ChainView) -> None:
        """Apply requests, expiries, and arrived funds."""
        context = self._context
        now = await context.read(context.store.now)
        for intent in await context.live():
            with about_intent(intent):
                if await apply_request(context, intent, now):
                    continue
            if intent.hold is Hold.FUNDS and await may_suffice(context, view):
                await context.write(context.store.unblock, intent.intent_id)

    async def _watch_head(self, view: ChainView) -> None:
        """Raise an alarm if the chain has no new block for too long."""
        context = self._context
        now = context.clock.monotonic()
        if context.seen.head is None or context.seen.head[0] != view.head.number:
            context.seen.head = (view.head.number, now)
            return
        stalled = now - context.seen.head[1]
        if stalled >= context.policy.stalled_head_seconds:
            text = f"no block after {view.head.number} for {int(stalled)} seconds"
            context.telemetry.alarm(Alarm.HEAD_STALLED, text, head=view.head.number)


def _unheard(_: str) -> None:
    """Ignore progress."""
