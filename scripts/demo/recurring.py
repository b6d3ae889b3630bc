"""Chapter on a rebalancer that gets stuck without money, twice, and is booked again each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from eth_typing import ChecksumAddress
from rich.table import Table
from web3.contract import Contract

from scripts.demo.errors import DemoError
from scripts.demo.stage import Stage
from scripts.demo.tables import console
from scripts.deployment.config import WHOLE_BPS
from scripts.deployment.local import DEPLOYER, KEEPER
from scripts.network.accounts import test_account
from scripts.network.market import accrue

TITLE = "A rebalancer that runs out of money"
STORY = (
    "A booking that is paid in advance rebalances the vault's cash once a day, without a keeper's "
    "key.\nIts payer deposits the fee of one run."
)
DAY, HOUR, ETHER = 86_400, 3_600, 10**18
OUTSIDER = 7
UNLIMITED = 2**40 - 1
CODES = (
    "INSUFFICIENT_FEES_AVAILABLE", "INSUFFICIENT_FEES_PROVIDED", "FUNDER_REVERTED", "SPENDING_CAP",
    "SCHEDULER_FULL", "SCHEDULER_PAUSED", "SCHEDULER_REJECTED",
)  # fmt: skip
"""Reasons why the next run could not be booked, by the contracts' codes."""

ROW = (
    "number", "id", "booking", "target", "due", "payout", "required", "available", "nextRun",
    "failures", "halted", "stuck", "lastRun", "isExternal",
)  # fmt: skip
"""Fields of a record as the lens returns them."""


@dataclass
class Scene:
    """Contracts of recurring rebalancers, and the state of the vault's rebalancer."""

    stage: Stage
    table: Table

    @property
    def payer(self) -> ChecksumAddress:
        """Paying account in the scheduler."""
        return test_account(DEPLOYER).address

    @property
    def number(self) -> int:
        """The rebalancer's record in the scheduler."""
        registry = self.contract("PaidRebalancerRegistry").functions
        return registry.entryOf(self.stage.address("AssetController")).call()[1]

    def contract(self, name: str) -> Contract:
        """Return one of Ballast's contracts."""
        return self.stage.contract(name)

    def send(
        self, sender: int, name: str, function: str, *arguments: object, value: int = 0
    ) -> None:
        """Call a contract as a test account, with more gas than an estimate."""
        call = self.contract(name).functions[function](*arguments)
        self.stage.chain.send(call, sender=test_account(sender).address, value=value)

    def pay_for_a_run(self) -> None:
        """Deposit what the payer's account lacks for the fee of one run."""
        registry = self.contract("PaidRebalancerRegistry")
        scheduler = self.contract("TransactionScheduler").functions
        _, priority, effort, margin, *_ = registry.functions.defaultRecurringConfig().call()
        fee = scheduler.calculateFee(priority, effort, 0).call()
        needed = -(-fee * margin // WHOLE_BPS)
        left = scheduler.accountOf(self.payer, registry.address).call()[0]
        arguments = (self.payer, registry.address)
        self.send(DEPLOYER, "TransactionScheduler", "deposit", *arguments, value=needed - left)

    def show(self, what: str, expected: str) -> None:
        """Print a table row with the current record.

        Raises:
            DemoError: The rebalancer is not in the expected state.
        """
        told = self.contract("SchedulerLens").functions.rowOf(self.number).call()
        row = dict(zip(ROW, told, strict=True))
        state = "stuck" if row["stuck"] else "booked"
        if state != expected:
            raise DemoError(f"{TITLE}: {what}: it is {state}, not {expected}")
        due = datetime.fromtimestamp(row["nextRun"], UTC).strftime("%d %b %H:%M")
        money = (f"{Decimal(row[each]).scaleb(-18):.5f}" for each in ("available", "required"))
        colour = "bold red" if row["stuck"] else "green"
        self.table.add_row(what, f"[{colour}]{state}", due, *money)

    def why_stuck(self) -> str:
        """Return the arguments of the newest `FailedRecurringSchedule`.

        Raises:
            DemoError: There is no such event.
        """
        event = self.contract("PaidRebalancerRegistry").events.FailedRecurringSchedule()
        found = event.get_logs(from_block=0)
        if not found:
            raise DemoError(f"{TITLE}: no event reports that the next run could not be booked")
        told = cast("dict[str, Any]", found[-1]["args"])
        needed, there = (Decimal(told[each]).scaleb(-18) for each in ("expected", "available"))
        code = CODES[int(told["code"])]
        return f"FailedRecurringSchedule: {code}, {needed:.5f} required, {there:.5f} available"


def play(stage: Stage) -> None:
    """Show one rebalancer stuck and booked by the keeper, then by the supervisor alone.

    Raises:
        DemoError: The rebalancer was not stuck, or not booked again.
    """
    table = Table(title="The rebalancer", title_justify="left")
    for column in ("after", "state", "next run", "payer has", "a run costs (ether)"):
        table.add_column(column, justify="left" if column in ("after", "state") else "right")
    scene = Scene(stage, table)
    _create(scene)
    _revived_by_keeper(scene)
    _revived_by_supervisor(scene)
    console.print(table)


def _create(scene: Scene) -> None:
    target = scene.stage.address("AssetController")
    registry = scene.stage.address("PaidRebalancerRegistry")
    scene.send(DEPLOYER, "TransactionScheduler", "setSpender", registry, UNLIMITED, UNLIMITED)
    keeper = test_account(KEEPER).address
    scene.send(DEPLOYER, "PaidRebalancerRegistry", "allowTarget", target, keeper)
    scene.pay_for_a_run()
    scene.stage.ballast("recurring", "create", target, "--arm")
    scene.show("created by its owner", "booked")


def _revived_by_keeper(scene: Scene) -> None:
    accrue(scene.stage.chain, DAY + 1)
    _done(scene.stage.ballast("recurring", "execute", "--arm"))
    scene.show("a day, and a run by the keeper", "stuck")
    console.print(scene.why_stuck())
    scene.pay_for_a_run()
    _done(scene.stage.ballast("recurring", "fix", "--arm"))
    scene.show("a deposit, and a fix by the keeper", "booked")


def _revived_by_supervisor(scene: Scene) -> None:
    """Show that an outsider executes due runs and is paid, without the keeper's programs."""
    outsider = test_account(OUTSIDER).address
    supervisor = scene.contract("RebalanceSupervisor")
    target = scene.stage.address("AssetController")
    scene.send(OUTSIDER, "RebalanceSupervisor", "addPaidRebalancer", target)
    accrue(scene.stage.chain, DAY + 1)
    _execute(scene, scene.number)
    scene.show("a day, and a run by an outsider", "stuck")
    scene.pay_for_a_run()
    # Give the supervisor ETH of its own, with which it books the next tick.
    scene.stage.chain.transact("0x", to=supervisor.address, value=ETHER, what="ether for ticks")
    scene.send(OUTSIDER, "RebalanceSupervisor", "fixReschedule")
    accrue(scene.stage.chain, HOUR + 1)
    _execute(scene, supervisor.functions.number().call())
    scene.show("a deposit, and the supervisor's tick", "booked")
    scheduler = scene.contract("TransactionScheduler").functions
    earned = Decimal(scheduler.accountOf(outsider, outsider).call()[0]).scaleb(-18)
    console.print(
        "Without the keeper: an outsider executed the run and the supervisor's tick, and earned "
        f"{earned:.5f} ether."
    )


def _execute(scene: Scene, number: int) -> None:
    scheduler = scene.contract("TransactionScheduler")
    booking, _ = scheduler.functions.bookingOf(number).call()
    scene.send(OUTSIDER, "TransactionScheduler", "executePlain", booking)


def _done(run: dict[str, Any]) -> None:
    if run["status"] != "DONE":
        raise DemoError(f"{TITLE}: the keeper's run ended as {run['status']}")
