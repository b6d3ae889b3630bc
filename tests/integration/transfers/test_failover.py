"""Keepers of treasuries on one PostgreSQL, with default settings: one is killed or frozen (C1)."""

from __future__ import annotations

import json
import signal
import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from scripts.network.accounts import TREASURY_KEEPER, test_account
from tests.integration.sending.conftest import NewDatabase
from tests.integration.support.processes import PATIENCE, Child, python, running
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.conftest import KeeperOf
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM
from tests.support.deep import IS_DEEP

pytestmark = pytest.mark.deep

KILLS = 10 if IS_DEEP else 2
MOST_SECONDS = 10.0
"""Time within which another keeper resumes the transfers."""

RUN = ("run", "--arm", "--vault", "treasury", "--listen", "127.0.0.1:0", "--log-format", "json")
SIX = 10**6


@contextmanager
def keeping(keeper: TreasuryKeeper) -> Generator[Child]:
    """Start a keeper process that listens on its own port."""
    command = python("keepers.cli", *RUN)
    with running(command, environment=ENVIRONMENT, folder=keeper.folder) as child:
        yield child


def order(number: int) -> Order:
    return Order("CCTP", "USDC", ETHEREUM, ARBITRUM, (1_000 + number) * SIX, nonce=number + 1)


def until(holds: Callable[[], bool]) -> float:
    """Wait until a condition holds; return the time."""
    for _ in range(int(PATIENCE / 0.05)):
        if holds():
            return time.monotonic()
        time.sleep(0.05)
    raise AssertionError("it never came")


def readiness(child: Child) -> dict[str, Any]:
    url = json.loads(child.wait_for('"listening"'))["url"]
    child.wait_for('"ready"')
    with urlopen(f"{url}/readyz", timeout=10) as answer:  # noqa: S310 - our own
        return json.loads(answer.read())["vaults"]["treasury"]


def left(keeper: TreasuryKeeper) -> bool:
    """Return whether the newest transfer was sent and waits for its bridge."""
    newest = max(keeper.transfers(), key=lambda each: each.new.terms.nonce)
    return newest.position.text.startswith("CROSS") and not newest.has_ended


def places(keeper: TreasuryKeeper) -> list[str]:
    return [each.position.text for each in keeper.transfers()]


def ended(keeper: TreasuryKeeper) -> bool:
    return all(each.has_ended for each in keeper.transfers())


@pytest.mark.parametrize("new_url", ["postgres"], indirect=True)
def test_killed__another_keeper_goes_on_with_its_transfer_in_time(
    keeper_of: KeeperOf, new_url: NewDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds: list[float] = []
    with keeper_of(new_url()) as keeper:
        for number in range(KILLS):
            keeper.begin(order(number))
            with keeping(keeper) as first:
                first.wait_for("vault_active")
                with keeping(keeper) as second:
                    document = readiness(second)
                    assert document["mode"] == "standby"
                    assert f":{first.pid}:" in document["waits_for"]
                    until(lambda: left(keeper))
                    first.kill()
                    killed, before = time.monotonic(), places(keeper)
                    keeper.treasuries.bridges.deliver()
                    seconds.append(until(lambda was=before: places(keeper) != was) - killed)
                    until(lambda: ended(keeper))
                    assert second.err.count('"vault_standing_by"') <= 2, second.err
                    second.terminate()
                    assert second.wait() == 0
    with capsys.disabled():
        median = statistics.median(seconds)
        print(f"\n{KILLS} kills: {median:.1f} s (median), {max(seconds):.1f} s (worst)")  # noqa: T201 - measured
    assert max(seconds) < MOST_SECONDS


@pytest.mark.parametrize("new_url", ["postgres"], indirect=True)
def test_frozen_past_its_leases_and_woken__sends_and_writes_nothing(
    keeper_of: KeeperOf, new_url: NewDatabase
) -> None:
    with keeper_of(new_url()) as keeper:
        keeper.begin(order(0))
        with keeping(keeper) as first:
            first.wait_for("vault_active")
            with keeping(keeper) as second:
                until(lambda: left(keeper))
                first.stop()
                second.wait_for("vault_active")
                keeper.treasuries.bridges.deliver()
                until(lambda: ended(keeper))
                sent = transactions(keeper)
                events = written(keeper)
                first.send(signal.SIGCONT)
                first.wait_for("vault_standing_by")
                assert transactions(keeper) == sent
                assert written(keeper) == events
                epochs = query(keeper, "SELECT scope, epoch FROM events ORDER BY event_id")
                for scope in {each for each, _ in epochs if each is not None}:
                    mine = [epoch for each, epoch in epochs if each == scope]
                    assert mine == sorted(mine)


def query(keeper: TreasuryKeeper, sql: str) -> list[Any]:
    ledger = keeper.ledger()
    try:
        return [tuple(row) for row in ledger.read(lambda c: c.execute(text(sql)).all())]
    finally:
        ledger.close()


def written(keeper: TreasuryKeeper) -> list[Any]:
    """Return the ids of the events of transfers and transactions."""
    things = "('transfers', 'intents', 'nonce_slots', 'slot_attempts', 'run_steps')"
    return query(keeper, f"SELECT event_id FROM events WHERE entity IN {things} ORDER BY event_id")  # noqa: S608 - ours


def transactions(keeper: TreasuryKeeper) -> list[int]:
    """Return the number of transactions of the keeper's key on each chain."""
    account = test_account(TREASURY_KEEPER).address
    return [
        chain.web3.eth.get_transaction_count(account) for chain in keeper.treasuries.chains.values()
    ]
