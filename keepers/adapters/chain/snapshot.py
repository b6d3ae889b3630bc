"""A vault, read in one multicall at one block."""

from __future__ import annotations

from keepers.adapters.chain.addresses import Addresses
from keepers.adapters.chain.batch import Batch, Slot
from keepers.adapters.chain.contracts.controller import AssetController
from keepers.adapters.chain.contracts.portfolio import Portfolio, RawPosition
from keepers.adapters.chain.contracts.vault import LiquidityVault
from keepers.adapters.chain.node import Node
from keepers.domain.chain import Head
from keepers.domain.vault import VaultPosition, VaultSnapshot


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
        self.allowed: Slot[bool] | None = None
        self.balance: Slot[int] | None = None
        if keeper is not None:
            self.allowed = batch.add(controller.is_keeper(keeper))
            self.balance = batch.add(batch.node.multicall3.balance(keeper))


async def read_snapshot(
    node: Node, addresses: Addresses, *, name: str, keeper: str | None, block: int | None
) -> VaultSnapshot:
    """Read a vault.

    Args:
        node: Where to read.
        addresses: What to read.
        name: The vault's name in the configuration.
        keeper: The account whose permission and balance are of interest.
        block: At which block, the newest by default.

    Raises:
        StalePriceError, BadPriceError, SequencerNotReadyError: The vault cannot be valued.
        ContractMissingError, UnlistedTokenError: The deployments file does not fit the chain.
    """
    head = await node.head(block)
    batch = Batch(node, head.at)
    reads = _Reads(batch, addresses, keeper)
    await batch.run(head.number)
    return _assemble(head, reads, addresses, name=name, chain_id=node.chain_id, keeper=keeper)


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
        # No contract keeps redemptions for later yet; withdrawals are paid at once or not at all.
        redemptions_due=0,
        paused=reads.paused.value,
        keeper=keeper,
        keeper_allowed=reads.allowed.value if reads.allowed else False,
        keeper_balance_wei=reads.balance.value if reads.balance else 0,
    )


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
        balance=raw.balance,
        value=raw.value,
    )
