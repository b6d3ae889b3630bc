"""Vault wider than the demo's: eight holdings, so that a plan can have eight actions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from scripts.deployment.vault.local import local_config
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from tests.integration.support.deploy import DeployedVault
from tests.integration.support.odd_vault import ROOT, deploy_document

TARGETS = {
    "l2": {"AAVE-USDT": 4_000, "TBILL": 3_000, "BILLS": 3_000},
    "l3": {"WETH": 2_000, "HYD": 2_000, "CREDIT": 2_000, "NOTES": 2_000, "LOANS": 2_000},
}
"""Weights of the holdings in their tiers, in basis points; three are funds of this vault alone."""


def deploy_wide(chain: LocalChain, folder: Path) -> DeployedVault:
    """Deploy the vault with three more funds."""
    document = local_config(chain)
    for tier, targets in TARGETS.items():
        known = {each["asset"]: each for each in document[tier]}
        document[tier] = [
            {**known[name], "target_bps": target}
            if name in known
            else _holding(chain, document, name, target)
            for name, target in targets.items()
        ]
    return deploy_document(chain, document, folder)


def _holding(chain: LocalChain, document: dict[str, Any], name: str, target: int) -> dict[str, Any]:
    fund = deploy_fund(chain, name)
    document["tokens"][name] = {"address": fund, "decimals": 12}
    model = next(each for each in document["l2"] if each["asset"] == "TBILL")
    return {**model, "asset": name, "target_bps": target}


def deploy_fund(chain: LocalChain, name: str) -> str:
    """Deploy a treasury fund, whose shares start at one unit of USDT."""
    compiled = json.loads((ROOT / "out" / "TreasuryFund.sol" / "TreasuryFund.json").read_text())
    factory = chain.web3.eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"]["object"])
    made = factory.constructor(chain.addresses.tokens["USDT"], WHALE, name, name)
    receipt = chain.web3.eth.wait_for_transaction_receipt(made.transact({"from": WHALE}))
    return to_checksum_address(str(receipt["contractAddress"]))
