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
NEIGHBOURS = ("LiquidityVault", "PortfolioL2", "PortfolioL3", "PriceOracle", "PlanLedger")
"""What the controller works with, in the order of its constructor."""


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
        return Blueprint(name, (deployer,))
    artifact = "Portfolio" if name.startswith("Portfolio") else name
    match name:
        case "PriceOracle" | "PlanLedger":
            own = ()
        case "LiquidityVault":
            own = (settlement, config.vault.name, config.vault.symbol)
        case "RedemptionQueue":
            own = (addresses["LiquidityVault"],)
        case "PortfolioL2" | "PortfolioL3":
            own = (settlement, addresses["PriceOracle"], addresses["LiquidityVault"])
        case "AssetController":
            own = tuple(addresses[neighbour] for neighbour in NEIGHBOURS)
        case "UniswapV3Venue":
            own = (config.external.uniswap_factory,)
        case _:
            raise KeyError(name)
    return Blueprint(artifact, (addresses["AccessManager"], *own))
