"""Vault different from the demo's: one holding has an OTC venue, and one fund settles later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tomlkit
from eth_utils.address import to_checksum_address
from web3.contract import Contract

from scripts.deployment.vault.local import local_config
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from tests.integration.support.deploy import DeployedVault, deploy_as_written

ROOT = Path(__file__).resolve().parents[3]


def deploy_fund(chain: LocalChain) -> Contract:
    """Deploy an ERC-7540 fund."""
    compiled = json.loads((ROOT / "out" / "AsyncVault.sol" / "AsyncVault.json").read_text())
    factory = chain.web3.eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"]["object"])
    made = factory.constructor(chain.addresses.tokens["USDT"], False, 18)
    receipt = chain.web3.eth.wait_for_transaction_receipt(made.transact({"from": WHALE}))
    at = to_checksum_address(str(receipt["contractAddress"]))
    return chain.web3.eth.contract(at, abi=compiled["abi"])


def with_slow_fund(chain: LocalChain, fund: Contract) -> dict[str, Any]:
    """Return the local vault's deployments file, with the fund added to L2."""
    document = local_config(chain)
    document["tokens"]["SLOW"] = {"address": fund.address, "decimals": 18}
    aave, bills = document["l2"]
    bills |= {"target_bps": 3_000}
    slow = {**bills, "asset": "SLOW", "kind": "ASYNC", "target_bps": 2_000, "maximum_rate": "2"}
    document["l2"] = [aave, bills, slow]
    return document


def deploy_document(chain: LocalChain, document: dict[str, Any], folder: Path) -> DeployedVault:
    """Write a deployments file, and deploy and configure its vault."""
    path = folder / f"{chain.name}.toml"
    path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    return deploy_as_written(chain, path)


def deploy_odd(chain: LocalChain, folder: Path) -> DeployedVault:
    """Deploy a vault with an OTC holding, and a fund that settles later."""
    document = with_slow_fund(chain, deploy_fund(chain))
    _, bond, _ = document["l3"]
    bond |= {"venue": "OTC"}
    del bond["path"]
    return deploy_document(chain, document, folder)
