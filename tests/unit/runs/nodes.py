"""Nodes of the in-memory market's chain: each sent transaction is included at once."""

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
    """Nodes for the transaction engine on the market's chain."""

    assets: dict[str, Asset] = field(default_factory=dict[str, Asset])
    mines: bool = True
    is_deaf: bool = False
    """Whether sent bytes are lost and the node returns a transport error."""
    after_send: Callable[[], None] | None = None
    before_view: Callable[[], None] | None = None
    executed_bits: Callable[[str], int] = lambda _: 0

    async def view(self, account: str) -> ChainView:
        """Return the chain view after calling `before_view`."""
        if self.before_view is not None:
            self.before_view()
        return await super().view(account)

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Estimate a call, or raise the error set on its asset."""
        error = None
        if is_trade(call.calldata):
            error = self.assets[trade_of(call.calldata).symbol].estimate_error
        if error is not None:
            raise error
        return await super().estimate(sender, call, value)

    async def simulate(self, sender: str, call: ContractCall, value: int, gas: int) -> bytes:
        """Simulate a call; return the executed trades of one with several as bits."""
        await super().simulate(sender, call, value, gas)
        return self.executed_bits(call.calldata).to_bytes(32, "big")

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        """Send bytes; mine a block at once if `mines` is set."""
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
        """Return the revert reason of the market's contracts."""
        del sender, raw, block
        return "Nope()"

    @property
    def trades(self) -> list[Trade]:
        """Trades sent, including resends."""
        found = [paper(raw).decoded.calldata for raw in self.sent]
        return [trade_of(each) for each in found if each != NOTHING]

    @property
    def nonces(self) -> list[int]:
        """Nonces of the transactions sent."""
        return [paper(raw).decoded.nonce for raw in self.sent]


def nodes_of(memory: Memory) -> MarketNodes:
    """Return nodes of the market's chain."""
    return MarketNodes(memory.paper, assets=memory.assets, executed_bits=memory.executed_bits)


def unreachable() -> ChainUnreachableError:
    """Return the error of an unreachable node."""
    return ChainUnreachableError("http://node", "TimeoutError")


def reverted() -> CallRevertedError:
    """Return the error of a reverted call."""
    return CallRevertedError("Nope")
