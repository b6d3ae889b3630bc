"""Prices of a vault's assets, and what can be claimed of asynchronous ones, in two multicalls."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.chain.addresses import Addresses
from keepers.chain.batch import Batch, Slot
from keepers.chain.codec import Call
from keepers.chain.contracts.fund import IERC4626, Erc7540Venue
from keepers.chain.contracts.oracle import PriceOracle
from keepers.chain.contracts.portfolio import Portfolio, RawHolding
from keepers.chain.contracts.vault import LiquidityVault
from keepers.chain.node import Node
from keepers.chain.reads import BlockReads
from keepers.model.chain_events import Level, LevelKind
from keepers.model.vault import HoldingKind

SHARPNESS = 10**9
"""Prices are of so many whole units, as tokens of few decimals would hide small moves."""


class VaultGauge:
    """The watcher's `Gauge` of one vault; assets go by their symbols."""

    def __init__(self, node: Node, addresses: Addresses) -> None:
        self._node = node
        self._addresses = addresses

    async def levels(self) -> tuple[Level, ...]:
        """Prices in base units of the settlement token, and what can be claimed.

        A price that cannot be had, as of a feed that is stale, is left out.
        """
        head = await self._node.head()
        first = BlockReads(self._node, head.number, head.at)
        settlement = first.add(LiquidityVault(self._addresses.vault).asset())
        listed = [first.add(Portfolio(each).holdings()) for each in self._addresses.portfolios]
        await first.run(head.number)
        second = BlockReads(self._node, head.number, head.at)
        reads = [
            _Reads(second, self._addresses, holding, settlement.value)
            for slot in listed
            for holding in slot.value
        ]
        await second.run(head.number)
        return tuple(level for each in reads for level in each.levels())


class _Reads:
    """What is read of one asset."""

    def __init__(
        self, batch: Batch, addresses: Addresses, holding: RawHolding, settlement: str
    ) -> None:
        token, fund = addresses.token(holding.asset), IERC4626(holding.asset)
        self._symbol = token.symbol
        amount = SHARPNESS * 10**token.decimals
        self._price: Slot[int] = batch.add(_price(addresses, holding, settlement, amount))
        self._claims: tuple[Slot[tuple[int, int]], Slot[int], Slot[int]] | None = None
        if holding.kind is HoldingKind.ASYNC:
            venue = holding.venue
            self._claims = (
                batch.add(Erc7540Venue(venue).requested(holding.asset)),
                batch.add(fund.max_deposit(venue)),
                batch.add(fund.max_withdraw(venue)),
            )

    def levels(self) -> Iterator[Level]:
        """As far as they can be had."""
        price = self._price.found
        if price is not None:
            yield Level(LevelKind.PRICE, self._symbol, price)
        if self._claims is None:
            return
        requested, deposits, redemptions = (each.found for each in self._claims)
        if not isinstance(requested, tuple):
            return
        assets, shares = requested
        # A stranger may have something settled in our name; what we did not request is none of it.
        yield Level(LevelKind.WINDOW, self._symbol, _claimable(deposits) if assets else 0)
        yield Level(LevelKind.MATURITY, self._symbol, _claimable(redemptions) if shares else 0)


def _claimable(found: int | tuple[int, int] | None) -> int:
    return found if isinstance(found, int) else 0


def _price(addresses: Addresses, holding: RawHolding, settlement: str, amount: int) -> Call[int]:
    if holding.kind is HoldingKind.VENUE:
        return PriceOracle(addresses.oracle).convert(holding.asset, settlement, amount)
    return IERC4626(holding.asset).convert_to_assets(amount)
