"""A small HTTP server for health, readiness and metrics; bind it to an address that you trust."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from keepers.web.bounded import BoundedServer, serving

PATIENCE = 10.0
"""Seconds that a connection may stand still."""

MOST_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered to a GET."""

    status: HTTPStatus
    kind: str
    body: bytes


Pages = Mapping[str, Callable[[], Page]]
"""Pages by their paths; they are made in the server's threads."""


class StatusServer(BoundedServer):
    """Answers GET requests, a few at a time."""

    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, address: tuple[str, int], pages: Pages) -> None:
        self.pages = pages
        super().__init__(address, _Handler, MOST_CONNECTIONS)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Connections break, which concerns nobody else."""


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE

    def do_GET(self) -> None:
        """A page, or none."""
        make = cast("StatusServer", self.server).pages.get(self.path.partition("?")[0])
        nothing = Page(HTTPStatus.NOT_FOUND, "text/plain", b"no such page\n")
        page = nothing if make is None else make()
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base's
        """Being asked is not worth a line."""

    def version_string(self) -> str:
        """Not which Python this is."""
        return "ballast"


@contextmanager
def serving_pages(host: str, port: int, pages: Pages) -> Generator[str]:
    """Serve pages in a thread.

    Args:
        host: The address to listen at.
        port: The port; 0 takes a free one.
        pages: What to answer.

    Yields:
        The URL.

    Raises:
        ListenError: The address cannot be used.
    """
    with serving(host, port, lambda address: StatusServer(address, pages)) as url:
        yield url
