"""An HTTPS server of threads that answers known clients, and what it began before it ends."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, cast

import structlog

from keepers.web.bounded import BoundedServer
from keepers.web.tls import ServerIdentity

LONGEST_REQUEST = 1 << 20
MOST_CONNECTIONS = 64
PATIENCE = 10.0
"""Seconds that a connection may stand still."""

DEADLINE = 60.0
"""Seconds that a connection may take in all, its answer included."""

HEALTH = "/health"
HEALTHY = b'{"status": "ok"}'


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and JSON; without a body the client takes the service for unreachable."""

    status: HTTPStatus
    body: bytes = b""


class Service(Protocol):
    """What answers requests; it is called in several threads at once."""

    def answer(self, path: str, body: bytes, client: str) -> Answer:
        """Answer a POST of a known client."""
        ...


class ServiceServer(BoundedServer):
    """Listens from the moment that it is made; `serve_forever` answers, `server_close` waits."""

    daemon_threads = False
    request_queue_size = MOST_CONNECTIONS
    most_connections = MOST_CONNECTIONS
    deadline = DEADLINE

    def __init__(
        self, address: tuple[str, int], identity: ServerIdentity, service: Service
    ) -> None:
        identity.context()  # so that a wrong file is said now
        self.identity = identity
        self.service = service
        self._log = structlog.get_logger()
        super().__init__(address, _Handler, self.most_connections)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Shake hands, here where only this connection waits for it, and answer."""
        request.settimeout(PATIENCE)
        context = self.identity.context()
        with context.wrap_socket(
            request, server_side=True, do_handshake_on_connect=False
        ) as secure:
            ending = threading.Timer(self.deadline, _break_off, (secure,))
            ending.start()
            try:
                secure.do_handshake()
                super().finish_request(secure, client_address)
            finally:
                ending.cancel()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Connections break, and strangers fail to shake hands; neither concerns anybody else."""
        del request
        problem = type(sys.exception()).__name__
        self._log.warning("connection_failed", address=str(client_address[0]), problem=problem)


def _break_off(secure: ssl.SSLSocket) -> None:
    """End a connection under whoever waits for it; its TLS state is that thread's."""
    with suppress(OSError):
        socket.socket.shutdown(secure, socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One request; the connection ends with it."""

    timeout = PATIENCE

    def do_GET(self) -> None:
        """Whether the service lives."""
        if self._client() is not None:
            found = self.path == HEALTH
            self._send(Answer(HTTPStatus.OK, HEALTHY) if found else Answer(HTTPStatus.NOT_FOUND))

    def do_POST(self) -> None:
        """A request of the service."""
        client = self._client()
        if client is None:
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            self._send(Answer(HTTPStatus.LENGTH_REQUIRED))
        elif int(length) > LONGEST_REQUEST:
            self._send(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        else:
            body = self.rfile.read(int(length))
            self._send(self._server.service.answer(self.path, body, client))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base's
        """The services log for themselves."""

    def version_string(self) -> str:
        """Not which Python this is."""
        return "ballast"

    @property
    def _server(self) -> ServiceServer:
        return cast("ServiceServer", self.server)

    def _client(self) -> str | None:
        """Who asks; a stranger is sent away."""
        connection: Any = self.connection
        name = self._server.identity.client(connection.getpeercert())
        if name is None:
            structlog.get_logger().warning("unknown_client", address=self.client_address[0])
            self._send(Answer(HTTPStatus.FORBIDDEN))
        return name

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
