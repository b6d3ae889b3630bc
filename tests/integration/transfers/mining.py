"""Blocks mined at an interval, also without transactions, and reorganisations."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from scripts.network.chain import LocalChain

EVERY = 0.1


@contextmanager
def mining(chains: Iterable[LocalChain]) -> Generator[None]:
    """Mine a block on each chain at an interval."""
    stopping = threading.Event()
    own = [replace(chain) for chain in chains]

    def run() -> None:
        while not stopping.wait(EVERY):
            for chain in own:
                chain.mine()

    with ThreadPoolExecutor(1, "mining") as pool:
        working = pool.submit(run)
        try:
            yield
        finally:
            stopping.set()
    working.result()


def take_back(chain: LocalChain, transaction: str, *returning: str) -> None:
    """Replace all blocks from a transaction's on; `returning` are included in the first new one."""
    raws = [chain.rpc("eth_getRawTransactionByHash", each) for each in returning]
    block = int(chain.rpc("eth_getTransactionReceipt", transaction)["blockNumber"], 16)
    depth = chain.web3.eth.block_number - block + 1
    chain.rpc("anvil_reorg", depth, [[raw, 0] for raw in raws])
