"""Verifier and executor of a portfolio's runs towards its target weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract, Method, address, nothing
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.weights_run import Constituent, Swap


@dataclass(frozen=True, slots=True)
class RawTerms:
    """Bounds of every run."""

    cool_down: int
    maximum_loss_bps: int
    minimum_trade: int

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> RawTerms:
        """Read the contract's answer."""
        _, cool_down, maximum_loss, _, _, minimum_trade = values[0]
        return cls(cool_down, maximum_loss, minimum_trade)


def _portfolio_state(values: tuple[Any, ...]) -> tuple[int, tuple[Constituent, ...]]:
    """Read assets and prices; the settlement token comes last, and only its price counts."""
    (prices, quantities, targets), items = values[0]
    found = tuple(
        Constituent(
            asset=to_checksum_address(asset),
            price=price,
            quantity=quantity,
            target_bps=target,
            sale_limit=sale_limit,
            payment_limit=payment_limit,
        )
        for (asset, _, _, sale_limit, payment_limit), price, quantity, target in zip(
            items, prices[:-1], quantities[:-1], targets[:-1], strict=True
        )
    )
    return prices[-1], found


class WeightJudge(Contract):
    """The contract that starts runs and verifies their outcome."""

    scales = Method[[], tuple[int, tuple[Constituent, ...]]]("scales", _portfolio_state)
    """Price of the settlement token, and the assets."""
    rebalancer = Method[[], str]("rebalancer", address)
    """Executor of its runs; the zero address where there is none."""
    maximum_loss = Method[[], int]("maxLossBps")
    """Value that any run may lose, in basis points."""

    def reweigh(self, swaps: Sequence[Swap]) -> Call[None]:
        """Rebalance the weights by a keeper's swaps."""
        terms = [(each.asset, each.minimum_out, each.data) for each in swaps]
        return self._call("reweigh", terms, convert=nothing)


class WeightRebalancer(LimitedContract):
    """The executor of runs, within its limits."""

    terms = Method[[], RawTerms]("terms", RawTerms.of)
    """Bounds of every run."""
    last_run = Method[[], int]("lastRun")
    """Time of the last run that traded, in seconds; 0 if none did."""
    paused = Method[[], bool]("paused")
    """Whether runs are stopped."""
