"""Chapters about the demo's vault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from scripts.demo.stage import Stage
from scripts.deployment.local import APPROVER, DEPLOYER
from scripts.network.accounts import test_account
from scripts.network.market import accrue, pay_yield, set_price, units

DAY = 86_400


APPROVERS = (APPROVER, 10)
"""Account indices of the network's mnemonic: the vault's approver, and one that only signs."""

CALM = 3_700
"""Seconds after which a price move is more than an hour old."""


def usdt(whole: int) -> int:
    """Return the base units of a whole amount of USDT."""
    return units("USDT", whole)


@dataclass(frozen=True)
class Chapter:
    """Chapter with one disturbance: `story` describes it, `disturb` causes it.

    With `asks` the plan is so large that the keeper requests approval first.
    """

    title: str
    story: str
    disturb: Callable[[Stage], None]
    asks: bool = False


def _first_deposits(stage: Stage) -> None:
    for depositor, amount in ((3, 500_000), (4, 300_000), (5, 200_000)):
        stage.deposit(depositor, usdt(amount))


def _subscription(stage: Stage) -> None:
    _a_day_passes(stage)
    stage.deposit(6, usdt(400_000))


def _redemption(stage: Stage) -> None:
    _a_day_passes(stage)
    stage.withdraw(3, usdt(110_000))


def _rally(stage: Stage) -> None:
    _a_day_passes(stage)
    set_price(stage.chain, "WETH", Decimal(5250))
    # Actions that are not urgent wait while a price has moved much within the hour.
    accrue(stage.chain, CALM)


def _very_large_subscription(stage: Stage) -> None:
    _a_day_passes(stage)
    ledger, (_, second) = stage.contract("PlanLedger"), APPROVERS
    owner = test_account(DEPLOYER).address
    stage.send(owner, ledger, "raiseApprover", test_account(second).address, 1)
    stage.deposit(7, usdt(1_080_000))


def _a_day_passes(stage: Stage) -> None:
    """Let a day pass: Aave accrues interest, funds pay yield, feeds are updated."""
    accrue(stage.chain, DAY)
    pay_yield(stage.chain, "TBILL", usdt(20))
    pay_yield(stage.chain, "CREDIT", usdt(60))


CHAPTERS = (
    Chapter(
        "First deposits",
        "Three depositors deposit 1,000,000 USDT. Everything is cash and earns nothing yet.",
        _first_deposits,
    ),
    Chapter(
        "A large subscription",
        "A day later a fourth depositor deposits 400,000 USDT. Cash is far above its band.",
        _subscription,
    ),
    Chapter(
        "A large redemption",
        "A day later the first depositor withdraws 110,000 USDT from the cash tier.",
        _redemption,
    ),
    Chapter(
        "A price move",
        "ETH rises from 3,000 to 5,250 dollars, in its Uniswap pools and in its feed.",
        _rally,
    ),
    Chapter(
        "A plan with approvals",
        "A fifth depositor deposits 1,080,000 USDT, more than the keeper may move alone. The "
        "controller requires two approvals; the vault's owners add a second approver.",
        _very_large_subscription,
        asks=True,
    ),
)
