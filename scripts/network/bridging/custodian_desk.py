"""Custodian's account on the chains: pays a transfer once its deposit has arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from keepers.model.bridge import Tariff, to_units_down
from scripts.network.accounts import CUSTODIAN
from scripts.network.bridging.custodian import CustodianService
from scripts.network.bridging.feed import Event
from scripts.network.bridging.paying import ASSETS, decimals_of, deposits, pay
from scripts.network.bridging.switches import Switches
from scripts.network.chain import LocalChain

LEAST, MOST = 1, 5_000_000
FEE_BPS = "1"
Deposit = tuple[str, str, str, int]
"""Chain id, transaction, asset and units."""


@dataclass
class CustodianDesk:
    """Payments of the custodian; a deposit serves one transfer."""

    service: CustodianService
    switches: Switches
    chains: Mapping[str, LocalChain]
    _deposits: list[Deposit] = field(default_factory=list[Deposit])

    def __post_init__(self) -> None:
        self.service.lane["bps"] = FEE_BPS
        for chain_id, chain in self.chains.items():
            for asset in ASSETS:
                unit = 10 ** decimals_of(chain, asset)
                terms = {"minimum": str(LEAST * unit), "maximum": str(MOST * unit)}
                self.service.lanes[asset, chain_id] = terms

    def see(self, event: Event) -> None:
        """Record a payment to the deposit address."""
        for asset, units in deposits(event, CUSTODIAN):
            self._deposits.append((str(event.chain.chain_id), event.transaction, asset, units))

    def act(self) -> int:
        """Pay every transfer whose deposit has arrived."""
        if self.switches.crossings:
            return 0
        with self.service.lock:
            open_ones = {
                key: crossing["terms"]
                for key, crossing in self.service.crossings.items()
                if crossing["state"] == "accepted"
            }
            return sum(self._serve(key, terms) for key, terms in open_ones.items())

    def forget(self) -> None:
        """Forget all payments."""
        self._deposits.clear()

    def _serve(self, key: str, terms: dict[str, Any]) -> bool:
        deposit = (terms["source"], terms["deposit"].lower(), terms["asset"], int(terms["amount"]))
        if deposit not in self._deposits:
            return False
        self._deposits.remove(deposit)
        source, asset = self.chains[terms["source"]], terms["asset"]
        there = self.chains[terms["destination"]]
        left = deposit[-1] - self._fee(asset, terms["source"], deposit[-1])
        units = to_units_down(left, decimals_of(source, asset), decimals_of(there, asset))
        transaction = pay(there, asset, CUSTODIAN, terms["to"], units)
        self.service.move(key, "crossed", transaction=transaction, amount=str(units))
        return True

    def _fee(self, asset: str, source: str, units: int) -> int:
        offer = self.service.offer(asset, source)
        return Tariff(fixed=int(offer["fixed"]), bps=Fraction(offer["bps"])).fee(units)
