"""The service as a real process: ticks, signals, kills, replicas, pages, and systemd."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import select

from keepers.model.chain_events import BlockCursor, Deposit
from keepers.store.chain_events import keep_deposits
from keepers.store.pauses import pause, resume
from keepers.store.tables import deposits, leases, ticks
from tests.integration.service.conftest import Service
from tests.integration.support.processes import Child, crash_at
from tests.support.deep import sampled

pytestmark = pytest.mark.deep

KILLED = -signal.SIGKILL


def states(service: Service) -> list[tuple[str, str]]:
    """Return schedules and states of all ticks but the first of each schedule."""
    ledger = service.ledger()
    began = ticks.c.reason.is_distinct_from("the schedule starts here")
    query = select(ticks.c.schedule, ticks.c.state).where(began).order_by(ticks.c.tick_id)
    found = ledger.read(lambda c: [(row.schedule, row.state) for row in c.execute(query)])
    ledger.close()
    return found


def url_of(child: Child) -> str:
    return json.loads(child.wait_for('"listening"'))["url"]


def get(url: str) -> tuple[int, Any]:
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own
            text = answer.read().decode()
            return answer.status, json.loads(text) if text.startswith("{") else text
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_missed_ticks__are_made_up_for_once__also_over_a_restart(service: Service) -> None:
    service.missed("liquidity", "threshold", "daily")
    with service.start() as child:
        child.wait_for("check main LIQUIDITY weekly=False")
        child.wait_for("check main THRESHOLD")
        child.wait_for("check main SCHEDULED weekly=True")
        child.wait_for("main:daily.*check_done")
        child.terminate()
        assert child.wait() == 0
    assert [state for _, state in states(service)] == ["SKIPPED"] * 3
    with service.start() as child:
        child.wait_for('"ready"')
        child.terminate()
        assert child.wait() == 0
    assert "check main" not in child.err


def test_sigterm__gives_the_lease_back(service: Service) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with service.start() as child:
            child.wait_for("vault_active")
            child.send(number)
            assert child.wait() == 0
            assert "stopped" in child.err
    ledger = service.ledger()
    assert ledger.read(lambda c: c.scalars(select(leases.c.state)).all()) == ["FREE"]
    ledger.close()


def test_sigterm__check_does_not_end__is_left_to_the_next_start(service: Service) -> None:
    service.configure(stop=1)
    service.missed("liquidity")
    with service.start(KEEPER_STUCK="main") as child:
        child.wait_for("check main LIQUIDITY")
        child.terminate()
        assert child.wait() == 0
        child.wait_for("left_to_the_next_start")
    assert states(service) == [("main:liquidity", "CLAIMED")]
    with service.start() as child:
        child.wait_for("tick_taken_up")
        child.wait_for("check_done")
    assert states(service) == [("main:liquidity", "SKIPPED")]


def test_second_signal__ends_at_once(service: Service) -> None:
    service.missed("liquidity")
    with service.start(KEEPER_STUCK="main") as child:
        child.wait_for("check main LIQUIDITY")
        child.terminate()
        child.wait_for('"stopping"')
        child.terminate()
        assert child.wait() == -signal.SIGTERM


POINTS = (
    *("before_claim_tick", "inside_claim_tick", "after_claim_tick"),
    *("before_open_run", "after_open_run", "inside_close_run", "after_close_run"),
    *("before_finish_tick", "inside_finish_tick", "after_finish_tick"),
)
OVER = {"after_close_run", "before_finish_tick", "inside_finish_tick", "after_finish_tick"}
"""Points at which the run has ended: after a kill here, no work is left."""


@pytest.mark.parametrize("point", sampled(POINTS, 1))
def test_killed__anywhere__the_tick_is_finished_once_and_its_events_are_given_once(
    service: Service, point: str
) -> None:
    service.configure(lease=1)
    service.missed("events")
    ledger = service.ledger()
    block = BlockCursor(7, "0x07")
    deposit = Deposit(block, 0, 5)
    ledger.transact("found", lambda w: keep_deposits(w, "main", 1, [deposit], block))
    with service.start(KEEPER_RUNS="1", **crash_at(point)) as child:
        assert child.wait() == KILLED
    with service.start(KEEPER_RUNS="1") as child:
        if point in OVER:
            child.wait_for('"ready"')
            assert "check main" not in child.err
        else:
            child.wait_for("check main EVENT weekly=False events=1")
            child.wait_for("check_done")
        child.terminate()
        assert child.wait() == 0
    assert states(service) == [("main:events", "RUN")]
    given = ledger.read(
        lambda c: c.execute(
            select(deposits.c.run_id, ticks.c.run_id).join(
                ticks, ticks.c.run_id == deposits.c.run_id
            )
        ).all()
    )
    assert len(given) == 1
    ledger.close()


def test_replica__stands_by_and_takes_over_what_was_claimed(service: Service) -> None:
    service.configure(lease=1)
    service.missed("liquidity")
    with service.start(KEEPER_STUCK="main") as first:
        first.wait_for("check main LIQUIDITY")
        with service.start() as second:
            second.wait_for("vault_standing_by")
            assert '"error"' not in second.err
            assert first.kill() == KILLED
            second.wait_for("vault_active")
            second.wait_for("tick_taken_up")
            second.wait_for("check_done")
    assert states(service) == [("main:liquidity", "SKIPPED")]


def test_standby__is_ready(service: Service) -> None:
    with service.start() as first:
        first.wait_for("vault_active")
        with service.start() as second:
            url = url_of(second)
            second.wait_for('"ready"')
            status, document = get(f"{url}/readyz")
            assert (status, document["vaults"]["main"]["mode"]) == (200, "standby")


def test_check_fails__vault_is_not_ready_and_says_which(service: Service) -> None:
    service.missed("liquidity")
    with service.start(KEEPER_REFUSED="main") as child:
        url = url_of(child)
        child.wait_for("vault_failing")
        status, document = get(f"{url}/readyz")
    assert status == 503
    assert (
        document["vaults"]["main"]["reason"]
        == "failing checks: liquidity; see the log for the reasons"
    )


@pytest.mark.parametrize("how", ["KEEPER_FAILING", "KEEPER_BROKEN"])
def test_failing_vault__does_not_stop_the_other(service: Service, how: str) -> None:
    for vault in ("main", "other"):
        service.missed("liquidity", vault=vault)
    with service.start("main", "other", **{how: "main"}) as child:
        child.wait_for("other:liquidity.*check_done")
        assert "check other LIQUIDITY" in child.err
        child.terminate()
        assert child.wait() == 0
    failed = "vault_failing" if how == "KEEPER_FAILING" else "unexpected_error"
    assert failed in child.err
    assert states(service)[-1] == ("other:liquidity", "SKIPPED")


def test_pages__tell_how_it_stands(service: Service) -> None:
    service.missed("liquidity")
    with service.start() as child:
        url = url_of(child)
        child.wait_for('"ready"')
        assert get(f"{url}/healthz")[0] == 200
        status, document = get(f"{url}/readyz")
        assert (status, document["ready"], document["reasons"]) == (200, True, [])
        assert document["vaults"]["main"]["mode"] == "active"
        status, text = get(f"{url}/metrics")
        assert 'ballast_ticks_total{outcome="nothing",schedule="liquidity",vault="main"} 1' in text
        assert 'ballast_vault_active{vault="main"} 1' in text
        assert "ballast_heartbeat_timestamp_seconds" in text
        for name in ("notifications_waiting", "notifications_oldest_seconds"):
            assert f"\nballast_{name} 0.0" in text
        assert 'ballast_notices_open{severity="critical"} 0.0' in text
        ledger = service.ledger()
        ledger.transact("pause", lambda w: pause(w, "all", "a test", "me"))
        child.wait_for("not_ready")
        status, document = get(f"{url}/readyz")
        assert (status, document["reasons"]) == (503, ["all is paused: a test"])
        ledger.transact("resume", lambda w: resume(w, "all", "me"))
        ledger.close()
        child.wait_for('"ready"')


def test_node_away__is_not_ready_and_alive(service: Service) -> None:
    service.node = "http://127.0.0.1:1/secret-key-of-mine"
    service.configure()
    with service.start() as child:
        url = url_of(child)
        child.wait_for("vault_active")
        assert get(f"{url}/healthz")[0] == 200
        status, document = get(f"{url}/readyz")
        assert status == 503
        assert any(reason.startswith("chain local") for reason in document["reasons"])
        assert "secret-key-of-mine" not in json.dumps(document) + child.err


def test_port_in_use__says_so(service: Service) -> None:
    with service.start() as first:
        port = url_of(first).rpartition(":")[2]
        text = service.file.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}")
        service.file.write_text(text)
        with service.start() as second:
            assert second.wait() == 1
            assert "cannot listen" in second.err


@contextmanager
def listening(folder: Path) -> Generator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        path = str(folder / "notify")
        receiver.bind(path)
        receiver.settimeout(60)
        yield receiver, path


def test_systemd__is_told_of_ready_alive_and_stopping(service: Service, tmp_path: Path) -> None:
    with listening(tmp_path) as (receiver, path):
        told = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}
        with service.start(**told) as child:
            heard = {receiver.recv(100).decode() for _ in range(3)}
            assert heard == {"READY=1", "WATCHDOG=1"}
            child.terminate()
            while "STOPPING=1" not in heard:
                heard.add(receiver.recv(100).decode())
            assert child.wait() == 0
