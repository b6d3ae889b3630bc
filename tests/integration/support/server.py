"""Small HTTP server in this process, over TLS if it has certificates."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[bytes, Mapping[str, str]], tuple[int, bytes]]
"""Function from body and headers of a request to status and body."""


def always(status: int, body: bytes) -> Answer:
    """Return an answer that is the same for every request."""

    def answer(asked: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        del asked, headers
        return status, body

    return answer


class DropConnection(Exception):  # noqa: N818 - a request to the server, not a failure
    """Raised by an answer: the connection is closed without a response."""


class QuietServer(ThreadingHTTPServer):
    """Server that logs no broken connections, which are intended in these tests."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Generator[str]:
    """Run a server that answers every POST; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status, said = answer(body, dict(self.headers.items()))
            except DropConnection:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            del format, args

    server = QuietServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
