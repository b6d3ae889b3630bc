"""Maintenance tasks of a vault, found by simulation: claims and payments of redemptions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch
from keepers.chain.contracts.market import IERC4626
from keepers.chain.contracts.vault import AssetController, RawBatch, RedemptionQueue
from keepers.chain.node import Node
from keepers.model.maintenance import CLAIM, FULFIL, MaintenanceTask
from keepers.model.vault import HoldingKind, VaultPosition, VaultSnapshot

CLAIM_PART = 100
"""Fraction of the smallest move from which a claim is worth its gas; anyone may send one unit."""


class MaintenanceReader:
    """Finder of maintenance tasks.

    A batch of reads is one call on chain, in which each call sees the effects of those before it.
    Therefore the cash of claims counts for redemptions.
    """

    def __init__(self, node: Node, addresses: Addresses, minimum: int) -> None:
        """Set up the finder; `minimum` is the vault's smallest move, in settlement base units."""
        self._node = node
        self._addresses = addresses
        self._minimum = minimum
        self._controller = AssetController(addresses.controller)

    async def due(self, snapshot: VaultSnapshot) -> tuple[MaintenanceTask, ...]:
        """Return claims, then the oldest batch; sends no request if the snapshot has neither.

        A batch is paid whole, or in parts of at least the smallest move.
        """
        listed = [each for each in snapshot.positions if each.kind is HoldingKind.ASYNC]
        claims = tuple([each async for each in self._claims(listed, snapshot)])
        if self._addresses.queue is None or snapshot.redemptions_due == 0:
            return claims
        queue = RedemptionQueue(self._addresses.queue)
        paid = await self._fulfilment(queue, claims, snapshot)
        return claims if paid is None else (*claims, paid)

    async def _claims(
        self, listed: Sequence[VaultPosition], snapshot: VaultSnapshot
    ) -> AsyncIterator[MaintenanceTask]:
        batch = ReadBatch(self._node, snapshot.at)
        slots = [batch.add(self._controller.claim(each.asset)) for each in listed]
        await batch.run(snapshot.block_number)
        found = [slot.found or (0, 0) for slot in slots]
        worth = ReadBatch(self._node, snapshot.at)
        values = [
            worth.add(IERC4626(each.asset).convert_to_assets(shares)) if shares else None
            for each, (shares, _) in zip(listed, found, strict=True)
        ]
        await worth.run(snapshot.block_number)
        for each, (shares, assets), value in zip(listed, found, values, strict=True):
            brings = assets + ((value.found or 0) if value else 0)
            if brings and brings * CLAIM_PART >= self._minimum:
                yield self._claim(each, shares, assets)

    async def _fulfilment(
        self, queue: RedemptionQueue, claims: Sequence[MaintenanceTask], snapshot: VaultSnapshot
    ) -> MaintenanceTask | None:
        number = await self._node.read(queue.oldest_batch(), snapshot.block_number)
        if number == 0:
            return None
        batch = ReadBatch(self._node, snapshot.at)
        for each in claims:
            batch.add(self._controller.claim(each.subject))
        waiting, paid = batch.add(queue.batch(number)), batch.add(queue.fulfil())
        await batch.run(snapshot.block_number)
        if paid.found is None:
            return None
        shares, assets = paid.found
        if shares < waiting.value.open and assets < self._minimum:
            return None
        return _fulfil(queue, number, waiting.value, shares, assets)

    def _claim(self, position: VaultPosition, shares: int, assets: int) -> MaintenanceTask:
        return MaintenanceTask(
            kind=CLAIM,
            key=f"claim:{position.asset.lower()}",
            subject=position.asset,
            symbol=position.symbol,
            call=self._controller.claim(position.asset).contract_call,
            shares=shares,
            assets=assets,
            reason=f"the issuer of {position.symbol} has settled a request",
        )


def _fulfil(
    queue: RedemptionQueue, number: int, waiting: RawBatch, shares: int, assets: int
) -> MaintenanceTask:
    part = "all" if shares == waiting.open else "a part"
    return MaintenanceTask(
        kind=FULFIL,
        key=f"fulfil:{queue.address.lower()}:{number}:{waiting.fulfilled}",
        subject=queue.address,
        symbol=f"batch {number}",
        call=queue.fulfil(waiting.open).contract_call,
        shares=shares,
        assets=assets,
        reason=f"cash covers {part} of batch {number}",
    )
