"""Half-open connections to the database and to a node: nothing comes back, not even an error."""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import make_url, select

from keepers.model.errors.run import StoreUnavailableError
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.tables import leases
from tests.integration.service.conftest import Service
from tests.integration.service.test_service import get, url_of
from tests.integration.support.bare import BareChain
from tests.integration.support.tcp_proxy import TcpProxy, tcp_proxy, to_tcp, to_unix
from tests.support.sqlite import locked

END_SECONDS = 5.0
"""Maximum time of a keeper's end after SIGTERM, whatever hangs."""

ANSWER_SECONDS = 15.0
"""Time after which a missing response is an error."""


@pytest.fixture
def database_proxy(server_url: object, request: pytest.FixtureRequest) -> Generator[TcpProxy]:
    """A proxy in front of a PostgreSQL server."""
    assert callable(server_url)
    folder = make_url(str(request.getfixturevalue("database_url"))).query["host"]
    with tcp_proxy(partial(to_unix, f"{folder}/.s.PGSQL.5432")) as proxy:
        yield proxy


@pytest.fixture
def database_url(server_url: object) -> str:
    """URL of a new database on the server."""
    assert callable(server_url)
    return str(server_url())


@pytest.fixture
def proxied(
    database_url: str, database_proxy: TcpProxy, node: BareChain, tmp_path: Path
) -> Service:
    """Service that reaches its database only through the proxy."""
    url = make_url(database_url).set(host="127.0.0.1", port=database_proxy.port, query={})
    made = Service(tmp_path, url.render_as_string(hide_password=False), node.url)
    made.configure(lease=6, stop=3)
    return made


def test_database_half_open__a_statement_fails_in_time_and_works_again_afterwards(
    proxied: Service, database_proxy: TcpProxy
) -> None:
    ledger = Database(connect(proxied.database))
    ledger.now()
    database_proxy.swallow()
    started = time.monotonic()
    with pytest.raises(StoreUnavailableError, match="no response from the server"):
        ledger.now()
    with pytest.raises(StoreUnavailableError):
        ledger.now()  # a new connection does not get through either
    assert time.monotonic() - started < ANSWER_SECONDS + 5
    database_proxy.heal()
    ledger.now()
    ledger.close()


def test_database_half_open__keeper_is_not_ready_and_ends_in_time(
    proxied: Service, database_proxy: TcpProxy
) -> None:
    with proxied.start() as child:
        url = url_of(child)
        child.wait_for('"ready"')
        database_proxy.swallow()
        child.wait_for("not_ready", timeout=30)
        assert get(f"{url}/readyz")[0] == 503
        started = time.monotonic()
        child.terminate()
        assert child.wait() == 0
        assert time.monotonic() - started < END_SECONDS


def test_database_half_open__told_to_end_at_once__ends_in_time(
    proxied: Service, database_proxy: TcpProxy
) -> None:
    with proxied.start() as child:
        child.wait_for('"ready"')
        database_proxy.swallow()
        started = time.monotonic()
        child.terminate()
        assert child.wait() == 0
        assert time.monotonic() - started < END_SECONDS


def test_database_half_open__is_back__keeper_goes_on_within_seconds(
    proxied: Service, database_proxy: TcpProxy
) -> None:
    proxied.configure(lease=6, stop=3, retry=60)
    with proxied.start() as child:
        child.wait_for("vault_active")
        database_proxy.swallow()
        child.wait_for("vault_failing|vault_standing_by")
        database_proxy.heal()
        started = time.monotonic()
        child.wait_for("vault_active")
        assert time.monotonic() - started < ANSWER_SECONDS


def test_node_half_open__keeper_is_not_ready_and_ends_in_time(
    service: Service, node: BareChain
) -> None:
    parts = urlsplit(node.url)
    with tcp_proxy(partial(to_tcp, str(parts.hostname), int(parts.port or 0))) as proxy:
        service.node = f"http://127.0.0.1:{proxy.port}"
        service.configure(stop=3)
        with service.start() as child:
            child.wait_for('"ready"')
            proxy.swallow()
            child.wait_for("not_ready")
            started = time.monotonic()
            child.terminate()
            assert child.wait() == 0
            assert time.monotonic() - started < END_SECONDS
    ledger = service.ledger()
    assert ledger.read(lambda c: c.scalars(select(leases.c.state)).all()) == ["FREE"]
    ledger.close()


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_database_file_locked_by_another_process__keeper_ends_in_time(service: Service) -> None:
    service.configure(stop=3)
    with service.start() as child:
        child.wait_for('"ready"')
        with locked(service.database):
            child.wait_for("not_ready", timeout=30)
            started = time.monotonic()
            child.terminate()
            assert child.wait() == 0
            assert time.monotonic() - started < END_SECONDS
