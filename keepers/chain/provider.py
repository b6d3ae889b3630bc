"""The library's HTTP provider with a session of its own, so that requests may be cancelled."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from aiohttp import ClientResponse, ClientResponseError, ClientSession, TCPConnector
from web3 import AsyncHTTPProvider
from web3.types import RPCEndpoint

LARGEST_ANSWER = 64 * 2**20
"""Bytes. An answer that is larger is not read to its end: memory is not for a node to use up."""


class OwnSessionProvider(AsyncHTTPProvider):
    """One session for one node.

    The library looks its sessions up under a lock of the whole process, taken in a thread. A
    request that is cancelled meanwhile leaves the lock taken, and no node is ever asked again.
    """

    _session: ClientSession | None = None

    async def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        """One request, without retries."""
        del method
        if self._session is None:
            # A connection that the node has closed meanwhile would look like a failure of sending.
            self._session = ClientSession(connector=TCPConnector(force_close=True))
        kwargs = cast("dict[str, Any]", self.get_request_kwargs())
        url = str(self.endpoint_uri)
        async with self._session.post(url, data=request_data, **kwargs) as response:
            response.raise_for_status()
            return await _read(response)

    async def disconnect(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _read(response: ClientResponse) -> bytes:
    """The body of an answer.

    Raises:
        ClientResponseError: There is too much of it, said as a node does that admits less.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise ClientResponseError(response.request_info, (), status=status)
    return bytes(body)
