"""Keepers that serve the same rebalancers at the same time, in separate processes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from keepers.model.run import RunStatus, StepStatus
from scripts.network.accounts import test_account
from tests.integration.recurring.conftest import ETHER, SECTION, Stage
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.fault_proxy import FaultProxy, fault_proxy
from tests.integration.support.faults import Gate
from tests.integration.support.keeper import Keeper
from tests.integration.support.upstream import SEND, asking
from tests.support.postgres import prepared
from tests.support.sqlite import new_database

RIVAL = test_account(3)
LATE_GAS = 45_000
"""Most gas of a batch whose jobs another keeper has done."""

EXECUTE, FIX = "execute", "fix"


class Rivals:
    """The stage's keeper, and a second one with its own key, folder and database."""

    def __init__(self, stage: Stage, folder: Path, proxy: FaultProxy) -> None:
        self.stage, self.proxy = stage, proxy
        folder.mkdir()
        self.rival = Keeper(stage.keeper.vault, folder)
        self.rival.configure(url=proxy.url)
        file = folder / "ballast.toml"
        file.write_text(file.read_text() + SECTION)
        self._since = stage.chain.web3.eth.block_number

    def start(self, keeper: Keeper, command: str) -> Any:
        """Start `ballast recurring COMMAND --arm` of one keeper."""
        account = RIVAL if keeper is self.rival else KEEPER_ACCOUNT
        key = {"TEST_KEEPER_KEY": f"0x{account.key.hex()}"}
        return keeper.start("recurring", command, "--arm", "--json", environment=key)

    def both(self, command: str) -> None:
        """Run a command of both keepers at the same time."""
        with ExitStack() as stack:
            keepers = (self.stage.keeper, self.rival)
            started = [stack.enter_context(self.start(each, command)) for each in keepers]
            for child in started:
                assert child.wait() == 0, child

    def events(self, contract: str, event: str) -> int:
        """Return the number of events since the start."""
        found = self.stage.contract(contract).events[event]()
        return len(found.get_logs(from_block=self._since + 1))

    def receipts(self, account: LocalAccount) -> list[Any]:
        """Return the receipts of an account's transactions since the start."""
        chain, ends = self.stage.chain, self.stage.chain.web3.eth.block_number + 1
        numbers = range(self._since + 1, ends)
        blocks = [chain.rpc("eth_getBlockByNumber", hex(each), True) for each in numbers]
        sent = [each for block in blocks for each in block["transactions"]]
        mine = [each["hash"] for each in sent if each["from"] == account.address.lower()]
        return [chain.web3.eth.get_transaction_receipt(each) for each in mine]


def share(keeper: Keeper, database: str) -> None:
    """Give a keeper another database."""
    file = keeper.folder / "ballast.toml"
    file.write_text(f'database = "{database}"\n{file.read_text()}')


@pytest.fixture
def rivals(stage: Stage, tmp_path: Path) -> Generator[Rivals]:
    """Rivals with two stuck rebalancers that can be booked, and three that are due."""
    stage.create(2)
    stage.fund(ETHER)
    stage.create(3)
    stage.a_day_passes()
    with fault_proxy(asking(stage.chain.url)) as proxy:
        yield Rivals(stage, tmp_path / "rival", proxy)


def test_two_keys__at_once__each_run_and_each_fix_is_done_once(rivals: Rivals) -> None:
    rivals.both(EXECUTE)
    assert rivals.stage.runs() == [0, 0, 1, 1, 1]
    rivals.both(FIX)
    assert rivals.stage.stuck() == [False] * 5
    assert rivals.events("TransactionScheduler", "Executed") == 3
    assert rivals.events("PaidRebalancerRegistry", "FixedReschedule") == 2
    sent = [*rivals.receipts(KEEPER_ACCOUNT), *rivals.receipts(RIVAL)]
    assert sent
    assert all(each["status"] == 1 for each in sent)
    for keeper in (rivals.stage.keeper, rivals.rival):
        runs = rivals.stage.journal(keeper.folder)
        assert all(each.status is not RunStatus.OPEN for each in runs)
        assert all(each.status is not StepStatus.FAILED for run in runs for each in run.steps)


def is_last_look(scheduler: str) -> Callable[[list[Any]], bool]:
    """Return a predicate for the simulation of a batch, which has the batch's gas."""
    return lambda params: params[0]["to"].lower() == scheduler.lower() and "gas" in params[0]


def test_two_keys__other_was_faster_before_the_last_look__nothing_is_sent(rivals: Rivals) -> None:
    gate = Gate()
    scheduler = rivals.stage.contract("TransactionScheduler").address
    rivals.proxy.when("eth_call", gate, matching=is_last_look(scheduler))
    with rivals.start(rivals.rival, EXECUTE) as child:
        gate.wait_until_held()
        assert rivals.stage.ballast(EXECUTE, "--arm")["status"] == "DONE"
        gate.release()
        child.wait()
    assert rivals.receipts(RIVAL) == []
    assert rivals.events("TransactionScheduler", "Executed") == 3


@pytest.mark.parametrize("command", [EXECUTE, FIX])
def test_two_keys__other_was_faster_by_a_block__costs_little_and_nothing_is_twice(
    rivals: Rivals, command: str
) -> None:
    gate = Gate()
    rivals.proxy.when(SEND, gate)
    with rivals.start(rivals.rival, command) as child:
        gate.wait_until_held()
        assert rivals.stage.ballast(command, "--arm")["status"] == "DONE"
        done = rivals.stage.contract("TransactionScheduler").functions
        records = done.records().call()
        escrow = rivals.stage.contract("SchedulerLens").functions.escrowed(1, records)
        before = escrow.call()
        gate.release()
        assert child.wait() == 0, child
        assert escrow.call() == before
    (late,) = rivals.receipts(RIVAL)
    assert late["status"] == 1
    assert late["gasUsed"] < LATE_GAS
    assert rivals.events("TransactionScheduler", "Executed") == (3 if command == EXECUTE else 0)
    assert rivals.events("PaidRebalancerRegistry", "FixedReschedule") == (
        2 if command == FIX else 0
    )


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """Database that replicas share."""
    if request.param == "sqlite":
        yield new_database(tmp_path / "shared.sqlite")
        return
    with prepared() as new:
        yield new()


def test_replicas_of_one_key__one_works_the_other_stands_by(rivals: Rivals, database: str) -> None:
    gate = Gate()
    rivals.proxy.when(SEND, gate)
    for keeper in (rivals.stage.keeper, rivals.rival):
        share(keeper, database)
    key = {"TEST_KEEPER_KEY": f"0x{KEEPER_ACCOUNT.key.hex()}"}
    armed = ("recurring", EXECUTE, "--arm", "--json")
    with rivals.rival.start(*armed, environment=key) as child:
        gate.wait_until_held()
        refused = rivals.stage.keeper.run(*armed)
        assert refused.status != 0
        assert rivals.stage.runs() == [0] * 5
        gate.release()
        assert child.wait() == 0, child
    assert rivals.stage.ballast(EXECUTE, "--arm")["status"] == "NOTHING_TO_DO"
    assert rivals.stage.runs() == [0, 0, 1, 1, 1]
    assert rivals.stage.keeper.vault.keeper_nonce() == 1
