"""Repository of transfers, placements, batches and instructions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update

from keepers.model.batch import (
    BatchState,
    InstructionState,
    NewBatch,
)
from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import RunStatus
from keepers.model.transactions.records import NewRequest, account_scope
from keepers.model.transactions.states import LIVE_REQUESTS, RequestState
from keepers.model.transfer import TransferCause, TransferPosition
from keepers.model.transfer_record import (
    TREASURY,
    OperatorRequest,
    Trouble,
)
from keepers.store.batches import (
    FallbackWait,
    answer_instruction,
    begin_batch,
    hold_instruction,
    move_batch,
    remember_waits,
    submit_instruction,
)
from keepers.store.database import Database, Writing
from keepers.store.leases import HeldLease
from keepers.store.messages import queue_telling
from keepers.store.requests import (
    accept_request,
    cancel_request,
    fail_request,
    finish_request,
    last_sent,
    mark_sent,
    note_sent,
    submit_request,
)
from keepers.store.run_writes import close_run, skip_step
from keepers.store.tables import placements, requests, transfers
from keepers.store.transfer_queries import TransferReader
from keepers.store.transfer_writes import (
    move_transfer,
    note_facts,
    note_trouble,
    note_wait,
    transfer_of,
)

T = TypeVar("T")
UNASKED = frozenset({RequestState.QUEUED, RequestState.SENT})


def treasury_lease(ledger: Database, *, holder: str, seconds: int) -> HeldLease:
    """The lease on all transfers: one keeper moves them at a time, and asks bridges for them."""
    return HeldLease(ledger, account_scope(TREASURY), holder, seconds)


class TransferRepository(TransferReader):
    """Transfers, placements, batches and instructions.

    Every method may raise `StoreUnavailableError`, and what writes `LeaseHeldError` or
    `StaleLeaseError`.
    """

    def __init__(self, ledger: Database, lease: HeldLease | None = None) -> None:
        """Without a lease it can be read, and instructions can be submitted."""
        super().__init__(ledger)
        self._lease = lease

    def begin_batch(self, new: NewBatch, telling: Notification = NOTHING) -> bool:
        """Keep a batch with all that belongs to it; False if its key was there before."""

        def work(writing: Writing) -> bool:
            is_new = begin_batch(writing, new)
            if is_new:
                queue_telling(writing, telling)
            return is_new

        return self._write("begin_batch", work)

    def move_batch(
        self,
        batch_id: str,
        state: BatchState,
        reason: str | None = None,
        telling: Notification = NOTHING,
    ) -> None:
        """Bring a batch to another state, with its instruction, and tell people."""

        def work(writing: Writing) -> None:
            move_batch(writing, batch_id, state, reason)
            queue_telling(writing, telling)

        self._write("move_batch", work)

    def move(
        self,
        transfer_id: str,
        ways: Sequence[TransferPosition],
        cause: TransferCause,
        text: str,
        telling: Notification = NOTHING,
        **facts: object,
    ) -> None:
        """Bring a transfer along a way, place by place, with what is known of it then."""

        def work(writing: Writing) -> None:
            move_transfer(writing, transfer_id, ways, cause, text, **facts)
            queue_telling(writing, telling)

        self._write(f"move_transfer_{ways[-1].text.lower().replace('.', '_')}", work)

    def wait(self, transfer_id: str, text: str) -> None:
        """Remember what a transfer waits for."""
        self._write("wait", lambda w: note_wait(w, transfer_id, text))

    def stick(self, transfer_id: str, trouble: Trouble, telling: Notification) -> None:
        """Remember that a transfer is stuck, and tell people once."""

        def work(writing: Writing) -> None:
            if note_trouble(writing, transfer_id, trouble):
                queue_telling(writing, telling)

        self._write("stick", work)

    def note(self, transfer_id: str, text: str, **facts: object) -> None:
        """Write what is known of a transfer that stays where it is."""
        self._write("note_transfer", lambda w: note_facts(w, transfer_id, text, **facts))

    def wish(self, transfer_id: str, wish: OperatorRequest) -> None:
        """Keep what a person has decided, whoever works; the keeper carries it out.

        Raises:
            UnknownRecordError: There is no such transfer.
        """

        def work(writing: Writing) -> None:
            text = f"asked for {wish.kind.lower().replace('_', ' ')} by {wish.text}"
            note_facts(writing, transfer_id, text, wish=wish)

        self._ledger.transact("wish", work)

    def skip_step(self, step_id: int, reason: str) -> None:
        """A step that is not to be done."""
        self._write("skip_step", lambda w: skip_step(w, step_id, reason))

    def settle(self, transfer_id: str, status: RunStatus, reason: str | None) -> None:
        """Nothing of a transfer can change any more: its run is closed."""

        def work(writing: Writing) -> None:
            row = transfer_of(writing, transfer_id)
            close_run(writing, row["run_id"], status, reason)
            mine = transfers.c.transfer_id == transfer_id
            writing.connection.execute(update(transfers).where(mine).values(settled_at=writing.now))

        self._write("settle_transfer", work)

    def settle_placement(self, placement_id: str, status: RunStatus, reason: str | None) -> None:
        """The same of a placement."""

        def work(writing: Writing) -> None:
            mine = placements.c.placement_id == placement_id
            run_id = writing.connection.scalar(select(placements.c.run_id).where(mine))
            if run_id is None:
                raise UnknownRecordError(f"placement {placement_id}")
            close_run(writing, run_id, status, reason)
            changed = update(placements).where(mine).values(settled_at=writing.now)
            writing.connection.execute(changed)

        self._write("settle_placement", work)

    def ask(self, new: NewRequest) -> tuple[int, datetime | None]:
        """Store what a bridge is to be asked; answers its id, and when it last was asked."""

        def work(writing: Writing) -> tuple[int, datetime | None]:
            request_id = submit_request(writing, new)
            return request_id, last_sent(writing, request_id)

        return self._write("ask_bridge", work)

    def asking(self, request_id: int) -> None:
        """A bridge is about to be asked."""

        def work(writing: Writing) -> None:
            if self._request_state(writing, request_id) in UNASKED:
                mark_sent(writing, request_id)
            else:
                note_sent(writing, request_id)

        self._write("asking_bridge", work)

    def accepted(self, request_id: int, remote_id: str) -> None:
        """A bridge has it; asked or not, since some need not be asked."""

        def work(writing: Writing) -> None:
            state = self._request_state(writing, request_id)
            if state is RequestState.QUEUED:
                mark_sent(writing, request_id)
            if state in UNASKED:
                accept_request(writing, request_id, remote_id)

        self._write("bridge_accepted", work)

    def end_request(self, step_id: int, reason: str | None) -> None:
        """A crossing has come to its end: done, or not for a reason; nothing asked is nothing."""

        def work(writing: Writing) -> None:
            mine = (requests.c.step_id == step_id) & requests.c.state.in_(sorted(LIVE_REQUESTS))
            row = writing.connection.execute(select(requests).where(mine)).mappings().first()
            if row is None:
                return
            request_id, is_queued = row["request_id"], row["state"] == RequestState.QUEUED
            if is_queued:
                text = reason or "the bridge was not asked"
                cancel_request(writing, request_id, text)
            elif reason is None:
                finish_request(writing, request_id)
            else:
                fail_request(writing, request_id, reason)

        self._write("end_request", work)

    def settle_plan(self, run_id: str, status: RunStatus, reason: str | None) -> None:
        """Nothing of a plan's opening can change any more: its run is closed."""
        self._write("settle_plan", lambda w: close_run(w, run_id, status, reason))

    def submit(self, client_key: str, body: str, submitted_by: str) -> int:
        """Keep an instruction, whoever works; the same one again answers the same id.

        Raises:
            IllegalMoveError: The key came with another body.
        """
        return self._ledger.transact(
            "submit_instruction",
            lambda w: submit_instruction(w, client_key, body, submitted_by),
        )

    def answer(
        self,
        instruction_id: int,
        state: InstructionState,
        reason: str | None,
        telling: Notification = NOTHING,
    ) -> None:
        """Say what became of an instruction for which no batch is made."""

        def work(writing: Writing) -> None:
            answer_instruction(writing, instruction_id, state, reason)
            queue_telling(writing, telling)

        self._write("answer_instruction", work)

    def hold_back(self, instruction_id: int, reason: str) -> None:
        """Say why an instruction that has come in is not taken up yet."""
        self._write(
            "hold_instruction",
            lambda writing: hold_instruction(writing, instruction_id, reason),
        )

    def remember_fallback_waits(
        self,
        asset: str,
        begun: Collection[int],
        ended: Collection[int],
        instruction_id: int = 0,
    ) -> None:
        """Keep from now on that chains wait for a fallback, and forget it of others."""
        place = FallbackWait(asset, instruction_id)
        self._write(
            "fallback_waits",
            lambda writing: remember_waits(writing, place, begun, ended),
        )

    def release(self) -> None:
        """Give the lease back, if it is held."""
        if self._lease is not None:
            self._lease.release()

    @staticmethod
    def _request_state(writing: Writing, request_id: int) -> RequestState:
        mine = requests.c.request_id == request_id
        return RequestState(
            writing.connection.execute(select(requests.c.state).where(mine)).scalar_one()
        )

    def _write(self, name: str, work: Callable[[Writing], T]) -> T:
        assert self._lease is not None  # noqa: S101 - who only reads has none
        self._lease.acquire()
        return self._lease.write(name, work)
