"""Roles of the AccessManager: which function needs which, and who holds them."""

from __future__ import annotations

from collections.abc import Iterator

from eth_utils.crypto import keccak

from scripts.deployment.differences import Deployment, Difference
from scripts.deployment.members import role_differences

ADMIN = 0
CONFIGURATOR = 1
GUARDIAN = 2

FUNCTION_ROLES: dict[str, dict[int, tuple[str, ...]]] = {
    "PriceOracle": {CONFIGURATOR: ("setFeed", "removeFeed", "setSequencerFeed")},
    "LiquidityVault": {CONFIGURATOR: ("setController",)},
    "PortfolioL2": {CONFIGURATOR: ("setHoldings", "setOperator")},
    "PortfolioL3": {CONFIGURATOR: ("setHoldings", "setOperator")},
    "AssetController": {
        CONFIGURATOR: ("setKeeper", "setTierBands", "setMaxLossBps", "unpause"),
        GUARDIAN: ("pause", "removeKeeper"),
    },
    "UniswapV3Venue": {CONFIGURATOR: ("setPath", "setTrader")},
}


def selector(deployment: Deployment, name: str, function: str) -> bytes:
    """Selector of a contract's function, by its name, which is not overloaded."""
    return keccak(text=deployment.contract(name).get_function_by_name(function).signature)[:4]


def function_role_differences(deployment: Deployment) -> Iterator[Difference]:
    """Functions whose required role is not the one in FUNCTION_ROLES."""
    for name, roles in FUNCTION_ROLES.items():
        target = deployment.address(name)
        for role, functions in roles.items():
            for function in functions:
                chosen = selector(deployment, name, function)
                actual = deployment.read("AccessManager", "getTargetFunctionRole", target, chosen)
                what = f"role that {name}.{function} needs"
                yield from deployment.compare(
                    "AccessManager",
                    what,
                    role,
                    actual,
                    "setTargetFunctionRole",
                    target,
                    [chosen],
                    role,
                )


def closed_target_differences(deployment: Deployment) -> Iterator[Difference]:
    """Contracts whose restricted functions are closed to everybody."""
    intended = False
    for name in FUNCTION_ROLES:
        target = deployment.address(name)
        actual = deployment.read("AccessManager", "isTargetClosed", target)
        arguments = ("setTargetClosed", target, intended)
        yield from deployment.compare(
            "AccessManager", f"{name} closed", intended, actual, *arguments
        )


def membership_differences(deployment: Deployment) -> Iterator[Difference]:
    """Holders of the three roles that are missing, superfluous or have another delay.

    The admin's own difference comes last: who mends it may give the role away with it.
    """
    roles = deployment.config.roles
    delay = roles.configurator_delay_seconds
    yield from role_differences(
        deployment, GUARDIAN, roles.guardians, 0, roles.guardians.__contains__
    )
    yield from role_differences(
        deployment, CONFIGURATOR, roles.configurators, delay, roles.configurators.__contains__
    )
    yield from role_differences(deployment, ADMIN, (roles.admin,), 0, (roles.admin,).__contains__)
