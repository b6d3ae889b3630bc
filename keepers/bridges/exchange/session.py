"""Session for ccxt that bounds the size of answers, which ccxt itself does not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientPayloadError, ClientResponse, ClientSession
from multidict import CIMultiDict, CIMultiDictProxy

from keepers.http_client import AnswerTooLongError, read_bounded

LONGEST_ANSWER = 8 << 20
"""The list of all coins is the longest answer, a few megabytes."""


@dataclass(frozen=True, slots=True)
class BoundedAnswer:
    """The part of an answer that ccxt reads."""

    status: int
    reason: str | None
    headers: CIMultiDictProxy[str]
    content: bytes

    async def text(self, *, errors: str = "strict") -> str:
        """The answer's text."""
        return self.content.decode(errors=errors)


class BoundedSession:
    """The methods of a session that ccxt calls."""

    def __init__(self, session: ClientSession, longest: int = LONGEST_ANSWER) -> None:
        self._session = session
        self._longest = longest

    @property
    def headers(self) -> CIMultiDict[str]:
        """Headers of every request, to which ccxt adds its own."""
        return CIMultiDict(self._session.headers)

    def get(self, url: Any, **options: Any) -> AbstractAsyncContextManager[BoundedAnswer]:  # noqa: ANN401 - ccxt's
        """Send a GET request."""
        return self._bounded("GET", url, options)

    def post(self, url: Any, **options: Any) -> AbstractAsyncContextManager[BoundedAnswer]:  # noqa: ANN401 - ccxt's
        """Send a POST request."""
        return self._bounded("POST", url, options)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    @asynccontextmanager
    async def _bounded(
        self,
        method: str,
        url: Any,  # noqa: ANN401 - ccxt's
        options: dict[str, Any],
    ) -> AsyncGenerator[BoundedAnswer]:
        async with self._session.request(method, url, allow_redirects=False, **options) as response:
            content = await self._read(response)
            yield BoundedAnswer(response.status, response.reason, response.headers, content)

    async def _read(self, response: ClientResponse) -> bytes:
        try:
            return await read_bounded(response, self._longest)
        except AnswerTooLongError:
            raise ClientPayloadError("the answer is too long") from None
