"""Events in ranges of blocks: heads by a quorum, and each range from the best node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from keepers.chain.pool.heads import Heads
from keepers.chain.pool.member import NODE_ERRORS, Work, as_chain_error
from keepers.chain.pool.members import Members
from keepers.chain.rpc import RpcError
from keepers.model.errors.chain import ChainError, RangeRefusedError

T = TypeVar("T")


class RangeReader:
    """Base of readers of events in ranges of blocks."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._heads = Heads(members)

    async def head(self) -> int:
        """Return the number of the newest block that a quorum has."""
        return (await self._heads.latest()).header.number

    async def hash_at(self, block: int) -> str | None:
        """Return the hash of a block, by a quorum; None beyond the chain's end."""
        return await self._heads.hash_at(block)

    async def _read_range(
        self,
        first: int,
        last: int,
        work: Work[T],
        refusal: Callable[[ChainError | RpcError], str | None],
    ) -> T:
        """Read a range from the best node that gives it.

        Args:
            first: First block.
            last: Last block.
            work: Requests to one node.
            refusal: Text of an error that a shorter range may avoid; None for any other error.

        Raises:
            RangeRefusedError: A node refuses the range, and no other one gives it.
            ChainError: It cannot be read now.
        """
        await self._members.compare_when_due()
        problems: list[ChainError | RpcError] = []
        for member in self._members.ranked():
            try:
                return await member.attempt(work)
            except NODE_ERRORS as error:
                problems.append(error)
        for each in problems:
            reason = refusal(each)
            if reason is not None:
                raise RangeRefusedError(first, last, reason)
        raise as_chain_error(problems[0])
