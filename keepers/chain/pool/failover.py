"""Requests and event ranges from the best node, and from another node if it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from keepers.chain.node_errors import SEND, kind_of
from keepers.chain.pool.heads import Heads
from keepers.chain.pool.member import NODE_ERRORS, Work, as_chain_error
from keepers.chain.pool.members import Members
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import NodeErrorKind
from keepers.model.errors.chain import ChainError, RangeRefusedError, WrongChainError

T = TypeVar("T")


class FailoverReader:
    """Requests to one node at a time, without a quorum."""

    def __init__(self, members: Members) -> None:
        self._members = members

    @property
    def shown_url(self) -> str:
        """The masked address of the next node to be used."""
        return self._members.ranked()[0].shown_url

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - any JSON
        """Send a request, and repeat it on other nodes if one fails; signed bytes are sent once.

        Raises:
            ChainError, RpcError: The error of the best node, if all others failed.
        """
        await self._members.compare_when_due()
        nodes = self._members.ranked()
        problem: Exception | None = None
        for member in nodes[:1] if method == SEND else nodes:
            try:
                return await member.attempt(lambda node: _asked(node, method, params))
            except NODE_ERRORS as error:
                if not _may_be_the_node(error):
                    raise
                problem = problem or error
        if problem is None:
            raise ValueError("there is no reader")
        raise problem


async def _asked(node: Requests, method: str, params: tuple[object, ...]) -> object:
    return await node.ask(method, *params)


def _may_be_the_node(error: Exception) -> bool:
    """Return whether another node may succeed; for a reverting call, none does."""
    if isinstance(error, WrongChainError):
        return True
    kind = kind_of(error)
    return kind.of_node or kind is NodeErrorKind.UNKNOWN


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
        """Read a range from the best node that returns it.

        Args:
            first: First block.
            last: Last block.
            work: Requests to one node.
            refusal: Returns an error's text if a shorter range may avoid the error, else None.

        Raises:
            RangeRefusedError: A node refuses the range, and no other node returns it.
            ChainError: The range cannot be read now.
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
