"""A vault, read in one multicall at one block."""

from __future__ import annotations

from keepers.adapters.chain.addresses import Addresses
from keepers.adapters.chain.batch import Batch, Slot
from keepers.adapters.chain.contracts.controller import AssetController
from keepers.adapters.chain.contracts.portfolio import Portfolio, RawPosition
from keepers.adapters.chain.contracts.queue import RedemptionQueue
from keepers.adapters.chain.contracts.vault import LiquidityVault
from keepers.adapters.chain.limits import KeeperSlot, LossSlot
from keepers.domain.chain import Head
from keepers.domain.errors_chain import OtherQueueError
from keepers.domain.vault import VaultPosition, VaultSnapshot

REDEMPTION_HORIZON = 7 * 24 * 3600
"""Seconds; redemptions that are due later are none of today's concern."""


class _Reads:
    """The slots of everything that a snapshot is made of."""

    def __init__(self, batch: Batch, addresses: Addresses, keeper: str | None) -> None:
        vault, controller = LiquidityVault(addresses.vault), AssetController(addresses.controller)
        self.settlement = batch.add(vault.asset())
        self.total_assets = batch.add(vault.total_assets())
        self.total_supply = batch.add(vault.total_supply())
        self.tier_values = batch.add(controller.tier_values())
        self.bands = batch.add(controller.tier_bands())
        self.paused = batch.add(controller.paused())
        self.positions = [batch.add(Portfolio(each).positions()) for each in addresses.portfolios]
        self.budgets = LossSlot(batch, controller)
        self.queue = batch.add(vault.queue())
        self.due: Slot[int] | None = None
        if addresses.queue is not None:
            self.due = batch.add(RedemptionQueue(addresses.queue).due_within(REDEMPTION_HORIZON))
        self.limits: KeeperSlot | None = None
        self.balance: Slot[int] | None = None
        if keeper is not None:
            self.limits = KeeperSlot(batch, controller, keeper)
            self.balance = batch.add(batch.node.multicall3.balance(keeper))


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

    Raises:
        StalePriceError, BadPriceError, SequencerNotReadyError: The vault cannot be valued.
        ContractMissingError, UnlistedTokenError, OtherQueueError: The deployments file does not
            fit the chain.
    """
    reads = _Reads(batch, addresses, keeper)
    await batch.run(head.number)
    chain_id = batch.node.chain_id
    return _assemble(head, reads, addresses, name=name, chain_id=chain_id, keeper=keeper)


def _assemble(
    head: Head,
    reads: _Reads,
    addresses: Addresses,
    *,
    name: str,
    chain_id: int,
    keeper: str | None,
) -> VaultSnapshot:
    settlement = addresses.token(reads.settlement.value)
    return VaultSnapshot(
        chain_id=chain_id,
        block_number=head.number,
        block_hash=head.block_hash,
        at=head.at,
        vault=name,
        settlement_symbol=settlement.symbol,
        settlement_decimals=settlement.decimals,
        total_assets=reads.total_assets.value,
        total_supply=reads.total_supply.value,
        tier_values=reads.tier_values.value,
        bands=reads.bands.value,
        positions=tuple(
            _position(addresses, tier, raw)
            for tier, slot in enumerate(reads.positions, start=1)
            for raw in slot.value
        ),
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


def _position(addresses: Addresses, tier: int, raw: RawPosition) -> VaultPosition:
    token = addresses.token(raw.asset)
    return VaultPosition(
        tier=tier,
        asset=raw.asset,
        symbol=token.symbol,
        decimals=token.decimals,
        kind=raw.kind,
        venue=raw.venue,
        target_bps=raw.target_bps,
        maximum_loss_bps=raw.maximum_loss_bps,
        cap_bps=raw.cap_bps,
        balance=raw.balance,
        value=raw.value,
        marked=raw.marked,
        known=raw.known,
    )
