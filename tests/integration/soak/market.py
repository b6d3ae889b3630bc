"""Depositors, yields and prices of the soak."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from eth_typing import ChecksumAddress

from scripts.network.accounts import test_account
from scripts.network.market import feed_price, give, pay_yield, set_feed, set_price
from tests.integration.support.deploy import USDT, DeployedVault

SHARE = 10**6 * USDT
"""Whole share of the vault, which has six decimals more than USDT."""

DEPOSITORS = tuple(test_account(index).address for index in (3, 4, 5, 6))
MEANS = 20_000_000 * USDT
YIELDS = {"TBILL": 20 * USDT, "CREDIT": 60 * USDT}
"""Daily payments of the funds' issuers."""

VOLATILE = "WETH"


@dataclass
class Market:
    """Everything outside of the keeper."""

    vault: DeployedVault
    rng: Random
    silent: set[str] = field(default_factory=set[str])
    """Feeds that do not update."""

    def open(self, whole: int) -> None:
        """Give every depositor tokens, and make the first deposits."""
        token, target = self.vault.chain.token("USDT"), self.vault.deployment.address
        for each in DEPOSITORS:
            give(self.vault.chain, "USDT", each, MEANS)
            approve = token.functions.approve(target("LiquidityVault"), MEANS)
            self.vault.chain.send(approve, sender=each)
            self.deposit(each, whole // len(DEPOSITORS))

    def pass_time(self, seconds: int) -> None:
        """Let time pass, and update all feeds that are not silent."""
        chain = self.vault.chain
        chain.set_time(chain.timestamp() + seconds)
        for symbol in chain.addresses.feeds:
            if symbol not in self.silent:
                functions = chain.feed(symbol).functions
                chain.send(functions.setPrice(functions.latestAnswer().call()))

    def pay_yields(self) -> None:
        """Pay a day's yield of the funds; Aave's accrues by itself."""
        for fund, amount in YIELDS.items():
            pay_yield(self.vault.chain, fund, amount)

    def deposit(self, owner: ChecksumAddress, whole: int) -> None:
        """Subscribe for whole USDT."""
        self.vault.send("LiquidityVault", "deposit", whole * USDT, owner, sender=owner)

    def request(self, owner: ChecksumAddress, whole: int) -> int:
        """Request the redemption of whole shares, at most all free ones; return the base units."""
        shares = min(whole * SHARE, self.free_shares(owner))
        if shares < SHARE:
            return 0
        self.vault.send("RedemptionQueue", "requestRedeem", shares, owner, owner, sender=owner)
        return shares

    def withdraw(self, owner: ChecksumAddress, whole: int) -> int:
        """Withdraw at once, at most what is available; return the base units."""
        most = self.vault.deployment.read("LiquidityVault", "maxWithdraw", owner)
        amount = min(whole * USDT, most)
        if amount:
            self.vault.send("LiquidityVault", "withdraw", amount, owner, owner, sender=owner)
        return amount

    def claim(self, owner: ChecksumAddress) -> int:
        """Claim what the queue has paid; return the base units."""
        amount: int = self.vault.deployment.read("RedemptionQueue", "maxWithdraw", owner)
        if amount:
            self.vault.send("RedemptionQueue", "withdraw", amount, owner, owner, sender=owner)
        return amount

    def free_shares(self, owner: ChecksumAddress) -> int:
        """Return an owner's shares that are not locked."""
        held: int = self.vault.deployment.read("LiquidityVault", "balanceOf", owner)
        locked: int = self.vault.deployment.read("LiquidityVault", "lockedShares", owner)[0]
        return held - locked

    def move_price(self, percent: Decimal) -> None:
        """Move the price of the volatile asset, in its feed and its pools."""
        price = feed_price(self.vault.chain, VOLATILE) * (1 + percent / 100)
        set_price(self.vault.chain, VOLATILE, price.quantize(Decimal("0.01")))

    def silence(self, symbol: str, age: int) -> None:
        """Make the last price of a feed `age` seconds old, and stop its updates."""
        chain = self.vault.chain
        set_feed(chain, symbol, feed_price(chain, symbol), updated_at=chain.timestamp() - age)
        self.silent.add(symbol)

    def base_fee(self, gwei: int) -> None:
        """Mine a block with this base fee; it falls by an eighth with each later block."""
        self.vault.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(gwei * 10**9))
        self.vault.chain.mine()

    def usual(self, hours: int) -> str:
        """Make a random action of a depositor, or none; return it in words."""
        owner = self.rng.choice(DEPOSITORS)
        if self.rng.random() >= min(0.9, 0.12 * hours):
            return ""
        match self.rng.choices(("deposit", "request", "withdraw", "claim"), (4, 4, 1, 2))[0]:
            case "deposit":
                # Deposits are closed while a price is stale.
                whole = 0 if self.silent else self.rng.randint(2_000, 60_000)
                if whole:
                    self.deposit(owner, whole)
                return f"deposit of {whole}"
            case "request":
                return f"request of {self.request(owner, self.rng.randint(1_000, 50_000)) // SHARE}"
            case "withdraw":
                return (
                    f"withdrawal of {self.withdraw(owner, self.rng.randint(500, 15_000)) // USDT}"
                )
            case _:
                return f"claim of {self.claim(owner) // USDT}"
