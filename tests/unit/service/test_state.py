"""Tests of the service's state: alive, ready, and the reasons if it is not ready."""

from __future__ import annotations

import pytest

from keepers.config.service import address_of
from keepers.model.chain import NodeHealth, NodeRole, NodeState
from keepers.model.transaction_records import Pause
from keepers.runtime.service.probes import notify, watchdog_seconds
from keepers.runtime.service.state import ServiceState, VaultMode
from tests.unit.store.ledger.samples import NOON

WELL = NodeHealth(node="a", role=NodeRole.READER, state=NodeState.HEALTHY, head=7)
AWAY = NodeHealth(node="b", role=NodeRole.READER, state=NodeState.FAILING, reason="b is away")


class Time:
    """Clock set by a test."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def state(time: Time) -> ServiceState:
    """State of a healthy service."""
    made = ServiceState(["main"], {"local": 1}, heartbeat_seconds=60, clock=time)
    made.vault("main", VaultMode.ACTIVE)
    made.chain("local", (WELL, AWAY))
    made.database(None, ())
    return made


def reasons(state: ServiceState) -> list[str]:
    ready, document = state.readiness()
    assert ready == document["ready"] == (not document["reasons"])
    return document["reasons"]


def test_start__nothing_is_known__is_not_ready() -> None:
    state = ServiceState(["main"], {"local": 1}, heartbeat_seconds=60)
    assert [reason.partition(":")[0] for reason in reasons(state)] == [
        "database",
        "chain local",
        "vault main",
    ]


def test_everything_well__is_ready(state: ServiceState) -> None:
    assert reasons(state) == []
    state.vault("main", VaultMode.STANDBY, "another has it")
    assert reasons(state) == []


def test_heartbeat__exactly_so_old__is_one(state: ServiceState, time: Time) -> None:
    time.seconds = 60
    assert state.health()[0]
    time.seconds = 60.1
    assert not state.health()[0]
    assert reasons(state) == ["the loop has stalled"]
    state.beat()
    assert state.health()[0]


def test_each_trouble__is_a_reason(state: ServiceState) -> None:
    state.chain("local", (AWAY,))
    state.vault("main", VaultMode.FAILING, "no key")
    state.database("disk full", ())
    assert reasons(state) == [
        "database: disk full",
        "chain local: 0 of 1 nodes: b is away",
        "vault main: failing: no key",
    ]


def test_node_that_only_sends__does_not_count(state: ServiceState) -> None:
    relay = NodeHealth(node="r", role=NodeRole.SEND_ONLY, state=NodeState.HEALTHY)
    state.chain("local", (AWAY, relay))
    assert reasons(state) == ["chain local: 0 of 1 nodes: b is away"]


def test_pause__is_a_reason(state: ServiceState) -> None:
    state.database(None, (Pause(scope="all", reason="audit", paused_by="me", paused_at=NOON),))
    assert reasons(state) == ["all is paused: audit"]


def test_vault__said_again__is_no_news(state: ServiceState) -> None:
    assert state.vault("main", VaultMode.FAILING, "no key")
    assert not state.vault("main", VaultMode.FAILING, "no key")
    assert state.vault("main", VaultMode.FAILING, "no node")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:80", ("localhost", 80)),
        ("9464", None),
        (":9464", None),
        ("127.0.0.1", None),
        ("127.0.0.1:99999", None),
        ("127.0.0.1:1/x", None),
    ],
)
def test_listen__is_an_address_and_a_port(text: str, address: tuple[str, int] | None) -> None:
    assert address_of(text) == address


def test_systemd__is_not_there__nothing_is_sent() -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": "/nowhere/at/all"})


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_watchdog__is_told_twice_as_often_as_it_waits(
    environment: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_seconds(environment) == seconds
