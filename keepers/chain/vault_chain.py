"""One vault on one chain, as it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from keepers.chain.action_events import read_action
from keepers.chain.addresses import Addresses, Token
from keepers.chain.contracts.controller import AssetController
from keepers.chain.limits import read_keepers
from keepers.chain.node import Node
from keepers.chain.reads import VaultReads
from keepers.chain.snapshot import read_snapshot
from keepers.chain.survey import Survey
from keepers.model.chain import ActionEvent, Head, Receipt
from keepers.model.limits import KeeperLimits
from keepers.model.vault import VaultSnapshot


@dataclass(eq=False)
class VaultChain:
    """The engine's `Chain`.

    Attributes:
        node: Where to read.
        addresses: The vault's contracts.
        name: The vault's name in the configuration.
        keeper: The account that acts, if one does.
        survey: What is asked along with a snapshot; nothing without one.
        reads: The reads of the newest snapshot's block, for who reads more of that block.
    """

    node: Node
    addresses: Addresses
    name: str
    keeper: str | None
    survey: Survey | None = None
    reads: VaultReads = field(init=False, repr=False)
    _last: VaultSnapshot | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.reads = VaultReads(self.node, self.addresses.vault, self.survey)

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """The vault at a block, the newest by default; the same block is read once."""
        head = await self.node.head(block)
        if self._last is None or self._last.block_hash != head.block_hash:
            self._last = await self._read(head)
        return self._last

    async def settlement(self) -> Token:
        """The token in which the vault counts."""
        return self.addresses.token(await self.reads.settlement())

    async def limits(self, keepers: Sequence[str], block: int) -> tuple[KeeperLimits, ...]:
        """What several keepers may move."""
        controller = AssetController(self.addresses.controller)
        return await read_keepers(self.node, controller, keepers, block)

    def action_of(self, receipt: Receipt) -> ActionEvent | None:
        """What the controller's event in a receipt says; None without one."""
        return read_action(receipt, self.addresses.controller)

    async def _read(self, head: Head) -> VaultSnapshot:
        """The snapshot, and along with it what a plan on it is likely to need."""
        reads = self.reads.begin(head.number, head.at)
        if self.survey is not None:
            self.survey.ask(reads)
        found = await read_snapshot(
            reads, self.addresses, name=self.name, keeper=self.keeper, head=head
        )
        if self.survey is not None:
            self.survey.sees(found.positions)
            self.survey.learn(reads)
        return found
