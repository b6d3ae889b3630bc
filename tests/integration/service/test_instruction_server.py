"""The server of instructions with clients that are slow, too many, or send invalid requests."""

from __future__ import annotations

import json
import socket
from collections.abc import Generator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import pytest

from keepers.model.errors.run import ListenError
from keepers.web.connection import ServerLimits
from keepers.web.instructions import LIMITS, InstructionRequest, serving_instructions
from keepers.web.server import HttpReply

PATIENCE = 30
HEAD = b"POST /v1/instructions HTTP/1.1\r\nHost: keeper\r\n"


class Echo:
    """Handler that returns the length of the body."""

    def answer(self, request: InstructionRequest) -> HttpReply:
        return HttpReply(HTTPStatus.OK, json.dumps({"length": len(request.body)}).encode())


@pytest.fixture
def place() -> Generator[tuple[str, int]]:
    with serving_instructions("127.0.0.1", 0, Echo()) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def connected(place: tuple[str, int], stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(place, timeout=PATIENCE))


def said(place: tuple[str, int], sent: bytes) -> tuple[bytes, Any]:
    """Return the first line of a response, and its JSON."""
    with ExitStack() as stack:
        client = connected(place, stack)
        client.sendall(sent)
        with client.makefile("rb") as answer:
            head, _, body = answer.read().rpartition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], json.loads(body)


def test_request__with_a_body__is_answered(place: tuple[str, int]) -> None:
    head, told = said(place, HEAD + b"Content-Length: 3\r\n\r\nabc")
    assert b" 200 " in head
    assert told == {"length": 3}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
        (HEAD + b"Content-Length: -1\r\n\r\n", b" 411 "),
        (HEAD + b"Content-Length: 262145\r\n\r\n", b" 413 "),
        (HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", b" 413 "),
        (b"PUT /v1/instructions HTTP/1.1\r\nHost: keeper\r\n\r\n", b" 501 "),
        (b"GET /v1/instructions/1 HTTP/1.1\r\n\r\n", b" 400 "),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", b" 400 "),
        (HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n", b" 431 "),
        (HEAD + b"X: a\r\n" * 200 + b"\r\n", b" 431 "),
        (b"\x16\x03\x01nonsense\r\n", b" 400 "),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b" 414 "),
    ],
)
def test_nonsense__is_answered_in_json_with_what_to_do(
    place: tuple[str, int], sent: bytes, status: bytes
) -> None:
    head, told = said(place, sent)
    assert status in head
    assert told["error"]


def test_connections__one_too_many__is_turned_away_and_the_others_are_not(
    place: tuple[str, int],
) -> None:
    with ExitStack() as stack:
        clients = [connected(place, stack) for _ in range(LIMITS.connections)]
        assert connected(place, stack).recv(1) == b""
        clients[0].sendall(HEAD + b"Content-Length: 0\r\n\r\n")
        assert clients[0].recv(13) == b"HTTP/1.1 200 "


@pytest.mark.parametrize(
    "limits",
    [ServerLimits(connections=8, deadline=0.3), ServerLimits(connections=8, patience=0.3)],
    ids=["deadline", "patience"],
)
@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\nabc"])
def test_connection__that_stands_still__is_ended(limits: ServerLimits, sent: bytes) -> None:
    with serving_instructions("127.0.0.1", 0, Echo(), limits) as url, ExitStack() as stack:
        client = connected(("127.0.0.1", int(url.rpartition(":")[2])), stack)
        client.sendall(sent)
        with client.makefile("rb") as answer:
            assert answer.read() == b""


def test_body__that_ends_early__is_not_taken(place: tuple[str, int]) -> None:
    with ExitStack() as stack:
        client = connected(place, stack)
        client.sendall(HEAD + b"Content-Length: 9\r\n\r\nabc")
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answer:
            assert b" 400 " in answer.readline()


def test_address__that_is_taken__names_the_setting(place: tuple[str, int]) -> None:
    with (
        pytest.raises(ListenError, match=r"set listen of \[treasury.http\] to a free address"),
        serving_instructions(*place, Echo()),
    ):
        pass
