"""An anvil without anything on it: accounts, blocks and errors are all that is needed."""

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
    """The running anvil."""

    chain_id = CHAIN_ID

    def nonce(self, account: str) -> int:
        """How many transactions of an account are included."""
        return int(self.rpc("eth_getTransactionCount", account, "latest"), 16)

    def receipt(self, transaction_hash: str) -> dict[str, str]:
        """The receipt, which comes a moment after the transaction was taken."""
        for _ in range(500):
            found = self.rpc("eth_getTransactionReceipt", transaction_hash)
            if found is not None:
                return found
            time.sleep(0.01)
        raise LookupError(f"{transaction_hash} is not mined")


@contextmanager
def bare_chain(genesis_time: int | None = None) -> Generator[BareChain]:
    """Start an anvil, and end it; of one genesis time, several have the same first block."""
    options = () if genesis_time is None else ("--timestamp", str(genesis_time))
    running = Anvil.start(ChainSpec("bare", CHAIN_ID, 0, 0, rollup=False), options=options)
    try:
        yield BareChain(running.url, Path())
    finally:
        running.stop()
