"""Intended state of a vault on the local network, made from the assets of its market.

L2: Aave's USDT, tokenised, and a fund of treasury bills. L3: WETH and a bond token, traded on
Uniswap V3, and a private credit fund. Accounts are the network's test accounts.

Limits start empty and fill with time: `fill_limits` advances the chain's time.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit

from scripts.deployment.config import DAY
from scripts.deployment.local import (
    DEPLOYER,
    DESK,
    KEEPER,
    local_approvers,
    local_roles,
)
from scripts.deployment.vault.config import VaultConfig
from scripts.network.accounts import test_account
from scripts.network.chain import LocalChain
from scripts.network.market import accrue

HEARTBEAT_SECONDS = DAY
BANDS = ((500, 1000, 2000), (2000, 3000, 4000), (5000, 6000, 7000))
DECIMALS = {"USDT": 6, "USDC": 6, "WETH": 18, "HYD": 18}
PRICE_BOUNDS = {"USDT": ("0.95", "1.05"), "WETH": ("100", "100000"), "HYD": ("10", "1000")}
FUND_LOSS_BPS, SWAP_LOSS_BPS = 10, 200
FUND_CAP_BPS = 4000  # the maximum of its tier
ASSETS = "2000000"
"""USDT for which the vault is sized: the limits of a day, and the base of the loss budgets."""

RATE_HEADROOM = 2
"""Maximum accepted value of a fund's shares, as a multiple of their current value."""


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
# Larger plans need approvals; lower these to try them, docs/how-to/approvals.md.
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
    """Write a vault's file per new chain, for the ape scripts, and a keeper's configuration.

    Deployment records of earlier chains with these names are deleted, and so is the keeper's
    database.
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
    """Return the intended state as a document, in the form of `VaultConfig`."""
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
        "roles": local_roles(),
        "vault": _vault(),
        "keepers": [_keeper()],
        "approvers": local_approvers(),
        "loss_budgets": {"assets": ASSETS},
        "recurring": _recurring(),
        "otc": {"desks": [test_account(DESK).address]},
        "l2": [_fund(chain, "AAVE-USDT", 5000), _fund(chain, "TBILL", 5000)],
        "l3": [
            _swap(chain, "WETH", 4000), _swap(chain, "HYD", 3000), _fund(chain, "CREDIT", 3000),
        ],
        "tokens": _tokens(chain),
        "external": external,
    }  # fmt: skip


def fill_limits(chain: LocalChain, config: VaultConfig) -> int:
    """Advance time until every limit is full, refresh the feeds; return the seconds."""
    seconds = config.longest_period
    accrue(chain, seconds)
    return seconds


def _keeper() -> dict[str, Any]:
    limit = {"cap": ASSETS, "period_seconds": DAY}
    return {"account": test_account(KEEPER).address, "automatic": limit, "reducing": limit}


def _recurring() -> dict[str, Any]:
    owner = test_account(DEPLOYER).address
    return {"payer": owner, "treasury": owner}


def _vault() -> dict[str, Any]:
    names = ("minimum_bps", "target_bps", "maximum_bps")
    bands = [dict(zip(names, band, strict=True)) for band in BANDS]
    return {"name": "Ballast USDT", "symbol": "bUSDT", "settlement": "USDT", "bands": bands}


def _fund(chain: LocalChain, name: str, target_bps: int) -> dict[str, Any]:
    functions = chain.fund(name).functions
    value = functions.convertToAssets(10 ** functions.decimals().call()).call()
    rate = Decimal(value * RATE_HEADROOM).scaleb(-DECIMALS["USDT"])
    own = {"cap_bps": FUND_CAP_BPS, "maximum_rate": str(rate)}
    return {"kind": "ERC4626", **_holding(name, target_bps, FUND_LOSS_BPS), **own}


def _swap(chain: LocalChain, symbol: str, target_bps: int) -> dict[str, Any]:
    path = ["USDT", chain.addresses.pools[f"{symbol}/USDT"].fee, symbol]
    return {"kind": "VENUE", **_holding(symbol, target_bps, SWAP_LOSS_BPS), "path": path}


def _holding(asset: str, target_bps: int, loss_bps: int) -> dict[str, Any]:
    return {
        "asset": asset,
        "target_bps": target_bps,
        "maximum_loss_bps": loss_bps,
        "limit": {"cap": ASSETS, "period_seconds": DAY},
    }


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
