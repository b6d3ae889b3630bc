"""Gas of the controller's actions with real protocols, compared with a plain account."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.network import LocalChain, start_network
from scripts.network.accounts import WHALE, test_account
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT, deploy_vault

PLAIN = test_account(7).address
TRANSACTION_GAS, BLOCK_GAS = 21_000, 2**24


def plain_deposit(chain: LocalChain, fund: str, amount: int) -> int:
    """Return the gas of `deposit` by a plain account, without the approval; the fund is in use."""
    contract = chain.fund(fund)
    approve = chain.token("USDT").functions.approve(contract.address, 2 * amount)
    chain.send(approve, sender=PLAIN)
    chain.send(contract.functions.deposit(amount, PLAIN), sender=PLAIN)
    return chain.send(contract.functions.deposit(amount, PLAIN), sender=PLAIN)["gasUsed"]


def test_controller__real_protocols__prints_gas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with start_network(("ethereum-local",)) as network:
        chain = network.chains["ethereum-local"]
        vault = deploy_vault(chain, tmp_path)
        vault.deposit(1_000_000)
        contract = vault.deployment.contract("LiquidityVault")
        chain.send(chain.token("USDT").functions.approve(contract.address, 1000 * USDT))
        aave, weth = chain.addresses.funds["AAVE-USDT"], chain.addresses.tokens["WETH"]

        def keep(function: str, *arguments: object) -> int:
            sender = KEEPER_ACCOUNT.address
            return vault.send("AssetController", function, *arguments, sender=sender)["gasUsed"]

        keep("purchaseAsset", aave, 100_000 * USDT, 1, b"")
        keep("purchaseAsset", weth, 100_000 * USDT, 1, b"")
        measured = {
            "plain deposit into Aave's ERC-4626": plain_deposit(chain, "AAVE-USDT", 1000 * USDT),
            "deposit into the vault": chain.send(
                contract.functions.deposit(1000 * USDT, WHALE), sender=WHALE
            )["gasUsed"],
            "purchaseAsset, Aave's ERC-4626": keep("purchaseAsset", aave, 10_000 * USDT, 1, b""),
            "purchaseAsset, Uniswap V3": keep("purchaseAsset", weth, 10_000 * USDT, 1, b""),
            "redeemAsset, Uniswap V3": keep("redeemAsset", weth, 10**18, 1, b""),
            "rebalanceBuffer": keep("rebalanceBuffer"),
            "executeWaterfallLiquidation, L1 and L2": keep(
                "executeWaterfallLiquidation", 900_000 * USDT, 1
            ),
        }
    assert all(TRANSACTION_GAS < gas < BLOCK_GAS for gas in measured.values()), measured
    with capsys.disabled():
        print()
        for name, gas in measured.items():
            print(f"{name:<45} {gas:>9,} gas")
