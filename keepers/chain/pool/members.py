"""The nodes of one chain, ranked, with their shared requests and known blocks."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from keepers.chain.pool.agreement import poll, reached
from keepers.chain.pool.member import NODE_ERRORS, Member
from keepers.chain.pool.node_status import PoolPolicy, ReportedStates
from keepers.chain.responses import GET_BLOCK, Header, read_header
from keepers.chain.rpc import Requests
from keepers.model.chain import NodeHealth, NodeRole, NodeState

LONGEST = 512
"""Number of remembered blocks; a deeper reorg is detected once the new chain is longer."""


class KnownBlocks:
    """Numbers and hashes of the chain as last agreed on."""

    def __init__(self) -> None:
        self._hashes: OrderedDict[int, str] = OrderedDict()

    @property
    def best(self) -> int | None:
        """The highest block; None if empty."""
        return next(reversed(self._hashes), None)

    def before(self, block: int) -> tuple[int, str] | None:
        """Return number and hash of the newest known block at or below a block."""
        return next((each for each in reversed(self._hashes.items()) if each[0] <= block), None)

    def remember(self, header: Header) -> None:
        """Add a head no lower than any before; blocks of another chain are forgotten."""
        number, parent = header.number, header.number - 1
        known = self._hashes.get(number, header.head.block_hash)
        known_parent = self._hashes.get(parent, header.parent_hash)
        if (known, known_parent) != (header.head.block_hash, header.parent_hash):
            self.forget()
        if parent not in self._hashes and number not in self._hashes and parent >= 0:
            self._hashes[parent] = header.parent_hash
        self._hashes[number] = header.head.block_hash
        while len(self._hashes) > LONGEST:
            self._hashes.popitem(last=False)

    def forget(self) -> None:
        """Clear all blocks, after a reorg."""
        self._hashes.clear()


T = TypeVar("T")


class SharedRequests:
    """At most one request per key at a time; a cancelled caller cancels no other."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def join(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the pending request of a key, or start one.

        Raises:
            Exception: The error of the request, for every caller that waits for it.
        """
        task: asyncio.Task[T] | None = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(ask())
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel the pending requests."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # read here, since every caller may have been cancelled


WORST_LAST = (
    NodeState.HEALTHY,
    NodeState.UNTRIED,
    NodeState.BEHIND,
    NodeState.FAILING,
    NodeState.WRONG_CHAIN,
)


async def latest_header(requests: Requests) -> Header:
    """Return a node's newest block."""
    return read_header(await requests.ask(GET_BLOCK, "latest", False))  # noqa: FBT003 - JSON-RPC's


class Members:
    """Nodes by role, in the order of the configuration.

    Args:
        nodes: Each node with its role; at least one reader.
        chain_id: Chain of all nodes.
        policy: Quorum and time limits.
        clock: Monotonic seconds.
        reported: States of the same nodes that other pools of this process have reported.

    Attributes:
        known_blocks: Blocks that were agreed on, shared by all users of these nodes.
        in_flight: Pending requests for blocks, shared by all users.
    """

    def __init__(
        self,
        nodes: Iterable[tuple[Requests, NodeRole]],
        chain_id: int,
        policy: PoolPolicy,
        clock: Callable[[], float] = time.monotonic,
        reported: ReportedStates | None = None,
    ) -> None:
        self.chain_id = chain_id
        self.policy = policy
        known = ReportedStates() if reported is None else reported
        self.all = tuple(
            Member(requests, role, chain_id=chain_id, policy=policy, clock=clock, reported=known)
            for requests, role in nodes
        )
        self.readers = self._of(NodeRole.READER)
        self.relays = self._of(NodeRole.RELAY)
        self.quorum = policy.quorum_of(len(self.readers))
        self.known_blocks = KnownBlocks()
        self.in_flight = SharedRequests()
        self._clock = clock
        self._comparing = asyncio.Lock()
        self._compared_at: float | None = None

    def available(self) -> Sequence[Member]:
        """Return the readers that did not fail recently; all readers if those are too few."""
        active = [member for member in self.readers if not member.status.resting]
        return active if len(active) >= self.quorum else self.readers

    def ranked(self) -> Sequence[Member]:
        """Return the readers, the best first."""
        return sorted(self.readers, key=_rank)

    def record_heads(self, tips: Mapping[Member, Header], agreed: int) -> None:
        """Record the distance of each node from the agreed head."""
        for member, tip in tips.items():
            member.status.record_head(tip.number, agreed)

    async def compare(self) -> None:
        """Compare the heads of the readers; readers that do not respond are recorded as failing."""
        found = await poll(self.available(), latest_header)
        if len(found.answers) >= self.quorum:
            numbers = [tip.number for tip in found.answers.values()]
            self.record_heads(found.answers, reached(numbers, self.quorum))
        self._compared_at = self._clock()

    async def compare_when_due(self) -> None:
        """Compare several readers, unless they were compared recently."""
        async with self._comparing:
            if len(self.readers) > 1 and self._is_due():
                await self.compare()

    async def inspect(self) -> tuple[NodeHealth, ...]:
        """Check the chain and head of every node again, and return the states."""
        await asyncio.gather(*map(_probe, self.all))
        await self.compare()
        return self.health()

    def health(self) -> tuple[NodeHealth, ...]:
        """Return the state of each node at its last request."""
        return tuple(member.status.health() for member in self.all)

    def _of(self, role: NodeRole) -> tuple[Member, ...]:
        return tuple(member for member in self.all if member.role is role)

    def _is_due(self) -> bool:
        last = self._compared_at
        return last is None or self._clock() - last >= self.policy.compare_seconds


async def _probe(member: Member) -> None:
    try:
        await member.probe()
    except NODE_ERRORS:
        return  # recorded in its state


def _rank(member: Member) -> tuple[bool, int, int]:
    status = member.status
    return status.resting, WORST_LAST.index(status.state), status.failures
