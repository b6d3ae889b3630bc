"""The head that a quorum of nodes agrees on, and the nodes that have it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keepers.chain.node_errors import kind_of
from keepers.chain.pool.agreement import agreed, is_settled_by, poll, reached
from keepers.chain.pool.member import Member
from keepers.chain.pool.members import Members, latest_header
from keepers.chain.responses import GET_BLOCK, Header, read_header
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import NodeErrorKind
from keepers.model.errors.chain import ChainError, NodesBehindError, NodesDisagreeError


@dataclass(frozen=True, slots=True)
class AgreedBlock:
    """Block that a quorum agrees on, and the nodes that have it; only they have its state."""

    header: Header
    members: Sequence[Member]


class Heads:
    """Blocks by agreement; the head never moves back unless a quorum has another chain.

    Concurrent calls for the same block share the requests.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self._known = members.known_blocks

    async def latest(self) -> AgreedBlock:
        """Return the highest block that a quorum has.

        Raises:
            NoQuorumError, NodesDisagreeError: Too few nodes respond, or agree.
            NodesBehindError: The responding nodes are behind an earlier agreed head.
        """
        return await self._members.in_flight.join("latest", self._latest)

    async def _latest(self) -> AgreedBlock:
        quorum = self._members.quorum
        tips = await poll(self._members.available(), latest_header)
        tips.need(quorum, "the newest block")
        numbers = [tip.number for tip in tips.answers.values()]
        for number in self._descending(numbers):
            holding = await self._holding(number, tips.answers)
            if holding is not None:
                await self._never_back(holding)
                self._known.remember(holding.header)
                self._members.record_heads(tips.answers, holding.header.number)
                return holding
        raise NodesDisagreeError(f"a block from {reached(numbers, quorum)} downwards", quorum)

    async def at(self, block: int) -> AgreedBlock | None:
        """Return a block of the current chain; None beyond its end."""
        what, quorum = f"block {block}", self._members.quorum
        found = await poll(self._members.available(), header_at(block))
        found.need(quorum, what)
        header = agreed(found.answers.values(), quorum, what)
        return None if header is None else _held(header, found.answers)

    async def hash_at(self, block: int) -> str | None:
        """Return a block's hash as soon as a quorum agrees on it."""
        return await self._members.in_flight.join(("hash", block), lambda: self._hash_at(block))

    async def _hash_at(self, block: int) -> str | None:
        what, quorum = f"block {block}", self._members.quorum
        settled = is_settled_by(quorum)
        found = await poll(self._members.available(), header_at(block), settled=settled)
        found.need(quorum, what)
        header = agreed(found.answers.values(), quorum, what)
        return None if header is None else header.head.block_hash

    def _descending(self, numbers: Sequence[int]) -> Iterable[int]:
        """Return the numbers to compare: from the tip downwards, then the lagging tips."""
        highest = reached(numbers, self._members.quorum)
        lowest = max(highest - self._members.policy.search_blocks, 0)
        lagging = {each for each in numbers if each < lowest}
        return [*range(highest, lowest - 1, -1), *sorted(lagging, reverse=True)]

    async def _holding(self, number: int, tips: Mapping[Member, Header]) -> AgreedBlock | None:
        """Return the block of a quorum at this number, with its nodes; None if there is none."""
        headers: dict[Member, Header | None] = {
            member: tip for member, tip in tips.items() if tip.number == number
        }
        others = [member for member in tips if member not in headers]
        headers |= (await poll(others, header_at(number))).answers
        try:
            header = agreed(headers.values(), self._members.quorum, f"block {number}")
        except NodesDisagreeError:
            return None
        return None if header is None else _held(header, headers)

    async def _never_back(self, offered: AgreedBlock) -> None:
        best, number = self._known.best, offered.header.number
        if best is None or number >= best:
            return
        known = self._known.before(number)
        if known is not None:
            remembered, block_hash = known
            present = offered.header.head.block_hash
            if remembered != number:
                present = await self._hash_or_nothing(remembered)
            if present not in {None, block_hash}:
                self._known.forget()
                return
        raise NodesBehindError(best, number)

    async def _hash_or_nothing(self, block: int) -> str | None:
        try:
            return await self.hash_at(block)
        except ChainError:
            return None


def header_at(block: int) -> Callable[[Requests], Coroutine[Any, Any, Header | None]]:
    """Return a read of a node's block by number, which returns None if the block is missing."""

    async def work(requests: Requests) -> Header | None:
        try:
            raw = await requests.ask(GET_BLOCK, hex(block), False)  # noqa: FBT003 - JSON-RPC's own
        except RpcError as error:
            if kind_of(error) is NodeErrorKind.NODE_BEHIND:
                return None
            raise
        header = None if raw is None else read_header(raw)
        return header if header is not None and header.number == block else None

    return work


def _held(header: Header, found: Mapping[Member, Header | None]) -> AgreedBlock:
    return AgreedBlock(header, [member for member, each in found.items() if each == header])
