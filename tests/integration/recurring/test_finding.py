"""Finding and fixing of stuck rebalancers: by events, sweeps and batches, and in `ballast run`."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from keepers.config import load_settings
from keepers.model.run import RunRecord, RunStatus
from keepers.runs.recurring import RecurringScope
from keepers.runtime.vault.recurring_commands import tick
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.ticks import TickRepository, clock_lease
from tests.integration.keeper.test_service import SCHEDULE
from tests.integration.recurring.conftest import ETHER, INTERVAL, LEDGER, NOBODY, Stage
from tests.integration.support.keeper import VAULT
from tests.support.sqlite import new_database

EVENTS = RecurringScope(due=False)


async def ticked(stage: Stage, wanted: RecurringScope) -> RunRecord | None:
    """Run one armed tick in this process."""
    settings = load_settings(stage.keeper.folder / "ballast.toml")
    return (await tick(settings, wanted, arm=True, progress=lambda _: None)).record


def narrow(stage: Stage, **changed: object) -> None:
    """Append settings to the keeper's `[recurring]` section."""
    file = stage.keeper.folder / "ballast.toml"
    lines = "".join(f"{name} = {value}\n" for name, value in changed.items())
    file.write_text(file.read_text() + lines)


@pytest.mark.usefixtures("key")
async def test_events__of_blocks_since_the_last_look__are_enough_to_fix(stage: Stage) -> None:
    assert await ticked(stage, EVENTS) is None
    stage.create(2)
    own = stage.rebalancer(INTERVAL, LEDGER, NOBODY)
    stage.chain.send(own.functions.fixReschedule())
    assert await ticked(stage, EVENTS) is None  # without money
    stage.fund(ETHER)
    # Their events were processed; the sweep finds rebalancers that get money later.
    assert await ticked(stage, EVENTS) is None
    stage.chain.transact("0x", to=own.address, value=ETHER, what="ether for fees")
    swept = await ticked(stage, RecurringScope(due=False, failed=False, sweep=True))
    assert swept is not None
    assert [each.step.amount for each in swept.steps] == [2, 1]
    stage.withdraw()
    stage.a_day_passes()
    assert await ticked(stage, RecurringScope(failed=False)) is not None
    assert stage.runs() == [1, 1, 1]
    assert stage.stuck()[:2] == [True, True]
    stage.fund(ETHER)
    found = await ticked(stage, EVENTS)
    assert found is not None
    assert (found.status, found.steps[0].step.amount) == (RunStatus.DONE, 2)
    assert stage.stuck()[:2] == [False, False]


def test_fix__contracts_of_their_own__go_through_multicall3_in_batches(stage: Stage) -> None:
    owned = [stage.rebalancer(INTERVAL, LEDGER, NOBODY) for _ in range(4)]
    for each in owned[:3]:
        stage.chain.transact("0x", to=each.address, value=ETHER, what="ether for fees")
    narrow(stage, batch_size=2)
    done = stage.ballast("fix", "--arm")
    assert (done["status"], len(done["steps"])) == ("DONE", 2)
    assert stage.keeper.vault.keeper_nonce() == 2
    multicall3 = stage.chain.addresses.multicall3
    assert {each.step.target for each in stage.journal()[0].steps} == {multicall3}
    booked = stage.contract("TransactionScheduler").functions.isBooked
    numbers = [each.functions.number().call() for each in owned]
    assert [booked(each).call() for each in numbers] == [True, True, True, False]


def test_service__its_ticks__execute_and_fix(stage: Stage) -> None:
    stage.create(2)
    stage.fund(ETHER)
    stage.create(2)
    stage.a_day_passes()
    narrow(stage, due='"0 0 1 1 *"', sweep='"0 0 1 1 *"')
    file = stage.keeper.folder / "ballast.toml"
    file.write_text(file.read_text() + SCHEDULE)
    missed(stage, "recurring", "sweep")
    with stage.keeper.start("run", "--arm", "--log-format", "json") as child:
        for _ in range(2):
            child.wait_for('"event": "run"')
        child.send(signal.SIGTERM)
        assert child.wait() == 0, child.err
    assert stage.runs() == [0, 0, 1, 1]
    assert stage.stuck() == [False] * 4
    assert [each.status for each in stage.journal()] == [RunStatus.DONE] * 2


def missed(stage: Stage, *schedules: str) -> None:
    """Store a missed tick of each schedule."""
    ledger = Database(connect(new_database(stage.keeper.folder / "ballast.sqlite")))
    lease = clock_lease(ledger, VAULT, holder="test", seconds=60)
    lease.acquire()
    ticks = TickRepository(ledger, VAULT, lease)
    for each in schedules:
        ticks.begin(f"{VAULT}:{each}", ticks.now() - timedelta(days=500))
    lease.release()
    ledger.close()
