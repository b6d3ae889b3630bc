"""Two keepers of one sender, with their database, chain and the state of the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.chain_view import ChainView, FeeLimits
from keepers.model.errors.transaction import IllegalMoveError
from keepers.model.run import NewRun, RunKind
from keepers.model.transaction_records import NewIntent, sender_scope
from keepers.model.transaction_states import AttemptState, Hold, RequestedAction
from keepers.store import run_writes
from keepers.store.connection import connect
from keepers.store.database import Database, Writing
from keepers.store.intents import retry_intent, want
from keepers.store.pauses import pause, read_pauses, resume
from keepers.store.tables import slot_attempts
from keepers.transactions.sender_context import SendingPolicy
from tests.unit.store.ledger.consistency import Picture, picture
from tests.unit.store.ledger.samples import NOON, StillClock
from tests.unit.transactions.model.nodes import WatchedNodes
from tests.unit.transactions.model.replica import LEASE_SECONDS, Replica
from tests.unit.transactions.model.scribe import Scribe
from tests.unit.transactions.paper_chain import GWEI, Paper, PaperChain
from tests.unit.transactions.paper_engine import CHAIN_ID, TARGET
from tests.unit.transactions.paper_nodes import PaperNodes

POLICY = SendingPolicy(
    fees=FeeLimits(maximum=200 * GWEI, priority=20 * GWEI),
    maximum_in_flight=4,
    bump_after_blocks=2,
    cancel_reverting=True,
    poll_seconds=0,
)
BLIND_BLOCKS = 5
"""Maximum number of blocks for which nodes hide an included transaction; less than finality."""

UNFENCED = frozenset({"acquire", "pause", "want", "retry", "step", "open"})
"""Writes that need no lease."""


@dataclass(frozen=True)
class Holding:
    """Holder of the lease, and its end in seconds of the database's clock."""

    identity: str
    until: float


class World:
    """Everything outside the engine; its state is the model, which never reads the engine."""

    def __init__(self, url: str) -> None:
        self.clock = StillClock()
        self.url = url
        self.database = self._open(lambda _: None)
        self.loop = asyncio.new_event_loop()
        self.scribe = Scribe()
        self.chain = PaperChain(read=self.scribe.read, reverts=self._reverts)
        self.nodes = PaperNodes(self.chain)
        self.blind_since: int | None = None
        self.final = -1
        self.sent: list[str] = []
        self.failing: set[str] = set()
        self.turned: set[str] = set()
        self.asked: list[NewIntent] = []
        self.holding: Holding | None = None
        self.strangers = 0
        self.database.transact("open", lambda w: run_writes.open_run(w, RunKind.TRANSFER, RUN))
        self.replicas = (self._replica("a"), self._replica("b"))

    @property
    def sender(self) -> str:
        return self.scribe.address

    @property
    def seconds(self) -> float:
        return (self.clock.now - NOON).total_seconds()

    @property
    def is_paused(self) -> bool:
        return bool(self.database.read(read_pauses))

    def close(self) -> None:
        for each in self.replicas:
            each.close()
        self.database.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def rows(self) -> Picture:
        """Return the current rows of the database."""
        return self.database.read(lambda connection: picture(connection, with_events=False))

    def new_intent(self, *, expires_in: float | None) -> NewIntent:
        """Create a step with a new call."""
        number = len(self.asked) + 1

        def step(writing: Writing) -> int:
            return run_writes.add_step(writing, RUN.run_id, "CALL", {})

        expires = None if expires_in is None else self.clock.now + timedelta(seconds=expires_in)
        new = NewIntent(
            step_id=self.database.transact("step", step),
            idempotency_key=f"{RUN.run_id}/{number}",
            chain_id=CHAIN_ID,
            sender=self.sender,
            target=TARGET,
            calldata=f"0x{number:08x}",
            value=0,
            expires_at=expires,
        )
        self.asked.append(new)
        return new

    def ask(self, intent_id: int, wanted: RequestedAction) -> None:
        """Store an operator request for an intent; it may be too late."""

        def work(writing: Writing) -> None:
            try:
                want(writing, intent_id, wanted, "requested by an operator")
            except IllegalMoveError:
                return

        self.database.transact("want", work)

    def pause(self) -> None:
        self.database.transact("pause", lambda w: pause(w, SCOPE, "a person looks", "somebody"))

    def resume(self) -> None:
        self.database.transact("resume", lambda w: resume(w, SCOPE, "somebody"))

    def stranger(self, nonce: int, tip: int) -> Paper:
        """Return a transaction that an external program signs with the same key."""
        self.strangers += 1
        terms = Unsigned(
            chain_id=CHAIN_ID,
            nonce=nonce,
            call=ContractCall("0x" + "bb" * 20, f"0xdead{self.strangers:04x}"),
            gas_limit=50_000,
            fees=Fees(300 * GWEI, tip),
        )
        return self.scribe.read(self.scribe.write(terms).raw)

    def minable(self) -> list[str]:
        """Return all sent bytes that the next block could include."""
        nonce = self.chain.nonce(self.sender)
        found = [self.scribe.read(each) for each in dict.fromkeys(self.sent)]
        return [
            each.raw
            for each in found
            if each.decoded.nonce == nonce and each.decoded.maximum_fee >= self.chain.base_fee
        ]

    def reorganise(self, depth: int, *, returned: bool, longer: bool, turned: bool) -> None:
        """Replace blocks; with `turned`, the transactions in them may have another outcome."""
        gone = [each for block in self.chain.blocks[-depth:] for each in block.transactions]
        if turned:
            self.turned ^= {each.hash for each in gone}
        self.chain.reorganise(depth, returned=returned, length=depth + longer)

    def heal(self) -> None:
        """Remove all faults outside the engine."""
        self.chain.base_fee, self.chain.balance = 10 * GWEI, 10**20
        self.nodes.down.clear()
        self.nodes.hidden.clear()
        self.nodes.reverting.clear()
        self.nodes.faults.clear()
        self.scribe.is_silent = self.scribe.denies = False
        self.blind_since = None

    def retry_fillers(self) -> None:
        """Retry fillers of nonce gaps that the signer denied, as in the runbook."""
        for intent_id, intent in self.rows().intents.items():
            is_filler = (intent["target"], intent["calldata"]) == (self.sender, "0x")
            if is_filler and intent["hold"] == Hold.DENIED:
                self.database.transact("retry", partial(retry_intent, intent_id=intent_id))

    def hide(self, raw: str, *, named: bool) -> None:
        """Hide a receipt; unless `named`, nodes also cannot name the user of a nonce.

        Such nodes recover before the block is final: otherwise no node could give the right answer.
        """
        self.nodes.hidden.add(self.scribe.read(raw).hash)
        if not named and self.blind_since is None:
            self.blind_since = self.chain.head.number

    def _replica(self, name: str) -> Replica:
        shared = self.nodes
        nodes = WatchedNodes(
            self.chain,
            faults=shared.faults,
            down=shared.down,
            hidden=shared.hidden,
            reverting=shared.reverting,
            on_send=self._on_send,
            on_view=self._on_view,
            can_name=lambda: self.blind_since is None,
        )
        return Replica(
            name=name,
            loop=self.loop,
            open_ledger=self._open,
            nodes=nodes,
            scribe=self.scribe,
            policy=POLICY,
            on_point=self._on_point,
        )

    def _open(self, crash: Callable[[str], None]) -> Database:
        return Database(connect(self.url), crash, clock=self.clock)

    def _reverts(self, each: Paper) -> bool:
        is_call = each.decoded.calldata != "0x"
        return is_call and (each.decoded.calldata in self.failing) != (each.hash in self.turned)

    def _on_view(self, view: ChainView) -> None:
        assert view.finalized is not None
        self.final = max(self.final, view.finalized)
        if self.blind_since is not None and view.head.number - self.blind_since >= BLIND_BLOCKS:
            self.nodes.hidden.clear()
            self.blind_since = None

    def _on_send(self, raw: str) -> None:
        """Check with another connection that sent bytes are stored and validated."""
        query = select(slot_attempts).where(slot_attempts.c.raw == raw)
        row = self.database.read(lambda connection: connection.execute(query).mappings().first())
        assert row is not None, "bytes left that are not stored"
        assert row["sealed_at"] is not None, "bytes left that nobody validated"
        assert row["state"] != AttemptState.SIGNED
        self.sent.append(raw)

    def _on_point(self, replica: Replica, point: str) -> None:
        """Check against the model's lease that only its holder writes."""
        when, _, name = point.partition("_")
        until = self.seconds + LEASE_SECONDS
        if point in {"after_acquire", "after_renew"}:
            self.holding = Holding(replica.identity, until)
        elif point == "after_release":
            self.holding = None
        elif when == "inside" and name not in UNFENCED:
            held = self.holding
            assert held is not None, f"{point} without a lease"
            assert held.identity == replica.identity, f"{point} with the lease of another"
            assert self.seconds < held.until, f"{point} after the lease was over"
        elif when == "after" and name not in UNFENCED:
            self._renew(replica, until)

    def _renew(self, replica: Replica, until: float) -> None:
        """Extend the lease at any write of its holder if half of it is over."""
        held = self.holding
        mine = held is not None and held.identity == replica.identity
        if held is not None and mine and (held.until - self.seconds) * 2 <= LEASE_SECONDS:
            self.holding = Holding(replica.identity, until)


RUN = NewRun(
    run_id="model",
    vault="main",
    chain_id=CHAIN_ID,
    trigger="test",
    armed=True,
    started_at=NOON,
)
SCOPE = sender_scope(CHAIN_ID, Scribe().address)
