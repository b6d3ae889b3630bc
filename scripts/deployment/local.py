"""The intended state of a vault on the local network, made from what its market holds.

L2: Aave's USDT, tokenised, and a fund of treasury bills. L3: WETH and a bond token, traded on
Uniswap V3, and a private credit fund. Accounts are the network's test accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomlkit

from scripts.network.accounts import test_account
from scripts.network.chain import LocalChain

LOCAL_DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments" / "local"
DEPLOYER, KEEPER, GUARDIAN = 0, 1, 2
HEARTBEAT_SECONDS = 86_400
BANDS = ((500, 1000, 2000), (2000, 3000, 4000), (5000, 6000, 7000))
DECIMALS = {"USDT": 6, "USDC": 6, "WETH": 18, "HYD": 18}
PRICE_BOUNDS = {"USDT": ("0.95", "1.05"), "WETH": ("100", "100000"), "HYD": ("10", "1000")}
FUND_LOSS_BPS, SWAP_LOSS_BPS = 10, 200


def write_local_config(chain: LocalChain, path: Path) -> None:
    """Write the intended state of the vault on `chain`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps(local_config(chain)))  # pyright: ignore[reportUnknownMemberType]


KEEPER_VARIABLE = "BALLAST_LOCAL_KEEPER_KEY"
_CHAIN = """
[chains.{name}]
chain_id = {chain_id}
rpc_urls = ["{url}"]
confirmations = 1 # the chain mines on demand
poll_interval_seconds = "0.1"
deployments = "{name}.json"

[vaults.{name}]
chain = "{name}"
signer = "keeper"

[vaults.{name}.tiers]
# Larger plans need approvals, which are not on chain yet.
REBALANCE_APPROVAL_THRESHOLD = 2000000
REBALANCE_MULTISIG_THRESHOLD = 2000000
"""
_SIGNER = """\
# For `ballast --config` on the local network; written anew by `make network`.
database = "sqlite:///ballast.sqlite"

[signers.keeper]
kind = "private_key_env"
variable = "{variable}"
"""


def offer_deployments(chains: Iterable[LocalChain], folder: Path) -> None:
    """Describe a vault per new chain, for the ape scripts to deploy, and a keeper for them.

    Records of what was deployed on earlier chains of those names go with their chains, and so
    does the keeper's journal.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = _SIGNER.format(variable=KEEPER_VARIABLE)
    for leftover in folder.glob("ballast.sqlite*"):
        leftover.unlink()
    for chain in chains:
        settings += _CHAIN.format(name=chain.name, chain_id=chain.chain_id, url=chain.url)
        path = folder / f"{chain.name}.toml"
        path.with_suffix(".json").unlink(missing_ok=True)
        write_local_config(chain, path)
    (folder / "ballast.toml").write_text(settings)


def local_config(chain: LocalChain) -> dict[str, Any]:
    """The same as a document, in the form of `DeploymentConfig`."""
    addresses = chain.addresses
    external: dict[str, Any] = {
        "multicall3": addresses.multicall3,
        "uniswap_factory": addresses.uniswap.factory,
        "uniswap_quoter": addresses.uniswap.quoter,
    }
    if addresses.sequencer_feed is not None:
        external["sequencer_feed"] = addresses.sequencer_feed
    return {
        "network": chain.name,
        "chain_id": chain.chain_id,
        "roles": _roles(),
        "vault": _vault(),
        "l2": [_fund("AAVE-USDT", 5000), _fund("TBILL", 5000)],
        "l3": [_swap(chain, "WETH", 4000), _swap(chain, "HYD", 3000), _fund("CREDIT", 3000)],
        "tokens": _tokens(chain),
        "external": external,
    }


def _roles() -> dict[str, Any]:
    owner = test_account(DEPLOYER).address
    return {
        "admin": owner,
        "configurators": [owner],
        "guardians": [test_account(GUARDIAN).address],
        "keepers": [test_account(KEEPER).address],
    }


def _vault() -> dict[str, Any]:
    names = ("minimum_bps", "target_bps", "maximum_bps")
    bands = [dict(zip(names, band, strict=True)) for band in BANDS]
    return {"name": "Ballast USDT", "symbol": "bUSDT", "settlement": "USDT", "bands": bands}


def _fund(name: str, target_bps: int) -> dict[str, Any]:
    loss = {"target_bps": target_bps, "maximum_loss_bps": FUND_LOSS_BPS}
    return {"asset": name, "kind": "ERC4626", **loss}


def _swap(chain: LocalChain, symbol: str, target_bps: int) -> dict[str, Any]:
    path = ["USDT", chain.addresses.pools[f"{symbol}/USDT"].fee, symbol]
    loss = {"target_bps": target_bps, "maximum_loss_bps": SWAP_LOSS_BPS}
    return {"asset": symbol, "kind": "VENUE", **loss, "path": path}


def _tokens(chain: LocalChain) -> dict[str, Any]:
    tokens: dict[str, Any] = {}
    for symbol, (minimum, maximum) in PRICE_BOUNDS.items():
        feed = {
            "aggregator": chain.addresses.feeds[symbol],
            "heartbeat_seconds": HEARTBEAT_SECONDS,
            "minimum_price": minimum,
            "maximum_price": maximum,
        }
        address = chain.addresses.tokens[symbol]
        tokens[symbol] = {"address": address, "decimals": DECIMALS[symbol], "feed": feed}
    for name, address in chain.addresses.funds.items():
        decimals = chain.fund(name).functions.decimals().call()
        tokens[name] = {"address": address, "decimals": decimals}
    return tokens
