"""A vault, read in one multicall at one block; in a few more where a holding is broken."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.chain.addresses import Addresses
from keepers.chain.batch import Batch, Slot
from keepers.chain.contracts.controller import AssetController
from keepers.chain.contracts.kill_switch import KillSwitch
from keepers.chain.contracts.portfolio import Portfolio
from keepers.chain.contracts.queue import RedemptionQueue
from keepers.chain.contracts.vault import LiquidityVault
from keepers.chain.holdings import read_positions
from keepers.chain.limits import KeeperSlot, LossSlot
from keepers.model.chain import Head
from keepers.model.errors.chain import OtherQueueError
from keepers.model.tier import Tier, TierValues
from keepers.model.vault import VaultPosition, VaultSnapshot

REDEMPTION_HORIZON = 7 * 24 * 3600
"""Seconds; redemptions that are due later are none of today's concern."""


class _Reads:
    """The slots of everything that a snapshot is made of."""

    def __init__(self, batch: Batch, addresses: Addresses, keeper: str | None) -> None:
        vault, controller = LiquidityVault(addresses.vault), AssetController(addresses.controller)
        # What asks no contract of others comes first: no holding can use up its gas.
        self.settlement = batch.add(vault.asset())
        self.total_supply = batch.add(vault.total_supply())
        self.bands = batch.add(controller.tier_bands())
        self.paused = batch.add(controller.paused())
        self.budgets = LossSlot(batch, controller, keeper)
        self.queue = batch.add(vault.queue())
        self.limits: KeeperSlot | None = None
        self.balance: Slot[int] | None = None
        if keeper is not None:
            switch = addresses.kill_switch
            kill_switch = None if switch is None else KillSwitch(switch)
            self.limits = KeeperSlot(batch, controller, keeper, kill_switch)
            self.balance = batch.add(batch.node.multicall3.balance(keeper))
        self.book = batch.add(controller.book_values())
        self.total_assets = batch.add(vault.total_assets())
        self.due: Slot[int] | None = None
        if addresses.queue is not None:
            self.due = batch.add(RedemptionQueue(addresses.queue).due_within(REDEMPTION_HORIZON))
        self.positions = [batch.add(Portfolio(each).positions()) for each in addresses.portfolios]
        self.tier_values = batch.add(controller.tier_values())


async def read_snapshot(
    batch: Batch, addresses: Addresses, *, name: str, keeper: str | None, head: Head
) -> VaultSnapshot:
    """Read a vault.

    Args:
        batch: Reads of the block, to which these are added before it is run.
        addresses: What to read.
        name: The vault's name in the configuration.
        keeper: The account whose permission and balance are of interest.
        head: At which block.

    A holding that cannot be valued says so in its position, with a value by the controller's book.

    Raises:
        ContractMissingError, UnlistedTokenError, OtherQueueError: The deployments file does not
            fit the chain.
    """
    reads = _Reads(batch, addresses, keeper)
    await batch.run(head.number)
    book = reads.book.value
    positions = await read_positions(batch, addresses, reads.positions, book, head.number)
    values = reads.tier_values.found or _estimated(book, positions)
    settlement = addresses.token(reads.settlement.value)
    total = reads.total_assets.found
    return VaultSnapshot(
        chain_id=batch.node.chain_id,
        block_number=head.number,
        block_hash=head.block_hash,
        at=head.at,
        vault=name,
        settlement_symbol=settlement.symbol,
        settlement_decimals=settlement.decimals,
        total_assets=sum(values) if total is None else total,
        total_supply=reads.total_supply.value,
        tier_values=values,
        bands=reads.bands.value,
        positions=positions,
        redemptions_due=_due(reads, addresses),
        paused=reads.paused.value,
        loss_budgets=reads.budgets.value,
        keeper=keeper,
        keeper_limits=reads.limits.value if reads.limits else None,
        keeper_balance_wei=reads.balance.value if reads.balance else 0,
    )


def _due(reads: _Reads, addresses: Addresses) -> int:
    """Nothing where the vault has no queue: it pays withdrawals at once or not at all."""
    queue = reads.queue.value
    if int(queue, 16) == 0:
        return 0
    if queue != addresses.queue or reads.due is None:
        raise OtherQueueError(queue, addresses.queue)
    return reads.due.value


def _estimated(book: TierValues, positions: Sequence[VaultPosition]) -> TierValues:
    """The tiers where not all can be valued: cash, and what their holdings add up to."""
    second, third = (
        sum(each.value for each in positions if each.tier == tier) for tier in (Tier.L2, Tier.L3)
    )
    return book[Tier.L1], second, third
