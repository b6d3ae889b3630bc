"""TCP proxy that can swallow packets: sent data is acknowledged, and nothing comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

CHUNK = 65_536


class TcpProxy:
    """Proxy that forwards connections to a server, until it is set to swallow their data."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._passing = threading.Event()
        self._passing.set()
        self._open: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        """Its port on 127.0.0.1."""
        return self._listener.getsockname()[1]

    def swallow(self) -> None:
        """Forward nothing from now on; connections stay open, and new ones are accepted."""
        self._passing.clear()

    def heal(self) -> None:
        """Forward again; swallowed data is lost with its connections."""
        self._close_all()
        self._passing.set()

    def close(self) -> None:
        """Stop listening, and close open connections."""
        self._listener.close()
        self._close_all()

    def _close_all(self) -> None:
        taken, self._open = self._open, []
        for each in taken:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = self._connect()
            except OSError:
                return
            self._open += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if not self._passing.is_set():
                    continue
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def to_tcp(host: str, port: int) -> socket.socket:
    """Connect to a server at an address."""
    return socket.create_connection((host, port))


def to_unix(path: str) -> socket.socket:
    """Connect to a server at a Unix socket."""
    made = socket.socket(socket.AF_UNIX)
    made.connect(path)
    return made


@contextmanager
def tcp_proxy(connect: Callable[[], socket.socket]) -> Generator[TcpProxy]:
    """Run a proxy in threads of this process; `connect` opens connections to the server behind."""
    proxy = TcpProxy(connect)
    try:
        yield proxy
    finally:
        proxy.close()
