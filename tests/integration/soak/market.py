"""What happens to the vault in the soak: depositors, yields, prices, and disturbances."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from eth_typing import ChecksumAddress

from scripts.network.accounts import test_account
from scripts.network.market import feed_price, give, pay_yield, set_feed, set_price
from tests.integration.support.deploy import USDT, DeployedVault

SHARE = 10**6 * USDT
"""A whole share of the vault, which has six decimals more than USDT."""

DEPOSITORS = tuple(test_account(index).address for index in (3, 4, 5, 6))
MEANS = 20_000_000 * USDT
YIELDS = {"TBILL": 20 * USDT, "CREDIT": 60 * USDT}
"""What the funds' issuers pay in a day."""

VOLATILE = "WETH"


@dataclass
class Market:
    """Everybody but the keeper."""

    vault: DeployedVault
    rng: Random
    silent: set[str] = field(default_factory=set[str])
    """Feeds that say nothing."""

    def open(self, whole: int) -> None:
        """Everybody gets means; the first deposits are made."""
        token, target = self.vault.chain.token("USDT"), self.vault.deployment.address
        for each in DEPOSITORS:
            give(self.vault.chain, "USDT", each, MEANS)
            approve = token.functions.approve(target("LiquidityVault"), MEANS)
            self.vault.chain.send(approve, sender=each)
            self.deposit(each, whole // len(DEPOSITORS))

    def pass_time(self, seconds: int) -> None:
        """Let time pass; feeds that are not silent say their price again."""
        chain = self.vault.chain
        chain.set_time(chain.timestamp() + seconds)
        for symbol in chain.addresses.feeds:
            if symbol not in self.silent:
                functions = chain.feed(symbol).functions
                chain.send(functions.setPrice(functions.latestAnswer().call()))

    def pay_yields(self) -> None:
        """A day's yield of the funds; Aave's accrues by itself."""
        for fund, amount in YIELDS.items():
            pay_yield(self.vault.chain, fund, amount)

    def deposit(self, owner: ChecksumAddress, whole: int) -> None:
        """Subscribe for whole USDT."""
        self.vault.send("LiquidityVault", "deposit", whole * USDT, owner, sender=owner)

    def request(self, owner: ChecksumAddress, whole: int) -> int:
        """Ask for the redemption of so many whole shares, or what there is; answers how many."""
        shares = min(whole * SHARE, self.free_shares(owner))
        if shares < SHARE:
            return 0
        self.vault.send("RedemptionQueue", "requestRedeem", shares, owner, owner, sender=owner)
        return shares

    def withdraw(self, owner: ChecksumAddress, whole: int) -> int:
        """Leave at once with so much, or what can be had; answers base units."""
        most = self.vault.deployment.read("LiquidityVault", "maxWithdraw", owner)
        amount = min(whole * USDT, most)
        if amount:
            self.vault.send("LiquidityVault", "withdraw", amount, owner, owner, sender=owner)
        return amount

    def claim(self, owner: ChecksumAddress) -> int:
        """Take what the queue has paid; answers base units."""
        amount: int = self.vault.deployment.read("RedemptionQueue", "maxWithdraw", owner)
        if amount:
            self.vault.send("RedemptionQueue", "withdraw", amount, owner, owner, sender=owner)
        return amount

    def free_shares(self, owner: ChecksumAddress) -> int:
        """Shares of an owner that are not locked."""
        held: int = self.vault.deployment.read("LiquidityVault", "balanceOf", owner)
        locked: int = self.vault.deployment.read("LiquidityVault", "lockedShares", owner)[0]
        return held - locked

    def move_price(self, percent: Decimal) -> None:
        """Move the volatile asset, in its feed and its pools."""
        price = feed_price(self.vault.chain, VOLATILE) * (1 + percent / 100)
        set_price(self.vault.chain, VOLATILE, price.quantize(Decimal("0.01")))

    def silence(self, symbol: str, age: int) -> None:
        """A feed's last word becomes so many seconds old, and it says nothing more."""
        chain = self.vault.chain
        set_feed(chain, symbol, feed_price(chain, symbol), updated_at=chain.timestamp() - age)
        self.silent.add(symbol)

    def base_fee(self, gwei: int) -> None:
        """The newest block has this base fee; it falls by an eighth with each that follows."""
        self.vault.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(gwei * 10**9))
        self.vault.chain.mine()

    def usual(self, hours: int) -> str:
        """What depositors may do within so many hours; what they did, in words."""
        owner = self.rng.choice(DEPOSITORS)
        if self.rng.random() >= min(0.9, 0.12 * hours):
            return ""
        match self.rng.choices(("deposit", "request", "withdraw", "claim"), (4, 4, 1, 2))[0]:
            case "deposit":
                # While a price is stale nobody can.
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
