"""Nodes of the market's chain: blocks are made as soon as there is something for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from keepers.model.chain import ContractCall, NodeErrorKind
from keepers.model.chain_view import ChainView, Estimate, SendAnswer
from keepers.model.errors.chain import CallRevertedError, ChainUnreachableError
from tests.unit.runs.market import NOTHING, Asset, Memory, Trade, is_trade, trade_of
from tests.unit.transactions.paper_chain import paper
from tests.unit.transactions.paper_nodes import PaperNodes


@dataclass
class MarketNodes(PaperNodes):
    """The engine's nodes."""

    assets: dict[str, Asset] = field(default_factory=dict[str, Asset])
    mines: bool = True
    is_deaf: bool = False
    """Whether bytes do not arrive, and nobody says why."""
    after_send: Callable[[], None] | None = None
    before_view: Callable[[], None] | None = None

    async def view(self, account: str) -> ChainView:
        """The chain as it is."""
        if self.before_view is not None:
            self.before_view()
        return await super().view(account)

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Fails where the asset says so."""
        error = None
        if is_trade(call.calldata):
            error = self.assets[trade_of(call.calldata).symbol].estimate_error
        if error is not None:
            raise error
        return await super().estimate(sender, call, value)

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        """Take bytes; include them at once if blocks are made."""
        if self.is_deaf:
            self.sent.append(raw)
            return (SendAnswer("paper", NodeErrorKind.TRANSPORT, "nothing heard"),)
        answers = await super().send(raw, public=public)
        if self.mines:
            self.chain.mine()
        if self.after_send is not None:
            self.after_send()
        return answers

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """What the market's contracts say."""
        del sender, raw, block
        return "Nope()"

    @property
    def trades(self) -> list[Trade]:
        """What was sent, each time that it was."""
        found = [paper(raw).decoded.calldata for raw in self.sent]
        return [trade_of(each) for each in found if each != NOTHING]

    @property
    def nonces(self) -> list[int]:
        """The nonces of what was sent."""
        return [paper(raw).decoded.nonce for raw in self.sent]


def nodes_of(memory: Memory) -> MarketNodes:
    """Nodes of the market's chain."""
    return MarketNodes(memory.paper, assets=memory.assets)


def unreachable() -> ChainUnreachableError:
    """The node is away."""
    return ChainUnreachableError("http://node", "TimeoutError")


def reverted() -> CallRevertedError:
    """A contract says no."""
    return CallRevertedError("Nope")
