"""The judge and the executor of a portfolio's runs towards its target weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.weights_run import Constituent, Swap


@dataclass(frozen=True, slots=True)
class RawTerms:
    """What every run is bound by."""

    cool_down: int
    maximum_loss_bps: int
    minimum_trade: int

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "RawTerms":
        """From the contract's struct."""
        _, cool_down, maximum_loss, _, _, minimum_trade = fields
        return cls(cool_down, maximum_loss, minimum_trade)


class WeightJudge(Contract):
    """Runs and judges."""

    def scales(self) -> Call[tuple[int, tuple[Constituent, ...]]]:
        """The price of the settlement token, and the assets."""
        return self._call("scales", convert=lambda values: _scales(values[0]))

    def rebalancer(self) -> Call[str]:
        """The executor; the zero address where there is none."""
        return self._call("rebalancer", convert=lambda values: to_checksum_address(values[0]))

    def maximum_loss(self) -> Call[int]:
        """Value that any run may lose, in basis points."""
        return self._call("maxLossBps")

    def reweigh(self, swaps: Sequence[Swap]) -> Call[None]:
        """A keeper's run."""
        terms = [(each.asset, each.minimum_out, each.data) for each in swaps]
        return self._call("reweigh", terms, convert=lambda _: None)


class WeightRebalancer(LimitedContract):
    """Executes, within its limits."""

    def terms(self) -> Call[RawTerms]:
        """Of all runs."""
        return self._call("terms", convert=lambda values: RawTerms.of(tuple(values[0])))

    def last_run(self) -> Call[int]:
        """When a run last traded, in seconds; 0 if none did."""
        return self._call("lastRun")

    def paused(self) -> Call[bool]:
        """Whether runs are stopped."""
        return self._call("paused")


def _scales(fields: tuple[Any, ...]) -> tuple[int, tuple[Constituent, ...]]:
    """The settlement token comes last; nothing of it counts where a portfolio has a home."""
    (prices, quantities, targets), items = fields
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
