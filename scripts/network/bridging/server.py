"""Small HTTP server in this process, with a record of its requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Hang(Exception):  # noqa: N818 - a request to the server, not a failure
    """Raised to close the connection without a response."""


@dataclass(frozen=True)
class Asked:
    """HTTP request; `query` includes the fields of a form, and `raw` has both unparsed."""

    method: str
    path: str
    query: Mapping[str, str]
    raw: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """Response: JSON, or raw bytes."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def encoded(self) -> bytes:
        """Return the bytes of the response."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Fault = Callable[[Callable[[], Reply]], Reply]
"""Handler of a request; its argument is the undisturbed handler."""


@dataclass(eq=False)
class Rule:
    """Fault for requests whose path contains `part`; `left` is None for a permanent one."""

    part: str
    fault: Fault
    left: int | None


class Counterpart:
    """Local service; its state may be changed while requests are open."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.lock = threading.RLock()
        self._rules: list[Rule] = []

    def handle(self, asked: Asked) -> Reply:
        """Respond like the real service."""
        raise NotImplementedError

    def when(self, part: str, fault: Fault, *, times: int | None = None) -> None:
        """Apply a fault to the next requests whose path contains `part`, or to all."""
        with self.lock:
            self._rules.append(Rule(part, fault, times))

    def heal(self) -> None:
        """Forget all faults."""
        with self.lock:
            self._rules.clear()

    def reset(self) -> None:
        """Forget faults, requests and state."""
        with self.lock:
            self.heal()
            self.asked.clear()
            self.forget()

    def forget(self) -> None:
        """Forget the state."""
        raise NotImplementedError

    def count(self, part: str, method: str = "") -> int:
        """Return the number of requests whose path contains `part`."""
        with self.lock:
            return sum(part in each.path and method in ("", each.method) for each in self.asked)

    def answer(self, asked: Asked) -> Reply:
        """Respond to one request, with the fault that applies to it."""
        with self.lock:
            self.asked.append(asked)
            rule = next((each for each in self._rules if _fits(each, asked)), None)
            if rule is not None and rule.left is not None:
                rule.left -= 1

        def proper() -> Reply:
            with self.lock:
                return self.handle(asked)

        return proper() if rule is None else rule.fault(proper)


def _fits(rule: Rule, asked: Asked) -> bool:
    return rule.part in asked.path and rule.left != 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore broken connections, which clients may cause."""


@contextmanager
def running(service: Counterpart, port: int = 0) -> Generator[str]:
    """Serve on this machine; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                reply = service.answer(_read(self.command, self.path, self.headers.items(), body))
            except Hang:
                self.close_connection = True
                return
            said = reply.encoded()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the base's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            del format, args

    server = _Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(method: str, target: str, headers: Any, body: bytes) -> Asked:  # noqa: ANN401 - items
    parts = urlsplit(target)
    text = body.decode()
    parsed: Any = None
    if text.startswith("{"):
        parsed, text = json.loads(text), ""
    raw = parts.query + text
    fields = dict(parse_qsl(raw, keep_blank_values=True))
    return Asked(method, parts.path, fields, raw, dict(headers), parsed)
