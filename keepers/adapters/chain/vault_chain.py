"""One vault on one chain, as it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from keepers.adapters.chain.action_events import read_action
from keepers.adapters.chain.addresses import Addresses
from keepers.adapters.chain.limits import read_keepers
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.snapshot import read_snapshot
from keepers.domain.chain import ActionEvent, Receipt
from keepers.domain.limits import KeeperLimits
from keepers.domain.vault import VaultSnapshot


@dataclass(eq=False)
class VaultChain:
    """The engine's `Chain`.

    Attributes:
        node: Where to read.
        addresses: The vault's contracts.
        name: The vault's name in the configuration.
        keeper: The account that acts, if one does.
    """

    node: Node
    addresses: Addresses
    name: str
    keeper: str | None
    _last: VaultSnapshot | None = field(default=None, init=False, repr=False)

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """The vault at a block, the newest by default; the same block is read once."""
        head = await self.node.head(block)
        if self._last is None or self._last.block_hash != head.block_hash:
            self._last = await read_snapshot(
                self.node, self.addresses, name=self.name, keeper=self.keeper, head=head
            )
        return self._last

    async def limits(self, keepers: Sequence[str], block: int) -> tuple[KeeperLimits, ...]:
        """What several keepers may move."""
        return await read_keepers(self.node, self.addresses.controller, keepers, block)

    def action_of(self, receipt: Receipt) -> ActionEvent | None:
        """What the controller's event in a receipt says; None without one."""
        return read_action(receipt, self.addresses.controller)
