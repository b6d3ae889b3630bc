"""Compiled contracts: ours by forge, those of protocols from their packages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from scripts.network.errors import ToolMissingError
from scripts.network.paths import NODE_MODULES

_AAVE = "@aave/core-v3/artifacts/contracts"
_SAFE = "@safe-global/safe-contracts/build/artifacts/contracts"
_LAYER_ZERO = "@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts"
_PACKAGED = {
    "EndpointV2": f"{_LAYER_ZERO}/*/",
    "SimpleMessageLib": f"{_LAYER_ZERO}/messagelib/*/",
    "WETH9": "canonical-weth/build/contracts/WETH9.json",
    "UniswapV3Factory": "@uniswap/v3-core/artifacts/contracts/*/",
    "UniswapV3Pool": "@uniswap/v3-core/artifacts/contracts/*/",
    "NonfungiblePositionManager": "@uniswap/v3-periphery/artifacts/contracts/*/",
    "SwapRouter": "@uniswap/v3-periphery/artifacts/contracts/*/",
    "QuoterV2": "@uniswap/v3-periphery/artifacts/contracts/lens/*/",
    "SwapRouter02": "@uniswap/swap-router-contracts/artifacts/contracts/*/",
    "SupplyLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "BorrowLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "BridgeLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "EModeLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "LiquidationLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "PoolLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "ConfiguratorLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "FlashLoanLogic": f"{_AAVE}/protocol/libraries/logic/*/",
    "PoolAddressesProvider": f"{_AAVE}/protocol/configuration/*/",
    "ACLManager": f"{_AAVE}/protocol/configuration/*/",
    "Pool": f"{_AAVE}/protocol/pool/*/",
    "PoolConfigurator": f"{_AAVE}/protocol/pool/*/",
    "DefaultReserveInterestRateStrategy": f"{_AAVE}/protocol/pool/*/",
    "AToken": f"{_AAVE}/protocol/tokenization/*/",
    "StableDebtToken": f"{_AAVE}/protocol/tokenization/*/",
    "VariableDebtToken": f"{_AAVE}/protocol/tokenization/*/",
    "AaveOracle": f"{_AAVE}/misc/*/",
    "AaveProtocolDataProvider": f"{_AAVE}/misc/*/",
    "Safe": f"{_SAFE}/*/",
    "SafeL2": f"{_SAFE}/*/",
    "SafeProxyFactory": f"{_SAFE}/proxies/*/",
    "CompatibilityFallbackHandler": f"{_SAFE}/handler/*/",
    "MultiSendCallOnly": f"{_SAFE}/libraries/*/",
}

Abi = list[dict[str, Any]]


LOCAL = (
    "UsdCoin", "TetherToken", "PriceFeed", "BondToken", "AaveMoneyMarket", "TreasuryFund",
    "CctpTransmitter", "CctpMinter", "CctpMessenger", "LockingOft", "MintingOft", "SixDecimalsOft",
)  # fmt: skip


@dataclass(frozen=True)
class Artifact:
    """Interface and creation code, the latter with placeholders of linked libraries."""

    name: str
    abi: Abi
    code: str
    links: Mapping[str, tuple[int, ...]]

    def linked(self, libraries: Mapping[str, str]) -> str:
        """Return the creation code with the libraries' addresses."""
        digits = self.code.removeprefix("0x")
        for library, starts in self.links.items():
            address = libraries[library].removeprefix("0x").lower()
            for start in starts:
                digits = digits[: 2 * start] + address + digits[2 * start + 40 :]
        return "0x" + digits


def _path(name: str, local: Path) -> Path:
    pattern = _PACKAGED.get(name)
    if pattern is None:
        return local / f"{name}.sol" / f"{name}.json"
    if pattern.endswith("/*/"):
        pattern = f"{pattern[:-2]}{name}.sol/{name}.json"
    return NODE_MODULES / pattern


def _links(
    references: Mapping[str, Mapping[str, list[dict[str, int]]]],
) -> dict[str, tuple[int, ...]]:
    return {
        library: tuple(place["start"] for place in places)
        for libraries in references.values()
        for library, places in libraries.items()
    }


@lru_cache(maxsize=256)
def load(name: str, local: Path) -> Artifact:
    """Return the contract `name`; Ballast's own are in `local`, forge's output folder."""
    path = _path(name, local)
    if not path.is_file():
        raise ToolMissingError(path)
    document = cast("dict[str, Any]", json.loads(path.read_text()))
    code = document["bytecode"]
    if isinstance(code, dict):
        code = cast("dict[str, str]", code)["object"]
    links = _links(document.get("linkReferences", {}))
    return Artifact(name, document["abi"], cast("str", code), links)
