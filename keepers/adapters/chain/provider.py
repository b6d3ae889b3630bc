"""The library's HTTP provider with a session of its own, so that requests may be cancelled."""

from __future__ import annotations

from typing import Any, cast

from aiohttp import ClientSession, TCPConnector
from web3 import AsyncHTTPProvider
from web3.types import RPCEndpoint


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
            return await response.read()

    async def disconnect(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None
