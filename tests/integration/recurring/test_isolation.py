"""Each row of the isolation matrix: a broken component stops only itself, in one keeper tick."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest
from eth_abi.abi import decode
from web3.contract import Contract

from keepers.chain.codec import function
from keepers.config import load_settings
from keepers.model.recurring import scope_of
from keepers.runs.recurring import RecurringScope
from keepers.runtime.vault.recurring_commands import statuses
from keepers.store import chain_events
from keepers.store.database import open_database
from scripts.network.accounts import WHALE
from tests.integration.recurring.conftest import (
    ETHER,
    EXTERNAL,
    INTERVAL,
    LEDGER,
    NOBODY,
    SECTION,
    Stage,
)
from tests.integration.recurring.isolation import ROWS, Component, Row, Way
from tests.integration.recurring.test_finding import ticked
from tests.integration.support.fault_proxy import FaultProxy, fault_proxy
from tests.integration.support.faults import Failure, Outcome, Page, Result
from tests.integration.support.keeper import VAULT
from tests.integration.support.upstream import asking

SLOW_JOB_GAS = 25_000
DUE_EFFORT = 400_000
SELECTOR = 4
EVENTS = RecurringScope(due=True, failed=True)
SWEEP = RecurringScope(due=False, failed=False, sweep=True)

PAGE_FAULTS: dict[Way, Outcome] = {
    Way.REVERTS: Failure(3, "execution reverted", "0x"),
    Way.BURNS_GAS: Failure(-32000, "out of gas"),
    Way.RETURNS_NOTHING: Result("0x"),
    Way.GARBAGE: Result("0x1234"),
    Way.MEGABYTE: Page(413, "Request Entity Too Large"),
    Way.SLOW: Failure(-32000, "execution aborted (timeout = 5s)"),
}


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_isolation__broken__stops_only_itself(
    stage: Stage, row: Row, page_fault: Callable[[Way], None]
) -> None:
    before = stuck_rebalancer(stage)
    await ticked(stage, EVENTS)  # from here on events are read
    stage.fund(ETHER)
    stage.create(1)
    after = stuck_rebalancer(stage)
    for each in (before, after):
        stage.chain.transact("0x", to=each.address, value=ETHER, what="ether for fees")
    BREAK[row.component](stage, row)
    if row.component is Component.PAGE:
        page_fault(row.way)
    stage.a_day_passes()
    head = stage.chain.web3.eth.block_number
    await ticked(stage, EVENTS)
    assert stage.runs()[1] == 1, "what is due is executed"
    assert is_booked(stage, after), "what an event names is fixed"
    assert not is_booked(stage, before)
    assert read_until(stage) >= head, "no event is left to be read again"
    await ticked(stage, SWEEP)
    assert is_booked(stage, before), "what is stuck is fixed by a sweep"
    await ticked(stage, EVENTS)
    rows = await statuses(load_settings(stage.keeper.folder / "ballast.toml"))
    assert stage.targets[1] in {each.target for each in rows}


@pytest.fixture
def page_fault(stage: Stage) -> Generator[Callable[[Way], None]]:
    """Function that puts a node before the keeper's that fails on pages of several records."""
    with fault_proxy(asking(stage.chain.url)) as proxy:

        def begin(way: Way) -> None:
            stage.keeper.configure(url=proxy.url)
            file = stage.keeper.folder / "ballast.toml"
            file.write_text(file.read_text() + SECTION)
            refuse_pages(proxy, way)

        yield begin


def refuse_pages(proxy: FaultProxy, way: Way) -> None:
    """Let every page of more than one record fail."""
    pages = {
        function(contract, name).selector.hex(): function(contract, name).inputs
        for contract, name in (("SchedulerLens", "sweep"), ("SchedulerLens", "page"))
    }

    def is_page(params: list[dict[str, str]]) -> bool:
        data = bytes.fromhex(params[0].get("data", "0x")[2:])
        types = pages.get(data[:SELECTOR].hex())
        return types is not None and decode(types, data[SELECTOR:])[1] > 1

    proxy.when("eth_call", lambda _: PAGE_FAULTS[way], matching=is_page)


def stuck_rebalancer(stage: Stage) -> Contract:
    """Create a rebalancer that cannot pay for its next run, and emits `FailedRecurringSchedule`."""
    made = stage.rebalancer(INTERVAL, LEDGER, NOBODY)
    stage.chain.send(made.functions.fixReschedule())
    return made


def read_until(stage: Stage) -> int:
    """Return the block up to which events were read."""
    ledger = open_database(f"sqlite:///{stage.keeper.folder / 'ballast.sqlite'}")
    chain_id = stage.chain.chain_id
    found = ledger.read(lambda read: chain_events.places(read, scope_of(VAULT), chain_id))
    ledger.close()
    return found[0].number


def is_booked(stage: Stage, rebalancer: Contract) -> bool:
    number = rebalancer.functions.number().call()
    return stage.contract("TransactionScheduler").functions.isBooked(number).call()


def events(stage: Stage, row: Row) -> None:
    for _ in range(row.count):
        stage.deploy("BurningHandler", way_of(row))


def handlers(stage: Stage, row: Row) -> None:
    stage.deploy("HostileRecords", scheduler(stage), row.count, way_of(row))


def jobs(stage: Stage, row: Row) -> None:
    gas = SLOW_JOB_GAS if row.way is Way.SLOW else 0
    stage.deploy("HostileJobs", scheduler(stage), row.count, way_of(row), gas)


def bookings(stage: Stage, row: Row) -> None:
    made = stage.deploy("HostileRecords", scheduler(stage), 1, way_of(row))
    for _ in range(row.count):
        stage.chain.send(made.functions.book(DUE_EFFORT), value=ETHER // 10)


def targets(stage: Stage, row: Row) -> None:
    for _ in range(row.count):
        target = stage.deploy("BurningHandler", way_of(row)).address
        stage.send("PaidRebalancerRegistry", "allowTarget", target, WHALE)
        stage.send("PaidRebalancerRegistry", "createPaidRebalancer", target)


def funders(stage: Stage, row: Row) -> None:
    for _ in range(row.count):
        funder = stage.deploy("BurningHandler", way_of(row)).address
        paid = stage.rebalancer(INTERVAL, EXTERNAL, funder)
        stage.chain.send(paid.functions.fixReschedule())


def supervisors(stage: Stage, row: Row) -> None:
    hostile = stage.deploy("BurningHandler", way_of(row)).address
    code = stage.chain.rpc("eth_getCode", hostile, "latest")
    stage.chain.rpc("anvil_setCode", stage.contract("RebalanceSupervisor").address, code)


BREAK: dict[Component, Callable[[Stage, Row], None]] = {
    Component.EVENT: events,
    Component.HANDLER: handlers,
    Component.JOB: jobs,
    Component.RECORD: bookings,
    Component.TARGET: targets,
    Component.FUNDER: funders,
    Component.SUPERVISOR: supervisors,
    Component.PAGE: lambda _stage, _row: None,
}
"""Functions that create the broken components of a row; for a page see `page_fault`."""


def scheduler(stage: Stage) -> str:
    return stage.contract("TransactionScheduler").address


def way_of(row: Row) -> int:
    """Return the index of the fault in `BurningHandler`."""
    return list(Way).index(row.way)
