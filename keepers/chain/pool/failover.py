"""Requests to the best node, and to another one if it fails."""

from __future__ import annotations

from typing import Any

from keepers.chain.node_errors import SEND, kind_of
from keepers.chain.pool.member import NODE_ERRORS
from keepers.chain.pool.members import Members
from keepers.chain.rpc import Requests
from keepers.model.errors.chain import WrongChainError
from keepers.model.nodes import NodeErrorKind


class FailoverReader:
    """Requests to one node at a time, without a quorum."""

    def __init__(self, members: Members) -> None:
        self._members = members

    @property
    def shown_url(self) -> str:
        """The masked address of the node that would be used next."""
        return self._members.ranked()[0].shown_url

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - any JSON
        """Make a request, repeated elsewhere if a node fails; signed bytes are sent once.

        Raises:
            ChainError, RpcError: The error of the best node, if no other one did better.
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
    """Return whether another node may do better, as none does for a call that reverts."""
    if isinstance(error, WrongChainError):
        return True
    kind = kind_of(error)
    return kind.of_node or kind is NodeErrorKind.UNKNOWN
