"""Nodes as one replica sees them: at each call it may stall, die, or get wrong answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from keepers.model.chain import Receipt
from keepers.model.chain_view import ChainView, SendAnswer
from tests.unit.transactions.model.interruptions import Interruptions
from tests.unit.transactions.paper_nodes import PaperNodes


def nobody(_: object) -> None:
    """Ignore the event."""


@dataclass
class WatchedNodes(PaperNodes):
    """Simulated nodes that report sent bytes and final blocks to the model.

    Attributes:
        can_name: Whether they can name the transaction that used a nonce.
    """

    interruptions: Interruptions = field(default_factory=Interruptions)
    on_send: Callable[[str], None] = nobody
    on_view: Callable[[ChainView], None] = nobody
    can_name: Callable[[], bool] = lambda: True

    async def view(self, account: str) -> ChainView:
        found = await super().view(account)
        self.on_view(found)
        await self.interruptions.stand()
        return found

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        await self.interruptions.stand()
        self.interruptions.at("before_send")
        self.on_send(raw)
        answers = await super().send(raw, public=public)
        self.interruptions.at("after_send")
        await self.interruptions.stand()
        return answers

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        await self.interruptions.stand()
        found = await super().receipt(transaction_hash)
        await self.interruptions.stand()
        return found

    async def block_hash(self, block: int) -> str | None:
        found = await super().block_hash(block)
        await self.interruptions.stand()
        return found

    async def knows(self, transaction_hash: str) -> bool:
        await self.interruptions.stand()
        return await super().knows(transaction_hash)

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        await self.interruptions.stand()
        return await super().spender(account, nonce, block) if self.can_name() else None
