"""Snapshot of a vault, by one multicall at one block; by several if a holding is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from keepers.chain.addresses import Addresses, Token
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.contracts.limited import KeeperSlot, KillSwitch, LossSlot, read_keepers
from keepers.chain.contracts.vault import (
    AssetController,
    LiquidityVault,
    Portfolio,
    RedemptionQueue,
)
from keepers.chain.node import Node
from keepers.chain.vault.holdings import read_positions
from keepers.chain.vault.reads import VaultReads
from keepers.chain.vault.survey import VaultSurvey
from keepers.model.chain import Head
from keepers.model.errors.chain import OtherQueueError
from keepers.model.limits import KeeperLimits
from keepers.model.tier_config import Tier, TierValues
from keepers.model.vault import VaultPosition, VaultSnapshot

REDEMPTION_HORIZON = 7 * 24 * 3600
"""Seconds; redemptions that are due later are not counted."""


class _Reads:
    """Reads of a snapshot, in a batch."""

    def __init__(self, batch: ReadBatch, addresses: Addresses, keeper: str | None) -> None:
        vault, controller = LiquidityVault(addresses.vault), AssetController(addresses.controller)
        # Reads that call no external contract come first, so that no holding can use up their gas.
        self.settlement = batch.add(vault.asset())
        self.total_supply = batch.add(vault.total_supply())
        self.bands = batch.add(controller.tier_bands())
        self.paused = batch.add(controller.paused())
        self.budgets = LossSlot(batch, controller, keeper)
        self.queue = batch.add(vault.queue())
        self.limits: KeeperSlot | None = None
        self.balance: ReadSlot[int] | None = None
        if keeper is not None:
            switch = addresses.kill_switch
            kill_switch = None if switch is None else KillSwitch(switch)
            self.limits = KeeperSlot(batch, controller, keeper, kill_switch)
            self.balance = batch.add(batch.node.multicall3.balance(keeper))
        self.book = batch.add(controller.book_values())
        self.total_assets = batch.add(vault.total_assets())
        self.due: ReadSlot[int] | None = None
        if addresses.queue is not None:
            self.due = batch.add(RedemptionQueue(addresses.queue).due_within(REDEMPTION_HORIZON))
        self.positions = [batch.add(Portfolio(each).positions()) for each in addresses.portfolios]
        self.tier_values = batch.add(controller.tier_values())


async def read_snapshot(
    batch: ReadBatch, addresses: Addresses, *, name: str, keeper: str | None, head: Head
) -> VaultSnapshot:
    """Read a vault.

    The position of a holding that cannot be valued has the reason, and a value from the book.

    Args:
        batch: Reads of the block, to which these are added before it runs.
        addresses: The vault's contracts.
        name: The vault's name in the configuration.
        keeper: Account whose limits and balance are read.
        head: The block.

    Raises:
        ContractMissingError, UnlistedTokenError, OtherQueueError: The deployments file does not
            match the chain.
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
    """Return the redemptions that are due; zero if the vault has no queue."""
    queue = reads.queue.value
    if int(queue, 16) == 0:
        return 0
    if queue != addresses.queue or reads.due is None:
        raise OtherQueueError(queue, addresses.queue)
    return reads.due.value


def _estimated(book: TierValues, positions: Sequence[VaultPosition]) -> TierValues:
    """Return tier values if not all holdings can be valued: cash, and the sums of the holdings."""
    second, third = (
        sum(each.value for each in positions if each.tier == tier) for tier in (Tier.L2, Tier.L3)
    )
    return book[Tier.L1], second, third


@dataclass(eq=False)
class VaultChain:
    """Reader of a vault's snapshots.

    Attributes:
        name: The vault's name in the configuration.
        keeper: Account of the keeper, if any.
        survey: Prefetched reads of each snapshot; None for none.
        reads: Reads of the newest snapshot's block, shared by other readers.
    """

    node: Node
    addresses: Addresses
    name: str
    keeper: str | None
    survey: VaultSurvey | None = None
    reads: VaultReads = field(init=False, repr=False)
    _last: VaultSnapshot | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.reads = VaultReads(self.node, self.addresses.vault, self.survey)

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """Return the vault at a block, the newest by default; the same block is read once."""
        head = await self.node.head(block)
        if self._last is None or self._last.block_hash != head.block_hash:
            self._last = await self._read(head)
        return self._last

    async def settlement(self) -> Token:
        """Return the settlement token."""
        return self.addresses.token(await self.reads.settlement())

    async def limits(self, keepers: Sequence[str], block: int) -> tuple[KeeperLimits, ...]:
        """Return the limits of several keepers."""
        controller = AssetController(self.addresses.controller)
        return await read_keepers(self.node, controller, keepers, block)

    async def _read(self, head: Head) -> VaultSnapshot:
        """Read the snapshot, with the answers that a plan on it is likely to need."""
        reads = self.reads.begin(head.number, head.at)
        if self.survey is not None:
            self.survey.prefetch(reads)
        found = await read_snapshot(
            reads, self.addresses, name=self.name, keeper=self.keeper, head=head
        )
        if self.survey is not None:
            self.survey.remember(found.positions)
            self.survey.learn(reads)
        return found
