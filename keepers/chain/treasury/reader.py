"""A treasury, read in one multicall at one block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keepers.chain.addresses import TreasuryAddresses
from keepers.chain.batch import ReadBatch
from keepers.chain.codec import to_bytes
from keepers.chain.contracts.limited import KeeperSlot, LimitSlot
from keepers.chain.contracts.treasury import Treasury, TreasuryLens
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.node import Node
from keepers.model.chain import Head
from keepers.model.limits import KeeperLimits
from keepers.model.treasury import Legs, TreasuryHolding, TreasuryView


class TreasuryReader:
    """Reads of a treasury for one keeper; every method may raise a `ChainError`."""

    def __init__(self, node: Node, addresses: TreasuryAddresses, keeper: str) -> None:
        self.node = node
        self.addresses = addresses
        self.keeper = keeper

    async def read_view(self, ids: Sequence[str] = (), block: int | None = None) -> TreasuryView:
        """Return the treasury's state at a block, the newest by default.

        Args:
            ids: Ids of the transfers whose legs are read, as `0x` and 64 digits.
            block: The block.

        Raises:
            ChainError: The chain cannot be read.
            ContractMissingError: The deployments file does not match the chain.
            CallRevertedError: The balance of a venue cannot be read.
        """
        head = await self.node.head(block)
        batch = ReadBatch(self.node, head.at)
        reads = _Reads(batch, self.addresses, self.keeper, ids)
        await batch.run(head.number)
        return reads.view(self.node.chain_id, head)

    async def legs(self, transfer_id: str) -> Legs:
        """Return the times of a transfer's legs on this chain, at the newest block."""
        lens = TreasuryLens(self.addresses.lens)
        legs = lens.legs(self.addresses.treasury, [to_bytes(transfer_id)])
        return (await self.node.read(legs))[0]

    async def approvals_for(self, size: int) -> int:
        """Return the approvals that the chain requires for a size in US dollars of six decimals."""
        return await self.node.read(Treasury(self.addresses.treasury).approvals_for(size))


class _Reads:
    """Reads of a treasury view, in a batch."""

    def __init__(
        self, batch: ReadBatch, addresses: TreasuryAddresses, keeper: str, ids: Sequence[str]
    ) -> None:
        treasury, lens = Treasury(addresses.treasury), TreasuryLens(addresses.lens)
        self._ids = tuple(ids)
        self._balances = {
            asset: batch.add(lens.balances(treasury.address, asset)) for asset in addresses.assets
        }
        self._positions = {
            asset: batch.add(lens.positions(treasury.address, asset)) for asset in addresses.assets
        }
        self._legs = batch.add(lens.legs(treasury.address, [to_bytes(each) for each in ids]))
        self._keeper = KeeperSlot(batch, treasury, keeper)
        self._is_keeper = batch.add(treasury.is_keeper(keeper))
        self._routes = {
            name: LimitSlot(batch, treasury, LimitKey(LimitKind.ASSET, route))
            for name, route in addresses.routes.items()
        }
        self._venues = {
            venue: LimitSlot(batch, treasury, LimitKey(LimitKind.ASSET, venue))
            for venues in addresses.venues.values()
            for venue in venues
        }
        self._bands = batch.add(treasury.bands())
        self._paused = batch.add(treasury.paused())
        self._epoch = batch.add(treasury.epoch())
        self._balance = batch.add(batch.node.multicall3.balance(keeper))

    def view(self, chain_id: int, head: Head) -> TreasuryView:
        """Return the view from the reads."""
        return TreasuryView(
            chain_id=chain_id,
            block_number=head.number,
            block_hash=head.block_hash,
            at=head.at,
            holdings={
                asset: TreasuryHolding(slot.value[0], self._positions[asset].value)
                for asset, slot in self._balances.items()
            },
            legs=dict(zip(self._ids, self._legs.value, strict=True)),
            keeper_limits=self._limits(),
            route_limits={name: slot.value for name, slot in self._routes.items()},
            venue_limits={venue: slot.value for venue, slot in self._venues.items()},
            bands=self._bands.value,
            paused=self._paused.value,
            epoch=self._epoch.value,
            keeper_balance_wei=self._balance.value,
        )

    def _limits(self) -> KeeperLimits:
        """Return the keeper's limits; an account with limits that is no keeper was removed."""
        limits = self._keeper.value
        return replace(limits, removed=limits.reducing.is_set and not self._is_keeper.value)
