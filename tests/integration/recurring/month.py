"""Simulated days of rebalancers: high gas prices, no money, failing targets, absent keepers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from random import Random

from keepers.config import load_settings
from keepers.runs.recurring import RecurringScope
from keepers.runtime.vault.recurring_commands import tick
from scripts.deployment.chain import forge_artifact
from scripts.deployment.local import GUARDIAN
from scripts.network.accounts import WHALE, test_account
from tests.integration.recurring.company import ETHER, GWEI, INTERVAL, Company, Row

GUARDIAN_ACCOUNT = test_account(GUARDIAN).address
CALM_PRICE = GWEI // 10
WORKS, FAILS = 0, 2
"""Moods of a `MoodyTarget`."""


class Trouble(Enum):
    """Disturbance of the rebalancers."""

    GAS_IS_DEAR = "gas is dear"
    GAS_IS_ABSURD = "gas is absurd"
    PAYER_IS_DRY = "the payer is dry"
    PURSE_IS_EMPTY = "the purse is empty"
    OWNER_IS_DRY = "the owner is dry"
    TARGETS_FAIL = "targets fail"
    KEEPER_IS_AWAY = "the keeper is away"
    PAUSED = "the scheduler is paused"


PRICES = {Trouble.GAS_IS_DEAR: 40 * GWEI, Trouble.GAS_IS_ABSURD: 180 * GWEI}


@dataclass(frozen=True)
class Course:
    """Length of the simulation and frequency of troubles; the last steps are calm, for recovery.

    Attributes:
        seed: Seed of the random numbers.
        steps: Number of steps.
        hours: Simulated hours of a step.
        chance: Probability that another trouble begins with a step.
        lasting: Longest trouble, in steps.
        calm: Number of last steps without troubles.
    """

    seed: int
    steps: int
    hours: int
    chance: float
    lasting: int
    calm: int


SHORT = Course(seed=7, steps=20, hours=6, chance=0.6, lasting=5, calm=5)
"""Five days, for each test run."""

DEEP = Course(seed=8, steps=31 * 8, hours=3, chance=0.15, lasting=24, calm=24)
"""A month, with troubles of up to three days."""


@dataclass
class Month:
    """Simulation of a course; violations are recorded in `broken`."""

    company: Company
    course: Course
    broken: list[str] = field(default_factory=list[str])
    seen: set[Trouble] = field(default_factory=set[Trouble])
    fixed: int = 0
    _until: dict[Trouble, int] = field(default_factory=dict[Trouble, int])
    _withdrawn: dict[Trouble, int] = field(default_factory=dict[Trouble, int])

    def __post_init__(self) -> None:
        self._random = Random(self.course.seed)
        file = self.company.stage.keeper.folder / "ballast.toml"
        self._settings = load_settings(file)

    def run(self) -> None:
        """Run every step."""
        for step in range(self.course.steps):
            self._change(step)
            self._step(step)
        for row in self.company.rows():
            if row["id"] and (row["stuck"] or row["due"] or row["halted"]):
                self.broken.append(f"at the end: {row}")

    def _step(self, step: int) -> None:
        """Let some hours pass, run the keeper's tick, and check everything."""
        chain = self.company.stage.chain
        prices = [price for trouble, price in PRICES.items() if trouble in self._until]
        chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(max(prices, default=CALM_PRICE)))
        chain.set_time(chain.timestamp() + self.course.hours * 3_600)
        before = self._revivable()
        if Trouble.KEEPER_IS_AWAY not in self._until:
            asyncio.run(
                tick(self._settings, RecurringScope(sweep=True), arm=True, progress=lambda _: None)
            )
            still = before & self._revivable()
            self.fixed += len(before - still)
            if still and not self._until.keys() & (PRICES.keys() | {Trouble.PAUSED}):
                self.broken.append(f"step {step}: dead, though there is money: {sorted(still)}")
        self.company.follow()
        difference = self.company.difference()
        if difference != 0:
            self.broken.append(f"step {step}: the scheduler has {difference} wei too many")

    def _revivable(self) -> set[int]:
        """Return the stuck rebalancers whose payers could pay."""
        return {
            each["number"]
            for each in self.company.rows()
            if each["stuck"] and each["available"] >= each["required"]
        }

    def _change(self, step: int) -> None:
        """End troubles, and begin others."""
        calm = step >= self.course.steps - self.course.calm
        for trouble in [each for each, end in self._until.items() if end <= step or calm]:
            del self._until[trouble]
            self._turn(trouble, begins=False)
        free = [each for each in Trouble if each not in self._until]
        if free and not calm and self._random.random() < self.course.chance:
            trouble = self._random.choice(free)
            self._until[trouble] = step + self._random.randint(1, self.course.lasting)
            self.seen.add(trouble)
            self._turn(trouble, begins=True)

    def _turn(self, trouble: Trouble, *, begins: bool) -> None:
        action = self._actions().get(trouble)
        if action is not None:
            action(begins)

    def _actions(self) -> Mapping[Trouble, Callable[[bool], None]]:
        """Return the actions at the beginning and end of troubles, beside those of a step."""
        return {
            Trouble.PAYER_IS_DRY: self._payer,
            Trouble.PURSE_IS_EMPTY: self._purse,
            Trouble.OWNER_IS_DRY: self._owner,
            Trouble.TARGETS_FAIL: self._targets,
            Trouble.PAUSED: self._pause,
        }

    def _payer(self, dry: bool) -> None:
        stage = self.company.stage
        registry = stage.contract("PaidRebalancerRegistry").address
        if dry:
            stage.withdraw()
        else:
            stage.send("TransactionScheduler", "deposit", WHALE, registry, value=ETHER)

    def _owner(self, dry: bool) -> None:
        own, chain = self.company.own, self.company.stage.chain
        if not dry:
            chain.transact("0x", to=own.address, value=ETHER, what="ether for fees")
            return
        account = self.company.scheduler.functions.accountOf(own.address, own.address)
        chain.send(own.functions.withdraw(WHALE, account.call()[0]))

    def _purse(self, empty: bool) -> None:
        purse, chain = self.company.purse, self.company.stage.chain
        if not empty:
            chain.transact("0x", to=purse.address, value=ETHER, what="ether for fees")
            chain.send(purse.functions.collect(self.company.pursed.address))
            return
        chain.send(purse.functions.withdraw(WHALE, chain.web3.eth.get_balance(purse.address)))

    def _targets(self, fail: bool) -> None:
        """Make two targets fail; once they work again, their owner revives halted rebalancers."""
        stage = self.company.stage
        abi = forge_artifact("MoodyTarget").abi
        for target in stage.targets[1:3]:
            contract = stage.chain.web3.eth.contract(target, abi=abi)
            stage.chain.send(contract.functions.set(FAILS if fail else WORKS))
        if fail:
            return
        for row in self.company.rows():
            if row["halted"]:
                stage.send("PaidRebalancerRegistry", "revive", row["target"])

    def _pause(self, paused: bool) -> None:
        stage = self.company.stage
        if not paused:
            stage.send("TransactionScheduler", "unpause")
            return
        stage.keeper.vault.send("TransactionScheduler", "pause", sender=GUARDIAN_ACCOUNT)


def too_often(company: Company, rows: Mapping[int, Row]) -> list[str]:
    """Return successful runs less than an interval after the previous one."""
    return [
        f"{number}: {later - earlier} s"
        for number, times in company.runs.items()
        if number in rows and rows[number]["target"] in company.stage.targets
        for earlier, later in pairwise(times)
        if later - earlier < INTERVAL
    ]
