"""Ten test accounts that every local chain funds; their keys are public."""

from functools import lru_cache

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3

TEST_MNEMONIC = "test test test test test test test test test test test junk"
ACCOUNTS = 10
RELAYER, CUSTODIAN, EXCHANGE, TREASURY_KEEPER = 4, 5, 6, 7
"""Indices of the relayer's, custodian's, exchange's and treasury keeper's accounts."""

ATTESTERS, SIGNATURES = (20, 21, 22), 2
"""Indices of CCTP's attesters, which are not funded, and the required number of signatures."""

BRIDGE_FEES = 23
"""Receiver of CCTP's fees."""

# Account 0: deployer of everything, owner of tokens, feeds and funds, and the market's whale.
WHALE: ChecksumAddress = Web3.to_checksum_address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")


@lru_cache(maxsize=32)
def test_account(index: int) -> LocalAccount:
    """Return the account with its key; 0 is the whale."""
    Account.enable_unaudited_hdwallet_features()
    return Account.from_mnemonic(TEST_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")


# Not a test; the name would make pytest collect it.
test_account.__test__ = False  # pyright: ignore[reportAttributeAccessIssue]
