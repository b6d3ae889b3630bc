"""Connections of the HTTP server: limits on time and number, TLS, and request bodies.

Each connection carries one request, which aiohttp parses.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias, cast

import structlog
from aiohttp import StreamReader, web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_request import BaseRequest

from keepers.model.errors.signing import KeyUnusableError

PATIENCE = 10.0
DEADLINE = 60.0
LONGEST_LINE = 65_536
"""Maximum bytes of a request line or header."""

MOST_HEADERS = 100
SHUTDOWN_SECONDS = 1.0
"""Timeout for a client to close its side of TLS."""

ProtocolFailure: TypeAlias = Callable[[HTTPStatus, str], web.Response]
"""Factory of the response to an HTTP violation."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Limits of a server.

    Attributes:
        connections: Maximum open connections; a further one is closed immediately.
        patience: Seconds for which a client may be silent.
        deadline: Maximum seconds of a connection, including the response.
        grace: Seconds for connections to finish when the server stops.
    """

    connections: int
    patience: float = PATIENCE
    deadline: float = DEADLINE
    grace: float = DEADLINE


@dataclass(frozen=True, slots=True)
class ConnectionPolicy:
    """Connection rules of a server.

    Attributes:
        limits: The limits.
        failure: Factory of responses to HTTP violations.
        context: Factory of the TLS context of each connection; None without TLS.
        connections: The open connections.
    """

    limits: ServerLimits
    failure: ProtocolFailure
    context: Callable[[], ssl.SSLContext] | None
    connections: set[Connection] = field(default_factory=set["Connection"])


class Connection(asyncio.Protocol):
    """Connection with limits that passes its bytes to aiohttp."""

    def __init__(
        self, policy: ConnectionPolicy, manager: web.Server, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.policy = policy
        self.address = ""
        self._limits = policy.limits
        self._loop = loop
        self._http = _Requests(self, manager, loop)
        self._raw: asyncio.Transport | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._early = b""
        self._body: StreamReader | None = None
        self._is_answering = self._is_begun = self._is_heard = self._has_ended = False
        self.released = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the connection if the limit allows it, and start the TLS handshake."""
        raw, connections = cast("asyncio.Transport", transport), self.policy.connections
        if len(connections) >= self._limits.connections:
            raw.abort()
            return
        connections.add(self)
        self._raw = raw
        self.address = str((raw.get_extra_info("peername") or ("",))[0])
        self._timers["deadline"] = self._loop.call_later(self._limits.deadline, raw.abort)
        context = self.policy.context
        if context is None:
            self._begin(raw)
        else:
            self._handshake = self._loop.create_task(self._shake_hands(raw, context))

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; with TLS they may arrive before the handshake task continues."""
        if not self._is_begun:
            self._early += data
            return
        self._is_heard = True
        self._wait_for_more()
        self._http.data_received(data)

    def eof_received(self) -> bool:
        """Keep the connection open for the response; not with TLS, which closes both ways."""
        self._has_ended = True
        if self._body is not None and not self._body.is_eof():
            self._body.set_exception(_BodyEndedError())
        return self._is_heard and self.policy.context is None

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the connection."""
        self._release()
        if self._is_begun:
            self._http.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pause the request handler while the client reads slowly."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """Resume the request handler."""
        self._http.resume_writing()

    def begin_answer(self) -> None:
        """Stop the client's silence timer while the response is prepared."""
        self._is_answering = True
        self._wait_for_more()

    def end_handshake(self) -> None:
        """Cancel a handshake when the server stops."""
        if self._handshake is not None and not self._handshake.done():
            self._handshake.cancel()

    async def body(self, content: StreamReader, length: int) -> bytes | None:
        """Return a body of the given length; None if it ends earlier.

        Raises:
            TimeoutError: The client was silent for too long.
        """
        self._body = content
        if self._has_ended and not content.is_eof():
            return None
        read = b""
        try:
            while len(read) < length:
                async with asyncio.timeout(self._limits.patience):
                    read += await content.read(length - len(read))
        except _BodyEndedError:
            return None
        return read

    async def _shake_hands(
        self, raw: asyncio.Transport, context: Callable[[], ssl.SSLContext]
    ) -> None:
        try:
            secure = await self._loop.start_tls(
                raw,
                self,
                context(),
                server_side=True,
                ssl_handshake_timeout=self._limits.patience,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        except (OSError, KeyUnusableError, asyncio.CancelledError) as error:
            _log_failure(self.address, error)
            self._release()
            raw.abort()
        else:
            if secure is not None:
                self._begin(secure)

    def _begin(self, transport: asyncio.Transport) -> None:
        self._is_begun = True
        self._http.connection_made(transport)
        self._wait_for_more()
        if self._early:
            early, self._early = self._early, b""
            self.data_received(early)

    def _wait_for_more(self) -> None:
        earlier = self._timers.pop("patience", None)
        if earlier is not None:
            earlier.cancel()
        if self._raw is not None and not self._is_answering:
            self._timers["patience"] = self._loop.call_later(self._limits.patience, self._raw.abort)

    def _release(self) -> None:
        self.policy.connections.discard(self)
        for each in self._timers.values():
            each.cancel()
        self._timers.clear()
        self._raw = None
        self.released.set()


class _BodyEndedError(Exception):
    """The client closed the connection before the body was complete."""


class _Requests(web.RequestHandler):
    """Requests of one connection, as parsed by aiohttp."""

    def __init__(
        self, connection: Connection, manager: web.Server, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(
            manager,
            loop=loop,
            access_log=cast("Any", None),
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=MOST_HEADERS,
            lingering_time=0,
            auto_decompress=False,
        )
        self.connection = connection

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Respond to an HTTP violation; after an internal error close without a response."""
        del request
        if status == HTTPStatus.BAD_REQUEST and exc is not None:
            return self.connection.policy.failure(_status_of(exc), _first_line(message))
        _log_failure(self.connection.address, exc or TimeoutError())
        self.force_close()
        return web.Response(status=status)


def connection_of(request: web.Request) -> Connection:
    """Return the connection of a request."""
    return cast("_Requests", request.protocol).connection


async def body_of(request: web.Request, length: int) -> bytes | None:
    """Return the body of a request; None if it ends early."""
    return await connection_of(request).body(request.content, length)


def length_of(request: web.Request) -> int | None:
    """Return Content-Length; None without one."""
    given = request.headers.get("Content-Length")
    return None if given is None else int(given)


def _log_failure(address: str, error: BaseException) -> None:
    """Log a broken connection: a failed handshake or an internal error."""
    _log.warning("connection_failed", address=address, problem=type(error).__name__)


def _status_of(error: BaseException) -> HTTPStatus:
    """Return the status of a parser error; the parser itself uses 400 for all."""
    text = str(error)
    if "Too many headers" in text:
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    if isinstance(error, LineTooLong):
        is_target = re.search(r"reading: (bytearray\()?b'/", text) is not None
        longest = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        return HTTPStatus.REQUEST_URI_TOO_LONG if is_target else longest
    if "Content-Length overflow" in text:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if "Invalid character in Content-Length" in text:
        return HTTPStatus.LENGTH_REQUIRED
    return HTTPStatus.BAD_REQUEST


def _first_line(message: str | None) -> str:
    return (message or "").partition("\n")[0].rstrip(" :")
