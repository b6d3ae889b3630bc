"""Roles of the AccessManager: the functions that require each, and the holders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eth_utils.crypto import keccak

from scripts.deployment.deployment import MANAGER, AnyContracts, Difference
from scripts.deployment.permissions import (
    events,
    missing_grants,
    superfluous_grants,
)

ADMIN = 0
CONFIGURATOR = 1
GUARDIAN = 2
ADMIN_CALLS = 3
"""Role without holders. The manager finds who may cancel a scheduled call by the role of the called
function, also for its own functions, which only an admin may call regardless of their role.
The guardian of the admin's role cannot be set; the guardian of this role is GUARDIAN."""

ROLE_NAMES = {
    ADMIN: "admin",
    CONFIGURATOR: "configurator",
    GUARDIAN: "guardian",
    ADMIN_CALLS: "admin's calls",
}

MANAGER_FUNCTIONS = (
    "grantRole",
    "setRoleAdmin",
    "setRoleGuardian",
    "setGrantDelay",
    "setTargetAdminDelay",
    "setTargetFunctionRole",
    "setTargetClosed",
    "updateAuthority",
    "labelRole",
)
"""Functions of the AccessManager that a guardian can cancel while scheduled. `revokeRole` is
excluded, so that a stolen guardian's key cannot keep its role."""

FUNCTION_ROLES: dict[str, dict[int, tuple[str, ...]]] = {
    "PriceOracle": {
        CONFIGURATOR: ("setFeed", "removeFeed", "setSequencerFeed"),
        GUARDIAN: ("tightenFeed",),
    },
    "LiquidityVault": {
        CONFIGURATOR: ("setController", "setQueue", "setHoldingTime", "setDepositCap"),
        GUARDIAN: ("lowerDepositCap",),
    },
    "RedemptionQueue": {CONFIGURATOR: ("setNotice", "setMinimumShares")},
    "PlanLedger": {CONFIGURATOR: ("raiseApprover",), GUARDIAN: ("lowerApprover",)},
    "Portfolio": {
        CONFIGURATOR: (
            "setHoldings", "setOperator", "setWeights", "liftMark", "setSkimReceiver", "release",
        ),
        GUARDIAN: ("lowerCap", "markDown"),
    },
    "AssetController": {
        CONFIGURATOR: ("setBounds", "raiseDualApproval", "raiseLimit", "unpause"),
        GUARDIAN: (
            "tightenBounds", "lowerDualApproval", "lowerLimit", "pause", "cancelPlan", "voidNonce",
        ),
    },
    "KillSwitch": {
        CONFIGURATOR: ("unpause", "restoreKeeper"),
        GUARDIAN: ("pause", "removeKeeper"),
    },
    "UniswapV3Venue": {CONFIGURATOR: ("setPath", "setTrader")},
    "WeightJudge": {CONFIGURATOR: ("setRebalancer", "setMaxLoss"), GUARDIAN: ("lowerMaxLoss",)},
    "WeightRebalancer": {
        CONFIGURATOR: ("setTerms", "unpause", "raiseLimit"),
        GUARDIAN: ("tightenTerms", "pause", "lowerLimit"),
    },
    "OtcVenue": {
        CONFIGURATOR: ("setDesk", "setTrader", "setMaxLoss"),
        GUARDIAN: ("removeDesk", "lowerMaxLoss"),
    },
    "AutoVenue": {CONFIGURATOR: ("setVenues", "setTrader"), GUARDIAN: ("removeVenue",)},
    "TransactionScheduler": {
        CONFIGURATOR: ("setPrices", "setCapacity", "unpause"),
        GUARDIAN: ("pause",),
    },
    "PaidRebalancerRegistry": {
        CONFIGURATOR: ("allowTarget", "updateDefaultRecurringConfig", "updateRecurringConfig"),
        GUARDIAN: ("disallowTarget", "removePaidRebalancer"),
    },
    "RebalanceSupervisor": {CONFIGURATOR: ("setSchedule", "withdraw")},
    "Treasury": {
        CONFIGURATOR: (
            "addAsset", "addRoute", "setLane", "setVenue", "removeVenue", "setBands", "raiseLimit",
            "unpause", "release",
        ),
        GUARDIAN: (
            "closeLane", "closeVenue", "lowerBands", "lowerLimit", "cancelPlan", "voidNonce",
            "pause",
        ),
    },
    "CctpV2Route": {
        CONFIGURATOR: ("setPeer", "setMaxFee", "sweep", "rescue"),
        GUARDIAN: ("lowerMaxFee",),
    },
    "OftRoute": {
        CONFIGURATOR: ("setPeer", "setMaxNativeFee", "announceSweep", "sweep"),
        GUARDIAN: ("lowerMaxNativeFee",),
    },
    "CustodialRoute": {
        CONFIGURATOR: ("setDepositAddress", "admitChain", "sweep"),
        GUARDIAN: ("removeDepositAddress",),
    },
    "Inbox": {CONFIGURATOR: ("setRoute", "sweep")},
}  # fmt: skip
"""Functions that each role may call, by compiled contract."""


def selector(deployment: AnyContracts, name: str, function: str) -> bytes:
    """Return the selector of a contract's function by its name, which is not overloaded."""
    return keccak(text=deployment.contract(name).get_function_by_name(function).signature)[:4]


def role_name(role: int) -> str:
    """Return the name of a role."""
    return ROLE_NAMES.get(role, str(role))


def managed_names(deployment: AnyContracts) -> list[str]:
    """Return this deployment's contracts that have functions which require a role."""
    return [
        name
        for name in deployment.names
        if name not in deployment.given and deployment.artifact_of(name) in FUNCTION_ROLES
    ]


def function_role_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield functions whose required role is not the intended one."""
    for name in managed_names(deployment):
        for role, functions in FUNCTION_ROLES[deployment.artifact_of(name)].items():
            yield from _function_roles(deployment, name, role, functions)
    if MANAGER not in deployment.given:
        yield from _function_roles(deployment, MANAGER, ADMIN_CALLS, MANAGER_FUNCTIONS)


def _function_roles(
    deployment: AnyContracts, name: str, role: int, functions: tuple[str, ...]
) -> Iterator[Difference]:
    target = deployment.address(name)
    for function in functions:
        chosen = selector(deployment, name, function)
        actual = deployment.read(MANAGER, "getTargetFunctionRole", target, chosen)
        arguments = ("setTargetFunctionRole", target, [chosen], role)
        what = f"role required by {name}.{function}"
        for plain in deployment.compare(MANAGER, what, role, actual, *arguments):
            yield replace(plain, expected=ROLE_NAMES[role], actual=role_name(actual))


def closed_target_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield contracts whose restricted functions are closed to everybody."""
    intended = False
    for name in managed_names(deployment):
        target = deployment.address(name)
        actual = deployment.read(MANAGER, "isTargetClosed", target)
        arguments = ("setTargetClosed", target, intended)
        yield from deployment.compare(MANAGER, f"{name} closed", intended, actual, *arguments)


def grant_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield intended holders of the three roles who lack them or have another delay."""
    roles = deployment.roles
    if roles is None:
        return
    delay = roles.configurator_delay_seconds
    yield from missing_grants(deployment, GUARDIAN, roles.guardians, 0)
    yield from missing_grants(deployment, CONFIGURATOR, roles.configurators, delay)
    yield from missing_grants(deployment, ADMIN, (roles.admin,), roles.admin_delay_seconds)


def revocation_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield holders of roles who should not hold them; admins last, the sender after them."""
    roles = deployment.roles
    if roles is None:
        return
    intended: dict[int, tuple[str, ...]] = {
        GUARDIAN: roles.guardians,
        CONFIGURATOR: roles.configurators,
        ADMIN: (roles.admin,),
    }
    granted: dict[int, set[str]] = {}
    for entry in events(deployment, MANAGER, "RoleGranted"):
        granted.setdefault(int(entry["roleId"]), set()).add(entry["account"])
    for role in sorted(granted, reverse=True):
        yield from superfluous_grants(deployment, role, intended.get(role, ()), granted[role])
