"""Tests of the page server: responses, headers, and the limit of clients at a time."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Generator
from contextlib import ExitStack
from http import HTTPStatus

import pytest

from keepers.model.errors.run import ListenError
from keepers.web.pages import LIMITS, serving_pages
from keepers.web.server import HttpReply

SECONDS = 30


def failing() -> HttpReply:
    raise AssertionError


@pytest.fixture
def address() -> Generator[tuple[str, int]]:
    pages = {
        "/healthz": lambda: HttpReply(HTTPStatus.SERVICE_UNAVAILABLE, b"{}\n"),
        "/failing": failing,
    }
    with serving_pages("127.0.0.1", 0, pages) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def ask(address: tuple[str, int], method: str, path: str) -> http.client.HTTPResponse:
    client = http.client.HTTPConnection(*address, timeout=SECONDS)
    client.request(method, path)
    return client.getresponse()


def test_page__has_its_status_kind_and_body_and_ends_the_connection(
    address: tuple[str, int],
) -> None:
    answer = ask(address, "GET", "/healthz?verbose=1")
    assert (answer.status, answer.read()) == (503, b"{}\n")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == "3"
    assert answer.headers["Server"] == "ballast"
    assert answer.will_close


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/healthz/", 404), ("POST", "/healthz", 501), ("HEAD", "/", 501)],
)
def test_page__that_is_none__says_so(
    address: tuple[str, int], method: str, path: str, status: int
) -> None:
    answer = ask(address, method, path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/plain"
    if (method, status) == ("GET", 404):
        assert answer.read() == b"no such page\n"


def test_page__that_fails__ends_one_connection(address: tuple[str, int]) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        ask(address, "GET", "/failing")
    assert ask(address, "GET", "/healthz").status == 503


def test_connections__one_too_many__is_turned_away(address: tuple[str, int]) -> None:
    with ExitStack() as stack:
        for _ in range(LIMITS.connections):
            stack.enter_context(socket.create_connection(address, timeout=SECONDS))
        late = stack.enter_context(socket.create_connection(address, timeout=SECONDS))
        assert late.recv(1) == b""


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_address__that_is_taken__is_named(host: str) -> None:
    with serving_pages(host, 0, {}) as url:
        port = int(url.rpartition(":")[2])
        with (
            pytest.raises(ListenError, match="Address already in use"),
            serving_pages(host, port, {}),
        ):
            pass


def test_address__beyond_all_ports__is_named() -> None:
    with pytest.raises(ListenError), serving_pages("127.0.0.1", 99_999, {}):
        pass
