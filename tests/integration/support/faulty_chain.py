"""Anvil that a test controls block by block, behind proxies that represent several nodes."""

from __future__ import annotations

import gzip
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.network.anvil import Anvil
from scripts.network.errors import RpcError
from scripts.network.specs import ChainSpec
from tests.integration.support.bare import CHAIN_ID, BareChain
from tests.integration.support.fault_proxy import FaultProxy, fault_proxy
from tests.integration.support.upstream import SEND, ReplacementRule, asking

SPEC = ChainSpec("faulty", CHAIN_ID, 0, 0, rollup=False)


@dataclass(frozen=True, eq=False)
class FaultyChain(BareChain):
    """The anvil itself, without the proxies, and control of its blocks, pool and state."""

    anvil: Anvil
    rule: ReplacementRule
    options: tuple[str, ...]
    proxies: tuple[FaultProxy, ...] = ()
    _running: list[Anvil] = field(default_factory=list[Anvil])

    @property
    def urls(self) -> tuple[str, ...]:
        """URLs of the nodes for the code under test."""
        return tuple(proxy.url for proxy in self.proxies)

    @property
    def head(self) -> int:
        """Number of the newest block."""
        return int(self.rpc("eth_blockNumber"), 16)

    def pool(self) -> tuple[str, ...]:
        """Return the hashes of waiting transactions, first those that could be mined."""
        content = self.rpc("txpool_content")
        return tuple(
            waiting["hash"]
            for part in ("pending", "queued")
            for by_nonce in content[part].values()
            for _, waiting in sorted(by_nonce.items(), key=lambda each: int(each[0]))
        )

    def raw(self, transaction_hash: str) -> str:
        """Return the signed bytes of a waiting or included transaction."""
        return self.rpc("eth_getRawTransactionByHash", transaction_hash)

    def submit(self, raw: str) -> str:
        """Submit bytes to the anvil without the proxies and their rule; return the hash."""
        return self.rpc(SEND, raw)

    def drop(self, transaction_hash: str) -> None:
        """Drop a waiting transaction from the pool."""
        self.rpc("anvil_dropTransaction", transaction_hash)

    def mine_only(self, *transaction_hashes: str) -> None:
        """Mine one block with these waiting transactions; the others keep waiting."""
        self.mine_raw(*(self.raw(each) for each in transaction_hashes))

    def mine_raw(self, *chosen: str) -> None:
        """Mine one block with these signed bytes, also instead of a replacement that waits.

        The others keep waiting, if their nonces are still unused.
        """
        others = [self.raw(each) for each in self.pool()]
        self.rpc("anvil_dropAllTransactions")
        for raw in chosen:
            self.submit(raw)
        self.mine()
        for raw in others:
            with suppress(RpcError):
                self.submit(raw)

    def mine_empty(self, blocks: int = 1) -> None:
        """Mine blocks without waiting transactions, which keep waiting."""
        for _ in range(blocks):
            self.mine_raw()

    def reorg(self, depth: int, included: Sequence[tuple[str, int]] = ()) -> None:
        """Replace the last blocks by others of the same height.

        Their transactions are not in the pool afterwards. `included` are raw transactions of the
        new blocks, each with the index of its block, from 0 for the first new one.
        """
        self.rpc("anvil_reorg", depth, [list(each) for each in included])

    def set_base_fee(self, wei: int) -> None:
        """Set the base fee of the next block."""
        self.rpc("anvil_setNextBlockBaseFeePerGas", hex(wei))

    def set_balance(self, account: str, wei: int) -> None:
        """Set the ETH balance of an account."""
        self.rpc("anvil_setBalance", account, hex(wei))

    def restart(self) -> None:
        """Start a new process with the same blocks, state and address, and an empty pool."""
        dumped: str = self.rpc("anvil_dumpState", True)
        self.shut_down()
        with TemporaryDirectory() as folder:
            file = Path(folder) / "state.json"
            file.write_bytes(gzip.decompress(bytes.fromhex(dumped.removeprefix("0x"))))
            self._start("--load-state", str(file))

    def shut_down(self) -> None:
        """End the process for good: every proxy then drops the requests that it would forward."""
        self._running[-1].stop()

    def _start(self, *more: str) -> None:
        port = self.anvil.port
        self._running.append(Anvil.start(SPEC, port=port, options=[*self.options, *more]))


@contextmanager
def faulty_chain(nodes: int = 1, *, automine: bool = False) -> Generator[FaultyChain]:
    """Start an anvil with `nodes` proxies before it; blocks are mined by the test, or by itself.

    The proxies share the rule for replacements: `chain.rule.enabled = False` disables it.
    """
    options = () if automine else ("--no-mining",)
    with ExitStack() as stack:
        first = Anvil.start(SPEC, options=options)
        running = [first]
        stack.callback(_stop_last, running)
        rule = ReplacementRule(asking(first.url))
        proxies = tuple(stack.enter_context(fault_proxy(rule)) for _ in range(nodes))
        yield FaultyChain(first.url, Path(), first, rule, options, proxies, running)


def _stop_last(running: list[Anvil]) -> None:
    running[-1].stop()
