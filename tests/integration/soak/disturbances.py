"""Disturbances of the soak and their schedule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from scripts.network.market import pause_withdrawals
from tests.integration.soak.market import DEPOSITORS, Market

SPIKE_GWEI = 2_000
"""Far above the 200 gwei that the keeper may pay, also after the blocks of a check round."""

USUAL_GWEI = 1
STALE_SECONDS = 90_000
"""Older than any feed's heartbeat."""

JUMP_PERCENT = 8


class Trouble(StrEnum):
    """Kind of disturbance."""

    FEED_OUTAGE = "feed outage"
    GAS_SPIKE = "gas spike"
    PAUSED_VENUE = "paused venue"
    PAUSED_KEEPERS = "paused keepers"
    PRICE_JUMP = "price jump"
    LARGE_REDEMPTION = "large redemption"


@dataclass(frozen=True)
class Disturbance:
    """Disturbance that lasts some steps, from step `first` on."""

    trouble: Trouble
    first: int
    steps: int

    @property
    def after(self) -> int:
        """Step before which it ends."""
        return self.first + self.steps

    def begin(self, market: Market) -> None:
        """Begin it, with a deposit or request that makes the keeper act."""
        owner = market.rng.choice(DEPOSITORS)
        match self.trouble:
            case Trouble.FEED_OUTAGE:
                market.request(owner, 20_000)
                market.silence("WETH", STALE_SECONDS)
            case Trouble.GAS_SPIKE:
                market.deposit(owner, 250_000)
            case Trouble.PAUSED_VENUE:
                pause_withdrawals(market.vault.chain, "TBILL")
                market.request(owner, 150_000)
            case Trouble.PAUSED_KEEPERS:
                market.deposit(owner, 150_000)
                market.vault.pause()
            case Trouble.PRICE_JUMP:
                sign = market.rng.choice((-1, 1))
                market.move_price(Decimal(sign * JUMP_PERCENT))
                market.deposit(owner, 150_000)
            case Trouble.LARGE_REDEMPTION:
                market.request(owner, 250_000)

    def go_on(self, market: Market) -> None:
        """Renew it before each check round."""
        if self.trouble is Trouble.GAS_SPIKE:
            market.base_fee(SPIKE_GWEI)

    def end(self, market: Market) -> None:
        """End it."""
        match self.trouble:
            case Trouble.FEED_OUTAGE:
                market.silent.clear()
                market.pass_time(1)
            case Trouble.GAS_SPIKE:
                market.base_fee(USUAL_GWEI)
            case Trouble.PAUSED_VENUE:
                pause_withdrawals(market.vault.chain, "TBILL", paused=False)
            case Trouble.PAUSED_KEEPERS:
                market.vault.send("AssetController", "unpause")
            case Trouble.PRICE_JUMP | Trouble.LARGE_REDEMPTION:
                pass


def forecast(rng: Random, calm: int, steps: int, lasting: int) -> tuple[Disturbance, ...]:
    """Return successive disturbances after the calm steps, all kinds about equally often.

    Args:
        rng: Source of random numbers.
        calm: Steps before the first one.
        steps: Number of steps.
        lasting: Longest disturbance in steps; price jumps and redemptions last one step.
    """
    found: list[Disturbance] = []
    at, kinds = calm, list[Trouble]()
    while True:
        if not kinds:
            kinds = rng.sample(list(Trouble), len(Trouble))
        trouble = kinds.pop()
        sudden = trouble in {Trouble.PRICE_JUMP, Trouble.LARGE_REDEMPTION}
        each = Disturbance(trouble, at, 1 if sudden else lasting)
        # Quiet steps follow, in which the keeper must be able to restore everything.
        at = each.after + rng.randint(2, 2 + lasting)
        if at > steps:
            return tuple(found)
        found.append(each)
