"""Tests of the server behind the services: strangers can neither block nor fill it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from keepers.model.errors.signing import KeyUnusableError, SignerUnreachableError
from keepers.signing.https import Endpoint, Identity
from keepers.web.server import HttpReply, serving
from keepers.web.tls import LIMITS, ServerIdentity, key_server
from tests.integration.support.pki import Authority

SECONDS = 10.0
Start = Callable[..., int]
"""Start a server; return its port."""


class Echo:
    """Handler that returns the request's body; it fails for `defect`."""

    def answer(self, path: str, body: bytes, client: str) -> HttpReply:
        del path
        if body == b"defect":
            raise AssertionError(client)
        return HttpReply(HTTPStatus.OK, body)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> ServerIdentity:
    folder = tmp_path_factory.mktemp("server")
    authority = Authority(folder, "authority")
    server = authority.issue("server", password="open sesame")
    authority.issue("keeper")
    return ServerIdentity(
        certificate=server.certificate,
        key=server.key,
        password="open sesame",
        authority=authority.certificate,
        clients=frozenset({"keeper"}),
    )


@pytest.fixture
def start(identity: ServerIdentity) -> Generator[Start]:
    with ExitStack() as stack:

        def begin(**limits: Any) -> int:
            server = key_server(identity, Echo(), replace(LIMITS, **limits))
            url = stack.enter_context(serving(server, "127.0.0.1", 0))
            return int(url.rpartition(":")[2])

        yield begin


def endpoint(port: int, identity: ServerIdentity) -> Endpoint:
    folder = identity.authority.parent
    shown = Identity(certificate=folder / "keeper.pem", key=folder / "keeper.key")
    url = f"https://127.0.0.1:{port}"
    return Endpoint(url=url, seconds=SECONDS, authority=identity.authority, identity=shown)


def plain(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def ended(connection: socket.socket) -> bool:
    """Return whether the other side closes the connection; raise TimeoutError if it does not."""
    with suppress(ConnectionError, ssl.SSLError):
        while connection.recv(1000):
            pass
    return True


def test_answer__known_client__is_answered(start: Start, identity: ServerIdentity) -> None:
    assert endpoint(start(), identity).post(b'{"a": 1}') == b'{"a": 1}'


def test_answer__defect_in_the_service__ends_one_connection(
    start: Start, identity: ServerIdentity
) -> None:
    reached = endpoint(start(), identity)
    with pytest.raises(SignerUnreachableError):
        reached.post(b"defect")
    assert reached.post(b"{}") == b"{}"


def test_deadline__stranger_who_never_shakes_hands__is_broken_off(start: Start) -> None:
    with plain(start(deadline=0.2)) as connection:
        assert ended(connection)


def test_deadline__client_who_never_ends_its_request__is_broken_off(
    start: Start, identity: ServerIdentity
) -> None:
    folder = identity.authority.parent
    context = ssl.create_default_context(cafile=identity.authority)
    context.load_cert_chain(folder / "keeper.pem", folder / "keeper.key")
    with context.wrap_socket(plain(start(deadline=0.5)), server_hostname="127.0.0.1") as secure:
        secure.sendall(b"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n12")
        assert ended(secure)


def test_connections__more_than_there_may_be__are_turned_away(
    start: Start, identity: ServerIdentity
) -> None:
    server = start(connections=1)
    with plain(server), plain(server) as second:
        assert ended(second)
    # The first connection is closed; its place is free once its thread has noticed that.
    reached = endpoint(server, identity)
    for _ in range(100):
        with suppress(SignerUnreachableError):
            assert reached.post(b"{}") == b"{}"
            return
    pytest.fail("the place was not given back")


def test_identity__file_that_cannot_be_used__is_named(
    identity: ServerIdentity, tmp_path: Path
) -> None:
    for changed in (
        replace(identity, password="please"),
        replace(identity, authority=tmp_path / "none.pem"),
        replace(identity, certificate=tmp_path / "none.pem"),
    ):
        with pytest.raises(KeyUnusableError, match="cannot be read"):
            key_server(changed, Echo())
    assert "open sesame" not in repr(identity)
