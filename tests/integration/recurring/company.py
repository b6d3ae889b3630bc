"""Rebalancers of every kind with their payers, and reads of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from web3.contract import Contract

from scripts.network.accounts import WHALE
from tests.integration.recurring.caps import Cap
from tests.integration.recurring.conftest import ETHER, EXTERNAL, LEDGER, NOBODY, Stage
from tests.integration.support.deploy import KEEPER_ACCOUNT

INTERVAL = 43_200
GWEI = 10**9
RUN_CAP, DAY_CAP = 24_000_000, 90_000_000
"""Gwei: three times the cost of a run at the usual gas price, and four times that of a day."""

ROW = (
    "number", "id", "booking", "target", "due", "payout", "required", "available", "nextRun",
    "failures", "halted", "stuck", "lastRun", "isExternal",
)  # fmt: skip
HANDLER, PAYER = 0, 4
"""Indices in a booking."""

Row = Mapping[str, Any]


@dataclass
class Company:
    """Paid rebalancers of one payer, one that pays itself, and one with a purse.

    Attributes:
        own: Rebalancer that pays itself.
        pursed: Rebalancer whose fees the purse pays.
        caps: Caps by owner of the account and spender; the purse has an empty spender.
    """

    stage: Stage
    own: Contract
    pursed: Contract
    purse: Contract
    numbers: Mapping[int, tuple[str, str]] = field(default_factory=dict[int, tuple[str, str]])
    caps: dict[tuple[str, str], Cap] = field(default_factory=dict[tuple[str, str], Cap])
    runs: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    _read_until: int = 0

    @property
    def scheduler(self) -> Contract:
        return self.stage.contract("TransactionScheduler")

    def rows(self) -> list[Row]:
        """Return every record from the lens."""
        lens = self.stage.contract("SchedulerLens").functions
        found, _ = lens.page(1, self.scheduler.functions.records().call()).call()
        return [dict(zip(ROW, each, strict=True)) for each in found]

    def difference(self) -> int:
        """Return the scheduler's wei beyond what it owes: escrow, and all accounts."""
        functions = self.scheduler.functions
        count = functions.records().call()
        escrow = self.stage.contract("SchedulerLens").functions.escrowed(1, count).call()
        owed = sum(functions.accountOf(*each).call()[0] for each in self._accounts())
        return self.stage.chain.web3.eth.get_balance(self.scheduler.address) - escrow - owed

    def follow(self) -> None:
        """Process the events since the last call."""
        first = self._read_until + 1
        self._read_until = self.stage.chain.web3.eth.block_number
        events = self.scheduler.events
        found: list[Any] = []
        for each in (events.Rearmed(), events.Executed(), self.purse.events.Spent()):
            found += each.get_logs(from_block=first, to_block=self._read_until)
        for log in sorted(found, key=lambda each: (each["blockNumber"], each["logIndex"])):
            time = self.stage.chain.web3.eth.get_block(log["blockNumber"]).get("timestamp", 0)
            self._reckon(log["event"], log["args"], time)

    def _reckon(self, event: str, told: Mapping[str, Any], time: int) -> None:
        if event == "Spent":
            self.caps[self.purse.address, ""].charge(told["amount"], time)
            return
        number = told["id"] >> 32
        cap = self.caps.get(self.numbers[number])
        if event == "Executed" and told["ok"]:
            self.runs.setdefault(number, []).append(time)
        if cap is not None and event == "Executed":
            cap.refund(told["refunded"])
        elif cap is not None:
            cap.charge(told["fee"], time)

    def _accounts(self) -> set[tuple[str, str]]:
        """Return owners and spenders: payers, executors, and contracts whose refunds are stored."""
        supervisor = self.stage.contract("RebalanceSupervisor").address
        single = (WHALE, KEEPER_ACCOUNT.address, supervisor, self.own.address, self.pursed.address)
        return {(each, each) for each in single} | set(self.numbers.values())


def found_company(stage: Stage, paid: int) -> Company:
    """Create a company with booked rebalancers; the supervisor is funded and has the paid ones."""
    registry = stage.contract("PaidRebalancerRegistry").address
    _, *rest = stage.keeper.vault.deployment.read(
        "PaidRebalancerRegistry", "defaultRecurringConfig"
    )
    stage.send("PaidRebalancerRegistry", "updateDefaultRecurringConfig", (INTERVAL, *rest))
    stage.send("TransactionScheduler", "setSpender", registry, RUN_CAP, DAY_CAP)
    stage.send("TransactionScheduler", "deposit", WHALE, registry, value=ETHER)
    stage.create(paid)
    for target in stage.targets:
        stage.send("RebalanceSupervisor", "addPaidRebalancer", target)
    supervisor = stage.contract("RebalanceSupervisor").address
    stage.send("TransactionScheduler", "deposit", supervisor, supervisor, value=ETHER)
    stage.send("RebalanceSupervisor", "fixReschedule")
    own, pursed, purse = _singles(stage)
    company = Company(stage, own, pursed, purse)
    company.numbers = {
        each["number"]: (each["booking"][PAYER], each["booking"][HANDLER])
        for each in company.rows()
    }
    run, day = RUN_CAP * GWEI, DAY_CAP * GWEI
    company.caps = {
        (WHALE, registry): Cap("registry", run, day),
        (company.own.address, company.own.address): Cap("own", run, day),
        (company.purse.address, ""): Cap("purse", run, day),
    }
    company.follow()
    return company


def _singles(stage: Stage) -> tuple[Contract, Contract, Contract]:
    """Deploy the two rebalancers that are separate contracts, and the purse of the second one."""
    scheduler = stage.contract("TransactionScheduler").address
    purse = stage.deploy("VaultFunder", scheduler, WHALE)
    own = stage.rebalancer(INTERVAL, LEDGER, NOBODY)
    pursed = stage.rebalancer(INTERVAL, EXTERNAL, purse.address)
    chain = stage.chain
    chain.send(own.functions.setCaps(RUN_CAP, DAY_CAP))
    chain.send(purse.functions.setSpender(pursed.address, RUN_CAP * GWEI, DAY_CAP * GWEI))
    for each in (own, purse):
        chain.transact("0x", to=each.address, value=ETHER, what="ether for fees")
    for each in (own, pursed):
        chain.send(each.functions.fixReschedule())
    return own, pursed, purse
