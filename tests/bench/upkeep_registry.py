"""Chainlink's KeeperRegistry 1.1, from its package, on a local chain, to compare our scheduler."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from eth_typing import ChecksumAddress
from web3.contract import Contract

from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from scripts.network.paths import ROOT

PACKAGE = "@chainlink/contracts/src/v0.7"
COMPILER = "solc-0.7.6"
SOURCES = {
    "bench/Registry.sol": f'import "{PACKAGE}/KeeperRegistry.sol";',
    # The called contract and the payment token; neither affects the measurement.
    "bench/Peers.sol": """
pragma solidity ^0.7.0;
contract Nothing {
  function performUpkeep(bytes calldata) external {}
  function rebalance(bool) external {}
}
contract Money {
  function transferFrom(address, address, uint256) external pure returns (bool) { return true; }
}
""",
}
COMPILE = """
const fs = require("fs"), path = require("path");
const solc = require(process.argv[1]);
const read = (name) => ({ contents: fs.readFileSync(path.join("node_modules", name), "utf8") });
process.stdout.write(solc.compile(fs.readFileSync(0, "utf8"), { import: read }));
"""
PREMIUM, BLOCKS_PER_TURN, CHECK_GAS, STALE_AFTER, CEILING = 200_000_000, 1, 5_000_000, 86_400, 2
FALLBACK_GAS_PRICE, FALLBACK_LINK_PRICE = 2 * 10**9, 5 * 10**15
UPKEEP_GAS, FUNDS = 100_000, 10**24


@dataclass(frozen=True)
class UpkeepRegistry:
    """The registry with one funded upkeep that does nothing, and two keepers that take turns."""

    chain: LocalChain
    registry: Contract
    keepers: tuple[ChecksumAddress, ChecksumAddress]

    def perform(self, turn: int) -> int:
        """Perform the upkeep as the keeper whose turn it is; return the gas of the transaction."""
        call = self.registry.functions.performUpkeep(0, b"")
        return int(self.chain.send(call, sender=self.keepers[turn % 2])["gasUsed"])


def compiled() -> Mapping[str, Any]:
    """Return ABI and bytecode by contract."""
    question = {
        "language": "Solidity",
        "sources": {name: {"content": content} for name, content in SOURCES.items()},
        "settings": {
            "optimizer": {"enabled": True, "runs": 200},
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
        },
    }
    command = ["node", "-e", COMPILE, str(ROOT / "node_modules" / COMPILER)]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(question), capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert "contracts" in answer, answer["errors"]
    return {name: each for file in answer["contracts"].values() for name, each in file.items()}


def deploy_contract(
    chain: LocalChain, contracts: Mapping[str, Any], name: str, *arguments: object
) -> Contract:
    """Deploy one of the compiled contracts."""
    each = contracts[name]
    factory = chain.web3.eth.contract(abi=each["abi"], bytecode=each["evm"]["bytecode"]["object"])
    receipt = chain.transact(factory.constructor(*arguments).data_in_transaction, what=name)
    return factory(address=cast("ChecksumAddress", receipt["contractAddress"]))


def deploy_registry(
    chain: LocalChain,
    contracts: Mapping[str, Any],
    target: ChecksumAddress,
    keepers: tuple[ChecksumAddress, ChecksumAddress],
) -> UpkeepRegistry:
    """Deploy the registry with feeds of the local network, and one upkeep."""
    money = deploy_contract(chain, contracts, "Money")
    feeds = (chain.addresses.feeds["WETH"], chain.addresses.feeds["USDC"])
    terms = (PREMIUM, 0, BLOCKS_PER_TURN, CHECK_GAS, STALE_AFTER, CEILING)
    prices = (FALLBACK_GAS_PRICE, FALLBACK_LINK_PRICE)
    registry = deploy_contract(
        chain, contracts, "KeeperRegistry", money.address, *feeds, *terms, *prices
    )
    calls = registry.functions
    chain.send(calls.setKeepers(list(keepers), list(keepers)))
    chain.send(calls.registerUpkeep(target, UPKEEP_GAS, WHALE, b""))
    chain.send(calls.addFunds(0, FUNDS))
    return UpkeepRegistry(chain, registry, keepers)
