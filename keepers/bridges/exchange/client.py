"""Client of the exchange: ccxt builds and signs requests; this client reads the raw responses.

ccxt's unified responses are not used: they turn amounts into floats, and report a credited but
locked deposit as done. A wrapped session bounds the size of responses.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from aiohttp import ClientPayloadError, ClientResponse, ClientSession
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import SecretStr

from keepers.bridges.http import Silence
from keepers.http_client import AnswerTooLongError, read_bounded
from keepers.model.bridge import Wait
from keepers.model.errors.transfers import (
    BridgeBusyError,
    BridgeRefusedError,
    BridgeUnreachableError,
    LibraryMissingError,
)

LONGEST_ANSWER = 8 << 20
"""In bytes; the list of all coins is the longest response, a few megabytes."""


@dataclass(frozen=True, slots=True)
class BoundedAnswer:
    """The part of a response that ccxt reads."""

    status: int
    reason: str | None
    headers: CIMultiDictProxy[str]
    content: bytes

    async def text(self, *, errors: str = "strict") -> str:
        """Return the response's text."""
        return self.content.decode(errors=errors)


class BoundedSession:
    """The methods of a session that ccxt calls."""

    def __init__(self, session: ClientSession, longest: int = LONGEST_ANSWER) -> None:
        self._session = session
        self._longest = longest

    @property
    def headers(self) -> CIMultiDict[str]:
        """Headers of every request; ccxt adds its own."""
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
            raise ClientPayloadError("the response is too long") from None


LOCKED = "RW00441"
"""The deposit is credited and cannot be withdrawn yet."""

SUSPENDED = "031026"
"""Withdrawals on this network are suspended."""

REFUSALS: dict[str, Wait] = {
    LOCKED: Wait.LOCKED,
    SUSPENDED: Wait.SUSPENDED,
    "-1003": Wait.BUSY,
    "-1015": Wait.BUSY,
    "-1021": Wait.PROCESSING,
}
"""Temporary refusals: locked, suspended, too many requests, clock skew."""

FINAL: dict[str, str] = {
    "-1002": "the request is not authorised",
    "-1022": "the signature is not accepted",
    "-2014": "the key is not accepted",
    "-2015": "the key may not withdraw, or not from this address",
}
"""Refusals that last until an operator changes something."""

_CODE = re.compile(r'"code"\s*:\s*"?(-?[0-9A-Za-z]{3,12})"?')


def code_of(text: str) -> str:
    """Return the exchange's code in an error's text; empty without one."""
    found = _CODE.search(text)
    return found[1] if found else ""


NAME = "the exchange"
WAIT_SECONDS = 60
SAPI = ["sapi"]
CONFIGURATION = "capital/config/getall"
ADDRESS = "capital/deposit/address"
DEPOSITS = "capital/deposit/hisrec"
WITHDRAWALS = "capital/withdraw/history"
QUOTA = "capital/withdraw/quota"
APPLY = "capital/withdraw/apply"
COSTS = {DEPOSITS: 0.1, WITHDRAWALS: 2, APPLY: 4}
"""Weights of requests in ccxt's rate limit, if not 1."""

BODY = 5
"""Index of the response's text among the arguments of ccxt's check."""

_SECRET = re.compile(r"(signature|timestamp|apiKey)=[^&\s\"']*", re.IGNORECASE)
LONGEST_TEXT = 200


class ExchangeClient:
    """Client of Binance's wallet API, with one session."""

    def __init__(
        self, key: SecretStr, secret: SecretStr, *, url: str = "", seconds: float = 10
    ) -> None:
        """Set up ccxt; `url` replaces scheme and host of all addresses, for a test server.

        Raises:
            LibraryMissingError: ccxt is not installed.
        """
        try:
            # Loading takes a second, and only users of an exchange need it.
            library = cast("Any", import_module("ccxt.async_support"))
        except ImportError:
            raise LibraryMissingError("ccxt", "exchange") from None
        self._errors = cast("Any", import_module("ccxt.base.errors"))
        self._seconds = seconds
        self._silence = Silence()
        self._exchange = library.binance(
            {
                "apiKey": key.get_secret_value(),
                "secret": secret.get_secret_value(),
                "timeout": int(seconds * 1000),
                "options": {
                    "defaultType": "spot",
                    "warnOnFetchCurrenciesWithoutAuthorization": False,
                },
            }
        )
        self._exchange.handle_errors = _tolerant(
            self._exchange.handle_errors, self._errors.ExchangeError
        )
        if url:
            self._exchange.urls["api"] = _relocated(self._exchange.urls["api"], url)

    async def get(self, path: str, query: Mapping[str, object] | None = None) -> object:
        """Send a GET request; raises as `post`."""
        return await self._request("GET", path, query or {})

    async def post(self, path: str, fields: Mapping[str, object]) -> object:
        """Send a POST request, once.

        Raises:
            BridgeUnreachableError: No response, no response that shows the outcome, or the pause
                after a time-out.
            BridgeBusyError: Too many requests.
            BridgeRefusedError: A response with an error code of the exchange.
        """
        return await self._request("POST", path, fields)

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    async def _request(self, method: str, path: str, fields: Mapping[str, object]) -> object:
        async with self._translated(self._silence.begin(NAME)):
            self._open()
            request = self._exchange.request(
                path, SAPI, method, dict(fields), {"cost": COSTS.get(path, 1)}
            )
            # ccxt's own limit applies to parts of a request.
            answer = await asyncio.wait_for(request, 2 * self._seconds)
            self._silence.answered()
            return answer

    def _open(self) -> None:
        """Open ccxt's session once, wrapped to bound the size of responses."""
        self._exchange.open(lazy=True)
        if not isinstance(self._exchange.session, BoundedSession):
            self._exchange.session = BoundedSession(self._exchange.session)

    @asynccontextmanager
    async def _translated(self, begun: float) -> AsyncGenerator[None]:
        try:
            yield
        except TimeoutError:
            self._silence.timed_out(begun, self._seconds)
            raise BridgeUnreachableError(NAME, "no response in time") from None
        except self._errors.DDoSProtection:
            raise BridgeBusyError(NAME, WAIT_SECONDS) from None
        except self._errors.BaseError as error:
            # `from None`: ccxt's texts contain full addresses with signatures.
            text = str(error)
            code = code_of(text)
            if code:
                self._silence.answered()
                raise BridgeRefusedError(NAME, code, _shown(text)) from None
            if isinstance(error, self._errors.RequestTimeout):
                self._silence.timed_out(begun, self._seconds)
            raise BridgeUnreachableError(NAME, type(error).__name__) from None


def _tolerant(check: Callable[..., object], error: type[Exception]) -> Callable[..., object]:
    """Wrap ccxt's response check, which fails on codes with letters such as `RW00441`."""

    def checked(*answer: object) -> object:
        try:
            return check(*answer)
        except ValueError:
            raise error(str(answer[BODY])) from None

    return checked


def _relocated(addresses: object, url: str) -> object:
    """Return the tree of addresses with another scheme and host."""
    if isinstance(addresses, Mapping):
        tree = cast("Mapping[str, object]", addresses)
        return {name: _relocated(each, url) for name, each in tree.items()}
    there = urlsplit(url)
    path = urlsplit(str(addresses)).path
    return urlunsplit((there.scheme, there.netloc, path, "", ""))


def _shown(text: str) -> str:
    return _SECRET.sub(r"\1=***", text)[-LONGEST_TEXT:]
