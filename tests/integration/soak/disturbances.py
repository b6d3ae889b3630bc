"""What goes wrong in the soak, when, and what people must hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from scripts.network.market import pause_withdrawals
from tests.integration.soak.market import DEPOSITORS, Market

SPIKE_GWEI = 2_000
"""Far above the 200 gwei that the keeper may pay, also after the blocks of a look."""

USUAL_GWEI = 1
STALE_SECONDS = 90_000
"""Older than any feed's heartbeat."""

JUMP_PERCENT = 8


class Trouble(StrEnum):
    """A kind of disturbance."""

    FEED_OUTAGE = "feed outage"
    GAS_SPIKE = "gas spike"
    PAUSED_VENUE = "paused venue"
    PAUSED_KEEPERS = "paused keepers"
    PRICE_JUMP = "price jump"
    LARGE_REDEMPTION = "large redemption"


@dataclass(frozen=True)
class Disturbance:
    """One of them, from a look on for so many looks."""

    trouble: Trouble
    first: int
    looks: int

    @property
    def after(self) -> int:
        """The look before which it ends."""
        return self.first + self.looks

    def begin(self, market: Market) -> None:
        """It begins, with a cause for the keeper to act."""
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
        """Before each look while it lasts."""
        if self.trouble is Trouble.GAS_SPIKE:
            market.base_fee(SPIKE_GWEI)

    def end(self, market: Market) -> None:
        """It is over."""
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


def forecast(rng: Random, calm: int, looks: int, lasting: int) -> tuple[Disturbance, ...]:
    """Disturbances one after the other after calm looks, each kind as often as fits.

    Args:
        rng: Chance.
        calm: Looks before the first of them.
        looks: Looks in all.
        lasting: The most looks that one lasts; a price jump and a redemption last one.
    """
    found: list[Disturbance] = []
    at, kinds = calm, list[Trouble]()
    while True:
        if not kinds:
            kinds = rng.sample(list(Trouble), len(Trouble))
        trouble = kinds.pop()
        sudden = trouble in {Trouble.PRICE_JUMP, Trouble.LARGE_REDEMPTION}
        each = Disturbance(trouble, at, 1 if sudden else lasting)
        # Quiet looks follow, in which the keeper must be able to put everything right.
        at = each.after + rng.randint(2, 2 + lasting)
        if at > looks:
            return tuple(found)
        found.append(each)
