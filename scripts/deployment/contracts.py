"""The contracts of one chain in the order of their deployment, with constructor arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.deployment.config import DeploymentConfig

ORDER = (
    "AccessManager",
    "PriceOracle",
    "LiquidityVault",
    "RedemptionQueue",
    "PlanLedger",
    "PortfolioL2",
    "PortfolioL3",
    "AssetController",
    "UniswapV3Venue",
)


@dataclass(frozen=True)
class Blueprint:
    """A contract to deploy: the artifact's name and the constructor's arguments."""

    artifact: str
    arguments: tuple[str, ...]


def blueprint(
    name: str, config: DeploymentConfig, deployer: str, addresses: Mapping[str, str]
) -> Blueprint:
    """What to deploy as `name`, given the addresses of the contracts before it in ORDER."""
    settlement = config.address(config.vault.settlement)
    if name == "AccessManager":
        return Blueprint("AccessManager", (deployer,))
    manager = addresses["AccessManager"]
    match name:
        case "PriceOracle" | "PlanLedger":
            return Blueprint(name, (manager,))
        case "LiquidityVault":
            return Blueprint(name, (manager, settlement, config.vault.name, config.vault.symbol))
        case "RedemptionQueue":
            return Blueprint(name, (manager, addresses["LiquidityVault"]))
        case "PortfolioL2" | "PortfolioL3":
            home = addresses["LiquidityVault"]
            return Blueprint("Portfolio", (manager, settlement, addresses["PriceOracle"], home))
        case "AssetController":
            neighbours = (
                "LiquidityVault", "PortfolioL2", "PortfolioL3", "PriceOracle", "PlanLedger",
            )  # fmt: skip
            return Blueprint(name, (manager, *(addresses[neighbour] for neighbour in neighbours)))
        case "UniswapV3Venue":
            return Blueprint(name, (manager, config.external.uniswap_factory))
        case _:
            raise KeyError(name)
