"""Nodes of a simulated chain, which can be made to fail."""

from __future__ import annotations

# ruff: noqa: ARG002 - a double has the parameters of its port
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from keepers.model.chain import ContractCall, NodeErrorKind, Receipt
from keepers.model.chain_view import (
    ChainView,
    Estimate,
    FeeMarket,
    MadeCall,
    SendAnswer,
)
from keepers.model.errors.chain import CallRevertedError, ChainUnreachableError
from tests.unit.transactions.paper_chain import PaperChain

Fault = Callable[[PaperChain, str], NodeErrorKind | None]
"""Replacement for one sending; it may still pass the bytes to the chain."""


def refused(kind: NodeErrorKind) -> Fault:
    """Return a fault in which the bytes do not arrive."""
    return lambda _chain, _raw: kind


def unheard(kind: NodeErrorKind = NodeErrorKind.TRANSPORT) -> Fault:
    """Return a fault in which the bytes arrive but the response does not."""

    def fault(chain: PaperChain, raw: str) -> NodeErrorKind:
        chain.send(raw)
        return kind

    return fault


@dataclass
class PaperNodes:
    """The engine's `Nodes`; all sent bytes are kept."""

    chain: PaperChain
    safe_depth: int | None = 2
    final_depth: int | None = 4
    sent: list[str] = field(default_factory=list[str])
    faults: deque[Fault] = field(default_factory=deque[Fault])
    down: set[str] = field(default_factory=set[str])
    hidden: set[str] = field(default_factory=set[str])
    reverting: set[str] = field(default_factory=set[str])
    gas: int = 100_000
    nameless: bool = False
    """Whether nodes can no longer name the transaction that used a nonce."""
    asked: list[str] = field(default_factory=list[str])

    async def view(self, account: str) -> ChainView:
        self._ask("view")
        head = self.chain.head
        return ChainView(
            head=head,
            gas_limit=self.chain.gas_limit,
            nonce=self.chain.nonce(account),
            pending_nonce=self.chain.pending_nonce(account),
            balance=self.chain.balance,
            safe=None if self.safe_depth is None else head.number - self.safe_depth,
            finalized=None if self.final_depth is None else head.number - self.final_depth,
        )

    async def market(self) -> FeeMarket:
        self._ask("market")
        return FeeMarket(self.chain.base_fee, self.chain.tip)

    async def nonce_at(self, account: str, block: int) -> int:
        self._ask("nonce_at")
        return self.chain.nonce(account, block)

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        self._ask("estimate")
        self._check(call)
        return Estimate(self.gas, ())

    async def simulate(self, sender: str, call: ContractCall, value: int, gas: int) -> bytes:
        self._ask("simulate")
        self._check(call)
        return b""

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        self.sent.append(raw)
        fault = self.faults.popleft() if self.faults else None
        problem = self.chain.send(raw) if fault is None else fault(self.chain, raw)
        return (SendAnswer("paper", problem, problem or ""),)

    async def knows(self, transaction_hash: str) -> bool:
        self._ask("knows")
        return transaction_hash not in self.hidden and self.chain.knows(transaction_hash)

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        self._ask("receipt")
        if transaction_hash in self.hidden:
            return None
        return self.chain.receipt(transaction_hash)

    async def block_hash(self, block: int) -> str | None:
        self._ask("block_hash")
        return self.chain.block_hash(block)

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        self._ask("spender")
        if self.nameless:
            return None
        for where, each in self.chain.included():
            if each.key == (account.lower(), nonce) and where.head.number <= block:
                return each.hash
        return None

    async def call_of(self, transaction_hash: str) -> MadeCall | None:
        self._ask("call_of")
        for _, each in self.chain.included():
            if each.hash == transaction_hash:
                read = each.decoded
                return MadeCall(read.target, read.calldata, read.value)
        return None

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        return "Refused()"

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what in self.down or "all" in self.down:
            raise ChainUnreachableError("paper", "down")

    def _check(self, call: ContractCall) -> None:
        if call.calldata in self.reverting:
            raise CallRevertedError("Refused", (), "contract refused: Refused()")
