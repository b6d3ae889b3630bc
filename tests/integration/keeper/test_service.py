"""`ballast run` on a real vault: events of its chain lead to one run."""

from __future__ import annotations

import signal
from datetime import timedelta

from sqlalchemy import select

from keepers.model.chain_events import BlockCursor
from keepers.model.run import RunStatus
from keepers.store.chain_events import ChainEventRepository
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.tables import deposits, levels
from keepers.store.ticks import TickRepository, clock_lease
from tests.integration.support.keeper import VAULT, Keeper
from tests.support.sqlite import new_database

SCHEDULE = """
[schedule]
events = "0 0 1 1 *"
liquidity = "0 0 1 1 *"
threshold = "0 0 1 1 *"
daily = "0 0 1 1 *"

[service]
listen = "127.0.0.1:0"
look_seconds = "0.05"
"""


def prepare(keeper: Keeper) -> Database:
    """Store a missed tick of the events' schedule, and the newest block as the cursor."""
    file = keeper.folder / "ballast.toml"
    file.write_text(file.read_text() + SCHEDULE)
    ledger = Database(connect(new_database(keeper.folder / "ballast.sqlite")))
    lease = clock_lease(ledger, VAULT, holder="test", seconds=60)
    lease.acquire()
    ticks = TickRepository(ledger, VAULT, lease)
    ticks.begin(f"{VAULT}:events", ticks.now() - timedelta(days=500))
    chain = keeper.vault.chain
    head = chain.rpc("eth_getBlockByNumber", "latest", False)
    known = ChainEventRepository(ledger, VAULT, chain.chain_id, lease)
    known.keep((), BlockCursor(int(head["number"], 16), head["hash"]))
    lease.release()
    return ledger


def test_large_deposit__becomes_a_run_once(keeper: Keeper) -> None:
    ledger = prepare(keeper)
    for amount in (60_000, 60_000):
        keeper.vault.deposit(amount)
    for _ in range(2):
        with keeper.start("run", "--log-format", "json") as child:
            child.wait_for('"ready"')
            if not keeper.runs():
                child.wait_for("check_done")
            child.send(signal.SIGTERM)
            assert child.wait() == 0, child.err
    (run,) = keeper.runs()
    assert run.status is RunStatus.DRY_RUN
    given = ledger.read(lambda c: c.execute(select(deposits.c.run_id, deposits.c.amount)).all())
    assert [tuple(row) for row in given] == [(run.run.run_id, 60_000 * 10**6)] * 2
    assert ledger.read(lambda c: c.execute(select(levels.c.asset)).all())
    ledger.close()


def test_small_deposit__is_remembered_and_no_run(keeper: Keeper) -> None:
    ledger = prepare(keeper)
    keeper.vault.deposit(60_000)
    with keeper.start("run", "--log-format", "json") as child:
        child.wait_for("no events.*check_done")
        child.send(signal.SIGTERM)
        assert child.wait() == 0, child.err
    assert keeper.runs() == ()
    given = ledger.read(lambda c: c.execute(select(deposits.c.run_id)).all())
    assert [tuple(row) for row in given] == [(None,)]
    ledger.close()
