"""Forks of a local chain, as used by the vault's tests and simulations."""

from decimal import Decimal
from fractions import Fraction

import pytest

from scripts.network import LocalChain
from scripts.network.anvil import Anvil
from scripts.network.market import move_pool, pool_price
from scripts.network.specs import chain_spec


@pytest.mark.parametrize("behind", [0, 2])
def test_fork__of_a_prepared_chain__trades_apart_from_it(chain: LocalChain, behind: int) -> None:
    block = str(chain.web3.eth.block_number - behind)
    source = ("--fork-url", chain.url, "--fork-block-number", block, "--no-storage-caching")
    anvil = Anvil.start(chain_spec(chain.name), options=source)
    try:
        fork = LocalChain(
            anvil.url, chain.artifacts, chain.name, chain.chain_id, 0, chain.addresses
        )
        move_pool(fork, "HYD/USDT", Decimal(80))
        assert abs(pool_price(fork, "HYD/USDT") - 80) < Fraction(1, 1_000)
        assert abs(pool_price(chain, "HYD/USDT") - 100) < Fraction(1, 1_000)
    finally:
        anvil.stop()


def test_simulation__of_two_dependent_calls__sees_the_first_in_the_second(
    chain: LocalChain,
) -> None:
    fund, usdt = chain.fund("TBILL"), chain.token("USDT")
    whale = chain.addresses.whale
    calls = [
        {
            "from": whale,
            "to": fund.address,
            "data": fund.encode_abi("withdraw", [1_000, whale, whale]),
        },
        {"from": whale, "to": usdt.address, "data": usdt.encode_abi("balanceOf", [whale])},
    ]
    answer = chain.rpc("eth_simulateV1", {"blockStateCalls": [{"calls": calls}]}, "latest")
    withdrawn, balance = answer[0]["calls"]
    assert withdrawn["status"] == "0x1"
    assert int(balance["returnData"], 16) == chain.balance("USDT", whale) + 1_000
