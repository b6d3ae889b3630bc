"""A vault on a local chain with any number of holdings.

A portfolio lists at most 16 holdings. For more, the limit is removed from its code while the list
is set, and restored afterwards: the measurement runs the deployed code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from eth_utils.address import to_checksum_address
from web3 import Web3

from keepers.chain.vault.market import VaultMarket
from keepers.config import load_settings
from keepers.model.order import OrderKind
from keepers.runtime.vault.setup import connected, set_up
from scripts.deployment.chain import unlocked_chain
from scripts.deployment.configure import configure
from scripts.deployment.deploy import deploy
from scripts.deployment.record import Record
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import fill_limits, local_config
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT, DeployedVault
from tests.integration.support.keeper import Keeper

PORTFOLIOS = ("PortfolioL2", "PortfolioL3")
LIMIT_CHECK, WIDER_CHECK = "6010808211", "6040808211"
"""`PUSH1 16, DUP1, DUP3, GT` of Portfolio.setHoldings, and the same with 64."""
SHARES = (3_000, 6_000)
WHOLE_BPS = 10_000


def deploy_wide(chain: LocalChain, folder: Path, holdings: int) -> DeployedVault:
    """Deploy the local vault, with funds added up to `holdings`, half of them in each portfolio."""
    path = folder / f"{chain.name}.toml"
    path.write_text(tomlkit.dumps(_config(chain, holdings)))  # pyright: ignore[reportUnknownMemberType]
    config = VaultConfig.load(path)
    record = Record.load(path.with_suffix(".json"), config)
    sending = unlocked_chain(chain.web3, WHALE)
    deploy(ManagedVault(sending, config, record), _quietly)
    deployment = ManagedVault(sending, config, record)
    _exchange(chain, deployment, LIMIT_CHECK, WIDER_CHECK)
    configure(deployment, _quietly)
    _exchange(chain, deployment, WIDER_CHECK, LIMIT_CHECK)
    fill_limits(chain, config)
    return DeployedVault(chain, deployment, path.with_suffix(".json"))


async def fill(keeper: Keeper, whole: int) -> None:
    """Deposit whole USDT, and buy every holding up to its target as the keeper."""
    keeper.vault.deposit(whole)
    setup = set_up(load_settings(keeper.folder / "ballast.toml"), None)
    async with connected(setup, KEEPER_ACCOUNT.address) as chain:
        snapshot = await chain.snapshot()
        market = VaultMarket(chain.node, chain.addresses)
        for position in snapshot.positions:
            share = SHARES[position.tier - 1] * position.target_bps
            call = await market.call(
                OrderKind.PURCHASE,
                position,
                amount_in=whole * USDT * share // WHOLE_BPS**2,
                minimum_out=0,
                deadline=snapshot.at + timedelta(hours=1),
            )
            keeper.vault.chain.transact(
                call.calldata,
                to=to_checksum_address(call.target),
                sender=KEEPER_ACCOUNT.address,
                what=position.symbol,
            )


def _config(chain: LocalChain, holdings: int) -> dict[str, Any]:
    document = local_config(chain)
    for tier, listed in (("l2", document["l2"]), ("l3", document["l3"])):
        pattern = next(each for each in listed if each["kind"] == "ERC4626")
        wanted = max(holdings // 2, len(listed))
        names = [f"{tier.upper()}-{number}" for number in range(wanted - len(listed))]
        listed += [pattern | {"asset": name} for name in names]
        for name in names:
            document["tokens"][name] = _fund(chain, name)
            rate = _believed(chain, document["tokens"][name]["address"])
            next(each for each in listed if each["asset"] == name)["maximum_rate"] = rate
        _even(listed)
    return document


def _even(listed: Sequence[dict[str, Any]]) -> None:
    share, rest = divmod(WHOLE_BPS, len(listed))
    for index, holding in enumerate(listed):
        holding["target_bps"] = share + (1 if index < rest else 0)


def _fund(chain: LocalChain, name: str) -> dict[str, Any]:
    usdt = chain.addresses.tokens["USDT"]
    address = chain.deploy("TreasuryFund", usdt, WHALE, name, name)
    fund = chain.contract("TreasuryFund", address).functions
    chain.send(chain.token("USDT").functions.approve(address, 1_000 * USDT))
    chain.send(fund.deposit(1_000 * USDT, WHALE))
    return {"address": address, "decimals": fund.decimals().call()}


def _believed(chain: LocalChain, address: Any) -> str:
    fund = chain.contract("TreasuryFund", address).functions
    value = fund.convertToAssets(10 ** fund.decimals().call()).call()
    return str(Decimal(2 * value).scaleb(-6))


def _exchange(chain: LocalChain, deployment: ManagedVault, old: str, new: str) -> None:
    for name in PORTFOLIOS:
        address = deployment.address(name)
        code: str = chain.rpc("eth_getCode", address, "latest")
        assert code.count(old) == 1, f"the limit of holdings is not where it was in {name}"
        chain.rpc("anvil_setCode", address, code.replace(old, new))
        # `configure` compares the code with the recorded hash.
        found = Web3.keccak(hexstr=code.replace(old, new)).to_0x_hex()
        known = deployment.record.contracts
        known[name] = replace(known[name], code_hash=found)


def _quietly(_: str) -> None:
    return None
