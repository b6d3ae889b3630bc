"""HTTP server of the keeper: aiohttp applications with limits on connections and time.

Serves health pages, instructions, and the signer and validator services.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, cast

from aiohttp import web

from keepers.model.errors.run import ListenError
from keepers.web.connection import (
    Connection,
    ConnectionPolicy,
    ProtocolFailure,
    ServerLimits,
    connection_of,
)

JSON = "application/json"

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class HttpReply:
    """Status, body and content type of a response."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = JSON

    def response(self) -> web.Response:
        """Return the aiohttp response, which closes the connection."""
        headers = {"Server": "ballast", "Content-Type": self.kind}
        if self.status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        response = web.Response(status=self.status, body=self.body, headers=headers)
        response.force_close()
        return response


class HttpServer:
    """Server of an application with limits, with or without TLS."""

    def __init__(
        self,
        application: web.Application,
        limits: ServerLimits,
        *,
        failure: ProtocolFailure | None = None,
        context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """Initialise the server.

        Args:
            application: The routes.
            limits: The limits.
            failure: Factory of responses to HTTP violations; by default only a status.
            context: Factory of each connection's TLS context, to load renewed certificates.
        """
        application.middlewares.append(_begin_answer)
        self._policy = ConnectionPolicy(limits, failure or _status_alone, context)
        self._application = application

    @asynccontextmanager
    async def listening(self, bound: socket.socket) -> AsyncGenerator[None]:
        """Serve inside the context; started requests are answered at its end.

        Uses the running loop exclusively, with one thread per allowed connection.
        """
        loop, limits = asyncio.get_running_loop(), self._policy.limits
        loop.set_default_executor(ThreadPoolExecutor(limits.connections, "http"))
        runner = web.AppRunner(self._application, shutdown_timeout=limits.grace)
        await runner.setup()
        manager = cast("web.Server", runner.server)
        listener = await loop.create_server(
            lambda: Connection(self._policy, manager, loop), sock=bound, backlog=limits.connections
        )
        try:
            yield
        finally:
            listener.close()
            await self._finish_answers()
            await runner.cleanup()

    async def _finish_answers(self) -> None:
        """Wait for started connections, which aiohttp itself would no longer read."""
        begun = [asyncio.create_task(each.released.wait()) for each in self._policy.connections]
        if begun:
            _, late = await asyncio.wait(begun, timeout=self._policy.limits.grace)
            for task in late:
                task.cancel()
        for each in tuple(self._policy.connections):
            each.end_handshake()


@web.middleware
async def _begin_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    connection_of(request).begin_answer()
    return await handler(request)


def _status_alone(status: HTTPStatus, problem: str) -> web.Response:
    del problem
    return HttpReply(status).response()


def bind(host: str, port: int, section: str = "service") -> socket.socket:
    """Return a socket bound to an address, on IPv4 or IPv6; port 0 selects a free one.

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
    """Return a host as written in a URL."""
    return f"[{host}]" if ":" in host else host


@contextmanager
def serving(server: HttpServer, host: str, port: int, section: str = "service") -> Generator[str]:
    """Serve in a thread, independent of the caller's event loop.

    Args:
        server: The server.
        host: The address to listen on.
        port: The port; 0 selects a free one.
        section: Settings section of the address, for errors.

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
