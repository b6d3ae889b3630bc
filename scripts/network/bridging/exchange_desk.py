"""Exchange's account on the chains: credits deposits, unlocks them, pays withdrawals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scripts.network.accounts import EXCHANGE, test_account
from scripts.network.bridging.exchange import ExchangeService
from scripts.network.bridging.feed import Event
from scripts.network.bridging.paying import ASSETS, decimals_of, deposits, pay, whole
from scripts.network.bridging.switches import Switches
from scripts.network.chain import LocalChain
from scripts.network.specs import chain_spec

STEP = "0.000001"
ORDERED, PAID = 4, 6


@dataclass
class ExchangeDesk:
    """Payments of the exchange; `networks` are the chains by the exchange's names."""

    service: ExchangeService
    switches: Switches
    networks: Mapping[str, LocalChain]
    _seen: list[tuple[Event, str, int]] = field(default_factory=list[tuple[Event, str, int]])
    _locked: list[tuple[Event, dict[str, Any]]] = field(
        default_factory=list[tuple[Event, dict[str, Any]]]
    )

    def __post_init__(self) -> None:
        for network in self.networks:
            for asset in ASSETS:
                self.service.list_network(
                    asset,
                    network,
                    withdrawIntegerMultiple=STEP,
                    minConfirm=self.switches.credit_blocks,
                    unLockConfirm=self.switches.unlock_blocks,
                )
                self.service.addresses[asset, network] = test_account(EXCHANGE).address

    def see(self, event: Event) -> None:
        """Record a payment to the deposit address."""
        for asset, units in deposits(event, EXCHANGE):
            self._seen.append((event, asset, units))

    def act(self) -> int:
        """Credit and unlock deposits, and pay withdrawals."""
        return self._credit() + self._unlock() + self._pay()

    def forget(self) -> None:
        """Forget all payments."""
        self._seen.clear()
        self._locked.clear()

    def _credit(self) -> int:
        if self.switches.deposits:
            return 0
        ready = [
            each for each in self._seen if each[0].confirmations >= self.switches.credit_blocks
        ]
        for event, asset, units in ready:
            network = chain_spec(event.chain.name).exchange_network
            amount = whole(units, decimals_of(event.chain, asset))
            row = self.service.deposit(asset, network, amount, event.transaction)
            self._locked.append((event, row))
        self._seen = [each for each in self._seen if each not in ready]
        return len(ready)

    def _unlock(self) -> int:
        if self.switches.unlocks:
            return 0
        ready = [
            each for each in self._locked if each[0].confirmations >= self.switches.unlock_blocks
        ]
        for _, row in ready:
            self.service.unlock(row)
        self._locked = [each for each in self._locked if each not in ready]
        return len(ready)

    def _pay(self) -> int:
        if self.switches.withdrawals:
            return 0
        with self.service.lock:
            ordered = [each for each in self.service.withdrawals if each["status"] == ORDERED]
            for row in ordered:
                chain, asset = self.networks[row["network"]], row["coin"]
                units = int(Decimal(row["amount"]).scaleb(decimals_of(chain, asset)))
                row["txId"] = pay(chain, asset, EXCHANGE, row["address"], units)
                row["status"] = PAID
        return len(ordered)
