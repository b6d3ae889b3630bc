"""Local network: three chains with real protocols, ready in seconds.

`start_network` runs them, `scripts.network.market` moves their markets, and
`python -m scripts.network up` runs them until Ctrl-C.
"""

from scripts.network.accounts import TEST_MNEMONIC, WHALE, test_account
from scripts.network.addresses import Addresses, PoolInfo
from scripts.network.api import LocalNetwork, start_network
from scripts.network.chain import LocalChain
from scripts.network.errors import NetworkError
from scripts.network.specs import ALL

__all__ = [
    "ALL",
    "TEST_MNEMONIC",
    "WHALE",
    "Addresses",
    "LocalChain",
    "LocalNetwork",
    "NetworkError",
    "PoolInfo",
    "start_network",
    "test_account",
]
