"""Control of the chain itself by a test: blocks, pool, reorganisations, restarts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import pytest
import requests

from keepers.model.chain import ContractCall, Fees, Signed, Unsigned
from keepers.signing.local import LocalSigner
from scripts.network.accounts import test_account
from scripts.network.errors import RpcError
from scripts.network.session import direct_session
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.faulty_chain import FaultyChain, faulty_chain

GWEI = 10**9
SIGNER = LocalSigner(test_account(5))
OTHER = LocalSigner(test_account(6))
USUAL = Unsigned(
    chain_id=CHAIN_ID,
    nonce=0,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0x"),
    gas_limit=50_000,
    fees=Fees(100 * GWEI, GWEI),
)


def signed(signer: LocalSigner = SIGNER, **changed: int | Fees) -> Signed:
    return signer.sign(replace(USUAL, **changed))


def block_of(chain: FaultyChain, transaction: Signed) -> int | None:
    receipt = chain.rpc("eth_getTransactionReceipt", transaction.transaction_hash)
    return None if receipt is None else int(receipt["blockNumber"], 16)


@pytest.fixture
def chain() -> Generator[FaultyChain]:
    with faulty_chain() as running:
        yield running


def test_automine__send__is_mined_by_itself() -> None:
    with faulty_chain(automine=True) as chain:
        chain.submit(signed().raw)
        assert int(chain.receipt(signed().transaction_hash)["blockNumber"], 16) == 1


def test_faulty_chain__several_nodes__have_addresses_of_their_own() -> None:
    with faulty_chain(3) as chain:
        assert len({*chain.urls, chain.url}) == 4


def test_mine_only__one_of_three__leaves_the_others_waiting(chain: FaultyChain) -> None:
    first, second, other = signed(), signed(nonce=1), signed(OTHER)
    for each in (first, second, other):
        chain.submit(each.raw)
    chain.mine_only(first.transaction_hash)
    assert block_of(chain, first) == 1
    assert set(chain.pool()) == {second.transaction_hash, other.transaction_hash}
    chain.mine_empty(2)
    assert chain.head == 3
    assert len(chain.pool()) == 2
    chain.mine()
    assert (block_of(chain, second), block_of(chain, other)) == (4, 4)


def test_mine_raw__bytes_that_were_replaced__are_included_after_all(chain: FaultyChain) -> None:
    old, new = signed(), signed(fees=Fees(200 * GWEI, 2 * GWEI))
    chain.submit(old.raw)
    chain.submit(new.raw)
    assert chain.pool() == (new.transaction_hash,)
    chain.mine_raw(old.raw)
    assert (block_of(chain, old), block_of(chain, new)) == (1, None)
    assert chain.pool() == ()


def test_drop__one__leaves_the_pool(chain: FaultyChain) -> None:
    chain.submit(signed().raw)
    assert chain.raw(signed().transaction_hash) == signed().raw
    chain.drop(signed().transaction_hash)
    assert chain.pool() == ()


def test_reorg__without_it__is_not_included_and_not_waiting(chain: FaultyChain) -> None:
    chain.submit(signed().raw)
    chain.mine()
    chain.mine_empty()
    before = chain.rpc("eth_getBlockByNumber", "latest", False)["hash"]
    chain.reorg(2)
    assert chain.head == 2
    assert chain.rpc("eth_getBlockByNumber", "latest", False)["hash"] != before
    assert block_of(chain, signed()) is None
    assert chain.pool() == ()
    assert chain.nonce(SIGNER.address) == 0


def test_reorg__with_it_later__is_in_another_block(chain: FaultyChain) -> None:
    chain.submit(signed().raw)
    chain.mine()
    chain.mine_empty()
    chain.reorg(2, [(signed().raw, 1)])
    assert block_of(chain, signed()) == 2


def test_set_base_fee__next_block__has_it(chain: FaultyChain) -> None:
    chain.set_base_fee(77 * GWEI)
    chain.mine()
    assert int(chain.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16) == 77 * GWEI


def test_set_balance__too_little__is_refused(chain: FaultyChain) -> None:
    chain.set_balance(SIGNER.address, 1)
    with pytest.raises(RpcError, match="Insufficient funds"):
        chain.submit(signed().raw)


def test_restart__chain_is_the_same__pool_is_empty(chain: FaultyChain) -> None:
    chain.submit(signed().raw)
    chain.mine()
    block = chain.rpc("eth_getBlockByNumber", "latest", False)["hash"]
    chain.submit(signed(nonce=1).raw)
    chain.restart()
    assert chain.pool() == ()
    assert chain.rpc("eth_getBlockByNumber", "latest", False)["hash"] == block
    assert block_of(chain, signed()) == 1
    (proxy,) = chain.proxies
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}
    assert direct_session().post(proxy.url, json=request, timeout=60).json()["result"] == "0x1"
    chain.submit(signed(nonce=1).raw)
    chain.mine()
    assert block_of(chain, signed(nonce=1)) == 2


def test_shut_down__proxy__drops_what_it_would_forward(chain: FaultyChain) -> None:
    chain.shut_down()
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}
    with pytest.raises(requests.ConnectionError):
        direct_session().post(chain.urls[0], json=request, timeout=60)
