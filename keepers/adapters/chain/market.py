"""Quotes, room and trading calls of a vault's positions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eth_abi.abi import encode

from keepers.adapters.chain.addresses import Addresses
from keepers.adapters.chain.batch import Batch, Slot
from keepers.adapters.chain.contracts.controller import AssetController
from keepers.adapters.chain.contracts.fund import IERC4626
from keepers.adapters.chain.contracts.oracle import PriceOracle
from keepers.adapters.chain.contracts.venue import QuoterV2
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.paths import Paths
from keepers.domain.chain import ContractCall
from keepers.domain.order import OrderKind
from keepers.domain.quote import Quote, QuoteRequest, Room
from keepers.domain.vault import HoldingKind, VaultPosition

NO_DATA = b""


class VaultMarket:
    """The engine's `Market`, by multicalls."""

    def __init__(self, node: Node, addresses: Addresses) -> None:
        self._node = node
        self._addresses = addresses
        self._paths = Paths(node, addresses.vault)

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """What each order would bring, each for itself."""
        await self._paths.learn([(each.kind, each.position) for each in requests], block)
        batch = await self._batch(block)
        slots = [self._add(batch, each) for each in requests]
        await batch.run(block)
        return tuple(
            Quote(each.amount_in, out.value, expected.value)
            for each, (out, expected) in zip(requests, slots, strict=True)
        )

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[Room, ...]:
        """What each fund can take and give now; pools have no such limit."""
        batch = await self._batch(block)
        slots = [_add_room(batch, self._addresses, each) for each in positions]
        await batch.run(block)
        return tuple(
            Room(slot[0].value, slot[1].value) if slot else Room(None, None) for slot in slots
        )

    async def call(
        self,
        kind: OrderKind,
        position: VaultPosition,
        *,
        amount_in: int,
        minimum_out: int,
        deadline: datetime,
    ) -> ContractCall:
        """The controller's call that makes a trade; a swap carries its deadline and path."""
        data = NO_DATA
        if position.kind is HoldingKind.VENUE:
            path = await self._paths.one(kind, position)
            data = encode(("uint256", "bytes"), (int(deadline.timestamp()), path.packed))
        controller = AssetController(self._addresses.controller)
        make = controller.purchase if kind is OrderKind.PURCHASE else controller.redeem
        made = make(position.asset, amount_in, minimum_out, data)
        return ContractCall(made.target, f"0x{made.data.hex()}")

    async def _batch(self, block: int) -> Batch:
        """A batch that judges the age of prices by the time of its block."""
        return Batch(self._node, (await self._node.head(block)).at)

    def _add(self, batch: Batch, request: QuoteRequest) -> tuple[Slot[int], Slot[int]]:
        position, amount = request.position, request.amount_in
        buying = request.kind is OrderKind.PURCHASE
        if position.kind is HoldingKind.ERC4626:
            fund = IERC4626(position.asset)
            preview = fund.preview_deposit if buying else fund.preview_redeem
            plain = fund.convert_to_shares if buying else fund.convert_to_assets
            return batch.add(preview(amount)), batch.add(plain(amount))
        path = self._paths.known(request.kind, position)
        quote = QuoterV2(self._addresses.quoter).quote(path.packed, amount)
        fair = PriceOracle(self._addresses.oracle).convert(path.source, path.target, amount)
        return batch.add(quote), batch.add(fair)


def _add_room(
    batch: Batch, addresses: Addresses, position: VaultPosition
) -> tuple[Slot[int], Slot[int]] | None:
    if position.kind is not HoldingKind.ERC4626:
        return None
    fund, owner = IERC4626(position.asset), addresses.portfolio(position.tier)
    return batch.add(fund.max_withdraw(owner)), batch.add(fund.max_deposit(owner))
