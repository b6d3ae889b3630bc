"""Bare anvil: only accounts, blocks and errors are needed."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.network.anvil import Anvil
from scripts.network.node import Node
from scripts.network.specs import ChainSpec

CHAIN_ID = 424_242


class BareChain(Node):
    """Running anvil."""

    chain_id = CHAIN_ID

    def nonce(self, account: str) -> int:
        """Return the number of included transactions of an account."""
        return int(self.rpc("eth_getTransactionCount", account, "latest"), 16)

    def receipt(self, transaction_hash: str) -> dict[str, str]:
        """Return a receipt, which appears a moment after the transaction is accepted."""
        for _ in range(500):
            found = self.rpc("eth_getTransactionReceipt", transaction_hash)
            if found is not None:
                return found
            time.sleep(0.01)
        raise LookupError(f"{transaction_hash} is not mined")


@contextmanager
def bare_chain(genesis_time: int | None = None) -> Generator[BareChain]:
    """Start and end an anvil; those of one genesis time have the same first block."""
    options = () if genesis_time is None else ("--timestamp", str(genesis_time))
    running = Anvil.start(ChainSpec("bare", CHAIN_ID, 0, 0, rollup=False), options=options)
    try:
        yield BareChain(running.url, Path())
    finally:
        running.stop()
