"""Count of protocol events in the keeper's transactions, read from the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from eth_utils.crypto import keccak
from hexbytes import HexBytes

from scripts.network.chain import LocalChain

EVENTS = {
    keccak(text="Swap(address,address,int256,int256,uint160,uint128,int24)"): "Uniswap V3 swaps",
    keccak(text="Supply(address,address,address,uint256,uint16)"): "Aave V3 deposits",
    keccak(text="Withdraw(address,address,address,uint256)"): "Aave V3 withdrawals",
}


def protocol_events(chain: LocalChain, transactions: Iterable[str]) -> Counter[str]:
    """Return the number of events per protocol in the receipts of the transactions."""
    counted: Counter[str] = Counter()
    for hashed in transactions:
        for log in chain.web3.eth.get_transaction_receipt(HexBytes(hashed))["logs"]:
            name = EVENTS.get(bytes(log["topics"][0]))
            if name is not None:
                counted[name] += 1
    return counted
