"""Real Safe 1.4.1: two of three owners move its money, one does not."""

import pytest
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3.contract import Contract

from scripts.network import LocalChain, test_account
from scripts.network.errors import TransactionFailedError
from scripts.network.market import give, units
from tests.integration.support.safe import NOBODY, OWNERS, make_safe

AMOUNT = units("USDT", 1_000)


@pytest.fixture
def safe(chain: LocalChain) -> Contract:
    """A wallet of three owners and a threshold of two, with some USDT."""
    wallet = chain.contract("SafeL2", make_safe(chain))
    give(chain, "USDT", wallet.address, AMOUNT)
    return wallet


def _execute(chain: LocalChain, safe: Contract, to: ChecksumAddress, signers: int) -> None:
    token = chain.token("USDT")
    data = token.encode_abi("transfer", [to, AMOUNT])
    call = (token.address, 0, data, 0, 0, 0, 0, NOBODY, NOBODY)
    digest = safe.functions.getTransactionHash(*call, 0).call()
    chosen = sorted((test_account(index) for index in OWNERS[:signers]), key=_order)
    signatures = b"".join(owner.unsafe_sign_hash(digest).signature for owner in chosen)
    chain.send(safe.functions.execTransaction(*call, signatures))


def _order(account: LocalAccount) -> int:
    return int(account.address, 16)


def test_safe__two_of_three__executes(
    chain: LocalChain, safe: Contract, bob: ChecksumAddress
) -> None:
    before = chain.balance("USDT", bob)
    _execute(chain, safe, bob, signers=2)
    assert chain.balance("USDT", bob) - before == AMOUNT


def test_safe__one_of_three__is_refused(
    chain: LocalChain, safe: Contract, bob: ChecksumAddress
) -> None:
    with pytest.raises(TransactionFailedError, match="GS020"):
        _execute(chain, safe, bob, signers=1)
