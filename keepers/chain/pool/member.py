"""One node of several: its chain is checked before use, and its failures are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from keepers.chain.node_errors import kind_of
from keepers.chain.pool.node_status import NodeStatus, PoolPolicy, ReportedStates
from keepers.chain.responses import as_quantity
from keepers.chain.rpc import METHOD_NOT_FOUND, Requests, RpcError
from keepers.model.chain import NodeErrorKind, NodeRole
from keepers.model.errors.chain import ChainError, ChainUnreachableError, WrongChainError

T = TypeVar("T")
Work = Callable[[Requests], Awaitable[T]]
"""Requests to one node, with a result."""

CHAIN_ID = "eth_chainId"
NODE_ERRORS = (ChainError, RpcError)
FAILURES = frozenset({NodeErrorKind.TRANSPORT, NodeErrorKind.RATE_LIMITED})
"""Failures after which a node is paused."""


def as_chain_error(error: ChainError | RpcError) -> ChainError:
    """Return a node's error as a `ChainError`."""
    return error.refused() if isinstance(error, RpcError) else error


class Member:
    """A node with its role and state."""

    def __init__(
        self,
        requests: Requests,
        role: NodeRole,
        *,
        chain_id: int,
        policy: PoolPolicy,
        clock: Callable[[], float],
        reported: ReportedStates,
    ) -> None:
        self.role = role
        self.status = NodeStatus((chain_id, requests.shown_url, role), policy, clock, reported)
        self._requests = requests
        self._chain_id = chain_id
        self._seconds = policy.request_seconds
        self._checking = asyncio.Lock()
        self._checked = False

    @property
    def shown_url(self) -> str:
        """The masked address."""
        return self._requests.shown_url

    async def attempt(self, work: Work[T]) -> T:
        """Send requests to the node, within its time limit.

        Raises:
            WrongChainError: The node is of another chain, so no request was sent.
            ChainError, RpcError: The requests' error; a time-out is a `ChainUnreachableError`.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._check()
                answer = await work(self._requests)
        except TimeoutError:
            silence = ChainUnreachableError(self.shown_url, "no answer in time")
            self._record_failure(silence)
            raise silence from None
        except NODE_ERRORS as error:
            self._record_failure(error)
            raise
        self.status.answered()
        return answer

    async def probe(self) -> None:
        """Check that the node responds, and its chain; raises as `attempt`."""
        self._checked = False

        async def nothing(requests: Requests) -> None:
            del requests

        await self.attempt(nothing)

    def _record_failure(self, error: Exception) -> None:
        if isinstance(error, WrongChainError):
            self.status.is_of_another_chain(str(error))
        elif kind_of(error) in FAILURES:
            # After an outage, another node may respond at this address.
            self._checked = False
            self.status.failed(str(error))
        else:
            self.status.answered()

    async def _check(self) -> None:
        async with self._checking:
            if self._checked:
                return
            try:
                actual = as_quantity(await self._requests.ask(CHAIN_ID), CHAIN_ID)
            except RpcError as error:
                # Some relays support only sending; a transaction contains its chain id.
                if self.role is not NodeRole.RELAY or error.code != METHOD_NOT_FOUND:
                    raise ChainUnreachableError(self.shown_url, error.message) from error
            else:
                if actual != self._chain_id:
                    raise WrongChainError(self.shown_url, self._chain_id, actual)
            self._checked = True
