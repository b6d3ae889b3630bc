"""HTTP servers with a thread for each connection, and no more than so many."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from keepers.model.errors.service import ListenError

POLL_SECONDS = 0.1


class BoundedServer(ThreadingHTTPServer):
    """Listens from the moment that it is made, on IPv4 or IPv6; too many are turned away."""

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        most_connections: int,
    ) -> None:
        self._free = threading.BoundedSemaphore(most_connections)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's
        """Give a connection its thread, if there are not too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """In its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


@contextmanager
def serving(
    host: str,
    port: int,
    make: Callable[[tuple[str, int]], BoundedServer],
    section: str = "service",
) -> Generator[str]:
    """Serve plain HTTP in a thread.

    Args:
        host: The address to listen at.
        port: The port; 0 takes a free one.
        make: Makes the server.
        section: Of the settings that has the address.

    Yields:
        The URL.

    Raises:
        ListenError: The address cannot be used.
    """
    shown = f"[{host}]" if ":" in host else host
    try:
        server = make((host, port))
    except (OSError, OverflowError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise ListenError(f"{shown}:{port}", problem, section) from error
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://{shown}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
