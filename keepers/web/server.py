"""The HTTP server of the keeper: aiohttp applications behind limits on connections and time.

Health pages, instructions, and the services of signer and validator are applications of this one
server. Each connection carries one request.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, cast

import structlog
from aiohttp import StreamReader, web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_request import BaseRequest

from keepers.model.errors.service import ListenError
from keepers.model.errors.signing import KeyUnusableError

PATIENCE = 10.0
DEADLINE = 60.0
LONGEST_LINE = 65_536
"""Bytes of a request line or a header."""

MOST_HEADERS = 100
SHUTDOWN_SECONDS = 1.0
"""Time limit for a client to end its side of TLS."""

JSON = "application/json"

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
ProtocolFailure: TypeAlias = Callable[[HTTPStatus, str], web.Response]
"""Maker of the answer to a violation of HTTP."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Limits of a server.

    Attributes:
        connections: Most connections at a time; a further one is closed at once.
        patience: Seconds for which a client may send nothing.
        deadline: Seconds of a whole connection, its answer included.
        grace: Seconds for connections to end when the server ends.
    """

    connections: int
    patience: float = PATIENCE
    deadline: float = DEADLINE
    grace: float = DEADLINE


@dataclass(frozen=True, slots=True)
class HttpReply:
    """Status, body and content type of an answer."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = JSON

    def response(self) -> web.Response:
        """Return the response of aiohttp, which ends the connection."""
        headers = {"Server": "ballast", "Content-Type": self.kind}
        if self.status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        response = web.Response(status=self.status, body=self.body, headers=headers)
        response.force_close()
        return response


class HttpServer:
    """Server of an application behind limits, with or without TLS."""

    def __init__(
        self,
        application: web.Application,
        limits: ServerLimits,
        *,
        failure: ProtocolFailure | None = None,
        context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """Take the application.

        Args:
            application: The routes.
            limits: The limits.
            failure: Maker of answers to violations of HTTP; by default a status alone.
            context: Maker of the TLS context of each connection, which loads renewed certificates.
        """
        application.middlewares.append(_begin_answer)
        self.limits = limits
        self.failure = failure or _status_alone
        self.context = context
        self.connections: set[_Connection] = set()
        self._application = application

    @asynccontextmanager
    async def listening(self, bound: socket.socket) -> AsyncGenerator[None]:
        """Serve inside the context; requests that were begun are answered at its end.

        The running loop is the server's own, with as many threads as connections are admitted.
        """
        loop, limits = asyncio.get_running_loop(), self.limits
        loop.set_default_executor(ThreadPoolExecutor(limits.connections, "http"))
        runner = web.AppRunner(self._application, shutdown_timeout=limits.grace)
        await runner.setup()
        manager = cast("web.Server", runner.server)
        listener = await loop.create_server(
            lambda: _Connection(self, manager, loop), sock=bound, backlog=limits.connections
        )
        try:
            yield
        finally:
            listener.close()
            await self._finish_answers()
            await runner.cleanup()

    async def _finish_answers(self) -> None:
        """Wait for connections that are begun, which aiohttp itself would not read any further."""
        begun = [asyncio.create_task(each.released.wait()) for each in self.connections]
        if begun:
            _, late = await asyncio.wait(begun, timeout=self.limits.grace)
            for task in late:
                task.cancel()
        for each in tuple(self.connections):
            each.end_handshake()


class _Connection(asyncio.Protocol):
    """Connection with limits, whose bytes are passed to aiohttp."""

    def __init__(
        self, server: HttpServer, manager: web.Server, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.limits = server.limits
        self.failure = server.failure
        self.address = ""
        self._server = server
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
        """Accept the connection if the limit admits it, and begin the handshake of TLS."""
        raw, server = cast("asyncio.Transport", transport), self._server
        if len(server.connections) >= self.limits.connections:
            raw.abort()
            return
        server.connections.add(self)
        self._raw = raw
        self.address = str((raw.get_extra_info("peername") or ("",))[0])
        self._timers["deadline"] = self._loop.call_later(self.limits.deadline, raw.abort)
        if server.context is None:
            self._begin(raw)
        else:
            self._handshake = self._loop.create_task(self._shake_hands(raw, server.context))

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; with TLS they may come before the task of the handshake continues."""
        if not self._is_begun:
            self._early += data
            return
        self._is_heard = True
        self._wait_for_more()
        self._http.data_received(data)

    def eof_received(self) -> bool:
        """Keep the connection open for the answer; without TLS, which ends both ways at once."""
        self._has_ended = True
        if self._body is not None and not self._body.is_eof():
            self._body.set_exception(_BodyEndedError())
        return self._is_heard and self._server.context is None

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the connection."""
        self._release()
        if self._is_begun:
            self._http.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass on that the client reads slowly."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client has read."""
        self._http.resume_writing()

    def begin_answer(self) -> None:
        """Stop the timer of the client's silence while the answer is made."""
        self._is_answering = True
        self._wait_for_more()

    def end_handshake(self) -> None:
        """Cancel a handshake, since the server ends."""
        if self._handshake is not None and not self._handshake.done():
            self._handshake.cancel()

    async def body(self, content: StreamReader, length: int) -> bytes | None:
        """Return a body of a given length; None if it ends before.

        Raises:
            TimeoutError: The client was silent for too long.
        """
        self._body = content
        if self._has_ended and not content.is_eof():
            return None
        read = b""
        try:
            while len(read) < length:
                async with asyncio.timeout(self.limits.patience):
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
                ssl_handshake_timeout=self.limits.patience,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        except (OSError, KeyUnusableError, asyncio.CancelledError) as error:
            log_failure(self.address, error)
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
            self._timers["patience"] = self._loop.call_later(self.limits.patience, self._raw.abort)

    def _release(self) -> None:
        self._server.connections.discard(self)
        for each in self._timers.values():
            each.cancel()
        self._timers.clear()
        self._raw = None
        self.released.set()


class _BodyEndedError(Exception):
    """Connection that the client ended before the body was complete."""


class _Requests(web.RequestHandler):
    """Requests of one connection, as parsed by aiohttp."""

    def __init__(
        self, connection: _Connection, manager: web.Server, loop: asyncio.AbstractEventLoop
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
        """Answer a violation of HTTP; after a defect end the connection without an answer."""
        del request
        if status == HTTPStatus.BAD_REQUEST and exc is not None:
            return self.connection.failure(_status_of(exc), _first_line(message))
        log_failure(self.connection.address, exc or TimeoutError())
        self.force_close()
        return web.Response(status=status)


def connection_of(request: web.Request) -> _Connection:
    """Return the connection that a request came by."""
    return cast("_Requests", request.protocol).connection


def log_failure(address: str, error: BaseException) -> None:
    """Log a broken connection: a failed handshake, or a defect."""
    _log.warning("connection_failed", address=address, problem=type(error).__name__)


async def body_of(request: web.Request, length: int) -> bytes | None:
    """Return the body of a request; None if it ends before its length."""
    return await connection_of(request).body(request.content, length)


def length_of(request: web.Request) -> int | None:
    """Return Content-Length; None without one."""
    given = request.headers.get("Content-Length")
    return None if given is None else int(given)


@web.middleware
async def _begin_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    connection_of(request).begin_answer()
    return await handler(request)


def _status_of(error: BaseException) -> HTTPStatus:
    """Return the status of an error of the parser, which has 400 for all of them."""
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


def _status_alone(status: HTTPStatus, problem: str) -> web.Response:
    del problem
    return HttpReply(status).response()


def _first_line(message: str | None) -> str:
    return (message or "").partition("\n")[0].rstrip(" :")


def bind(host: str, port: int, section: str = "service") -> socket.socket:
    """Return a socket that is bound to an address, on IPv4 or IPv6; port 0 takes a free one.

    Raises:
        ListenError: The address cannot be used.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()
    except (OSError, OverflowError) as error:
        bound.close()
        problem = getattr(error, "strerror", None) or str(error)
        raise ListenError(f"{shown_host(host)}:{port}", problem, section) from error
    return bound


def shown_host(host: str) -> str:
    """Return a host in the form of a URL."""
    return f"[{host}]" if ":" in host else host


@contextmanager
def serving(server: HttpServer, host: str, port: int, section: str = "service") -> Generator[str]:
    """Serve in a thread, which also answers while the caller's loop is blocked.

    Args:
        server: The server.
        host: The address to listen at.
        port: The port; 0 takes a free one.
        section: Section of the settings with the address.

    Yields:
        The URL.

    Raises:
        ListenError: The address cannot be used.
    """
    bound = bind(host, port, section)
    url = f"http://{shown_host(host)}:{bound.getsockname()[1]}"
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, name="http", daemon=True)
    thread.start()

    def wait_for(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result()

    try:
        wait_for(stack.enter_async_context(server.listening(bound)))
        yield url
    finally:
        wait_for(stack.aclose())
        wait_for(loop.shutdown_default_executor())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
