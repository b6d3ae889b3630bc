"""An anvil that a test controls block by block, behind proxies that play several nodes."""

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
    """The anvil itself, past the proxies, and how it is made to do what chains do."""

    anvil: Anvil
    rule: ReplacementRule
    options: tuple[str, ...]
    proxies: tuple[FaultProxy, ...] = ()
    _running: list[Anvil] = field(default_factory=list[Anvil])

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the nodes are that the code under test is given."""
        return tuple(proxy.url for proxy in self.proxies)

    @property
    def head(self) -> int:
        """The number of the newest block."""
        return int(self.rpc("eth_blockNumber"), 16)

    def pool(self) -> tuple[str, ...]:
        """The hashes of the transactions that wait: those that could be mined, then the others."""
        content = self.rpc("txpool_content")
        return tuple(
            waiting["hash"]
            for part in ("pending", "queued")
            for by_nonce in content[part].values()
            for _, waiting in sorted(by_nonce.items(), key=lambda each: int(each[0]))
        )

    def raw(self, transaction_hash: str) -> str:
        """The signed bytes of a transaction that waits or is included."""
        return self.rpc("eth_getRawTransactionByHash", transaction_hash)

    def submit(self, raw: str) -> str:
        """Hand bytes to the anvil past the proxies and their rule; gives the hash."""
        return self.rpc(SEND, raw)

    def drop(self, transaction_hash: str) -> None:
        """Throw a waiting transaction out of the pool."""
        self.rpc("anvil_dropTransaction", transaction_hash)

    def mine_only(self, *transaction_hashes: str) -> None:
        """Mine one block with these of the waiting transactions; the others wait on."""
        self.mine_raw(*(self.raw(each) for each in transaction_hashes))

    def mine_raw(self, *chosen: str) -> None:
        """Mine one block with these signed bytes, also in the place of a replacement that waits.

        The others wait on, as far as their nonces are still to be used.
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
        """Mine blocks without any of the waiting transactions, which wait on."""
        for _ in range(blocks):
            self.mine_raw()

    def reorg(self, depth: int, included: Sequence[tuple[str, int]] = ()) -> None:
        """Replace the last blocks by others; the height stays.

        What was in them is not in the pool afterwards. `included` are raw transactions of the new
        blocks, each with the number of its block counted from the first new one, which is 0.
        """
        self.rpc("anvil_reorg", depth, [list(each) for each in included])

    def set_base_fee(self, wei: int) -> None:
        """The base fee of the next block."""
        self.rpc("anvil_setNextBlockBaseFeePerGas", hex(wei))

    def set_balance(self, account: str, wei: int) -> None:
        """How much ETH an account has."""
        self.rpc("anvil_setBalance", account, hex(wei))

    def restart(self) -> None:
        """A new process with the same blocks and state, at the same address, with an empty pool."""
        dumped: str = self.rpc("anvil_dumpState", True)
        self.shut_down()
        with TemporaryDirectory() as folder:
            file = Path(folder) / "state.json"
            file.write_bytes(gzip.decompress(bytes.fromhex(dumped.removeprefix("0x"))))
            self._start("--load-state", str(file))

    def shut_down(self) -> None:
        """End the process for good: every proxy now drops what it would forward."""
        self._running[-1].stop()

    def _start(self, *more: str) -> None:
        port = self.anvil.port
        self._running.append(Anvil.start(SPEC, port=port, options=[*self.options, *more]))


@contextmanager
def faulty_chain(nodes: int = 1, *, automine: bool = False) -> Generator[FaultyChain]:
    """Start an anvil with so many proxies before it; blocks are mined by the test, or by itself.

    The proxies share the rule for replacements: `chain.rule.enabled = False` turns it off.
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
