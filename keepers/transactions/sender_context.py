"""Everything that the steps of one sender on one chain have in common."""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from keepers.model.chain import Unsigned
from keepers.model.ports import Clock
from keepers.model.transactions.chain_view import FeeMarket
from keepers.model.transactions.records import IntentRecord
from keepers.transactions.policy import SendingPolicy
from keepers.transactions.ports import (
    Auditor,
    Judge,
    Nodes,
    SenderLedger,
    Signer,
    Telemetry,
    Validator,
)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Seen:
    """What was seen since the process began. Losing it costs time and nothing else.

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
        together_at: The hash of the head at which that was last looked at.
        past: Whether the ledger knows which nonce was the last before the sender's first call.
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
        """Who used a nonce is known, or it is not used: what was counted does not count."""
        self.missing.pop(slot_id, None)
        self.consumed.pop(slot_id, None)


@dataclass(slots=True, kw_only=True)
class Desk:
    """The ports of one sender on one chain, what its owners allow, and what was seen.

    Attributes:
        armed: Without it nothing is signed or sent; receipts are followed all the same.
        judges: Who judges receipts, by kind of step; others count as done when they succeed.
        audited: What the auditor passed last, so that it is not asked twice for the same.
        dear: Intents for which gas cost more than the limit in the newest pass.
    """

    ledger: SenderLedger
    nodes: Nodes
    signer: Signer
    auditor: Auditor
    validator: Validator
    telemetry: Telemetry
    clock: Clock
    policy: SendingPolicy
    judges: Mapping[str, Judge]
    armed: bool
    audited: Unsigned | None = None
    seen: Seen = field(default_factory=Seen)
    dear: set[int] = field(default_factory=set[int])
    _live: tuple[IntentRecord, ...] | None = None
    _market: FeeMarket | None = None
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="ledger")
    )

    @property
    def sender(self) -> str:
        """The account, as the signer spells it."""
        return self.signer.address

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write to the ledger, one thing after the other, while the rest goes on."""
        self._live = None
        return await self.read(work, *args, **kwargs)

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read the ledger, in turn with the writes."""
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()  # what log lines are about
        return await loop.run_in_executor(self._thread, lambda: context.run(work, *args, **kwargs))

    def begin_pass(self) -> None:
        """Look anew: others may have written, and gas may cost something else."""
        self._live = None
        self._market = None
        self.dear.clear()

    async def market(self) -> FeeMarket:
        """What gas costs, asked for once in a pass."""
        if self._market is None:
            self._market = await self.nodes.market()
        return self._market

    async def live(self) -> tuple[IntentRecord, ...]:
        """What is not at its end, in the order of asking, as it stands after our last write."""
        if self._live is None:
            self._live = await self.read(self.ledger.live)
        return self._live

    def close(self) -> None:
        """Wait for the last write."""
        self._thread.shutdown()
