"""The HTTP server of instructions: a few connections at a time, short requests, JSON answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, cast

from keepers.web.bounded import BoundedServer, serving
from keepers.web.instructions import NOWHERE, Request, failure
from keepers.web.server import DEADLINE, PATIENCE, Answer

LONGEST_REQUEST = 1 << 18
"""Bytes of a body."""

MOST_DIGITS = 20
"""Of a length; more would be slow to read."""

MOST_CONNECTIONS = 8


class Answering(Protocol):
    """What answers requests; it is called in several threads at once."""

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        ...


class InstructionServer(BoundedServer):
    """Listens from the moment that it is made; requests that are begun are answered."""

    daemon_threads = False
    request_queue_size = MOST_CONNECTIONS
    deadline = DEADLINE

    def __init__(self, address: tuple[str, int], service: Answering) -> None:
        self.service = service
        super().__init__(address, _Handler, MOST_CONNECTIONS)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Answer, within the deadline."""
        ending = threading.Timer(self.deadline, _break_off, (request,))
        ending.start()
        try:
            super().finish_request(request, client_address)
        finally:
            ending.cancel()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Connections break, which concerns nobody else."""


def _break_off(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One request; the connection ends with it."""

    timeout = PATIENCE

    def do_GET(self) -> None:
        """How an instruction stands."""
        self._answer(b"")

    def do_POST(self) -> None:
        """An instruction."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            self._send(failure(HTTPStatus.LENGTH_REQUIRED, "send the header Content-Length"))
        elif len(length) > MOST_DIGITS or int(length) > LONGEST_REQUEST:
            problem = f"an instruction has at most {LONGEST_REQUEST} bytes; send several"
            self._send(failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, problem))
        else:
            self._take(int(length))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Errors of the protocol, in JSON as all others."""
        del explain
        status = HTTPStatus(code)
        self._send(failure(status, f"{message or status.phrase}; {NOWHERE}"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base's
        """The service logs for itself, without headers."""

    def version_string(self) -> str:
        """Not which Python this is."""
        return "ballast"

    def _take(self, length: int) -> None:
        body = self.rfile.read(length)
        if len(body) == length:
            self._answer(body)
        else:
            problem = "the body ended before its Content-Length; send all of it again"
            self._send(failure(HTTPStatus.BAD_REQUEST, problem))

    def _answer(self, body: bytes) -> None:
        service = cast("InstructionServer", self.server).service
        request = Request(
            method=self.command,
            path=self.path.partition("?")[0],
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            client=self.client_address[0],
        )
        self._send(service.answer(request))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


@contextmanager
def serving_instructions(host: str, port: int, service: Answering) -> Generator[str]:
    """Serve in a thread, and answer what was begun before the end.

    Yields:
        The URL.

    Raises:
        ListenError: The address cannot be used.
    """
    with serving(
        host, port, lambda address: InstructionServer(address, service), "treasury.http"
    ) as url:
        yield url
