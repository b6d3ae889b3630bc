"""Roles of the AccessManager: which function needs which, and who holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from scripts.deployment.differences import Deployment, Difference
from scripts.deployment.members import MANAGER, events, missing_grants, superfluous_grants

ADMIN = 0
CONFIGURATOR = 1
GUARDIAN = 2
ROLE_NAMES = {ADMIN: "admin", CONFIGURATOR: "configurator", GUARDIAN: "guardian"}
ROLE_EVENTS = (
    "RoleGranted",
    "RoleAdminChanged",
    "RoleGuardianChanged",
    "RoleGrantDelayChanged",
    "TargetFunctionRoleUpdated",
)

_PORTFOLIO = {
    CONFIGURATOR: (
        "setHoldings", "setOperator", "setWeights", "writeOff", "reinstate", "release",
    ),
    GUARDIAN: ("lowerCap",),
}  # fmt: skip
_JUDGE = {CONFIGURATOR: ("setRebalancer", "setMaxLoss"), GUARDIAN: ("lowerMaxLoss",)}
_REBALANCER = {
    CONFIGURATOR: ("setTerms", "unpause", "raiseLimit"),
    GUARDIAN: ("tightenTerms", "pause", "lowerLimit"),
}
FUNCTION_ROLES: dict[str, dict[int, tuple[str, ...]]] = {
    "PriceOracle": {
        CONFIGURATOR: ("setFeed", "removeFeed", "setSequencerFeed"),
        GUARDIAN: ("tightenFeed",),
    },
    "LiquidityVault": {CONFIGURATOR: ("setController", "setQueue", "setHoldingTime")},
    "RedemptionQueue": {CONFIGURATOR: ("setNotice", "setMinimumShares")},
    "PlanLedger": {CONFIGURATOR: ("raiseApprover",), GUARDIAN: ("lowerApprover",)},
    "PortfolioL2": _PORTFOLIO,
    "PortfolioL3": _PORTFOLIO,
    "AssetController": {
        CONFIGURATOR: ("setBounds", "raiseDualApproval", "raiseLimit", "unpause"),
        GUARDIAN: (
            "tightenBounds", "lowerDualApproval", "lowerLimit", "removeKeeper", "pause",
            "cancelPlan", "voidNonce",
        ),
    },
    "UniswapV3Venue": {CONFIGURATOR: ("setPath", "setTrader")},
    "WeightJudgeL2": _JUDGE,
    "WeightJudgeL3": _JUDGE,
    "WeightRebalancerL2": _REBALANCER,
    "WeightRebalancerL3": _REBALANCER,
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
            "closeLane", "closeVenue", "lowerBands", "lowerLimit", "removeKeeper", "cancelPlan",
            "voidNonce", "pause",
        ),
    },
    "CctpV2Route": {
        CONFIGURATOR: ("setPeer", "setMaxFee", "sweep"),
        GUARDIAN: ("lowerMaxFee",),
    },
    "OftRoute": {
        CONFIGURATOR: ("setPeer", "setMaxNativeFee", "sweep"),
        GUARDIAN: ("lowerMaxNativeFee",),
    },
    "CustodialRoute": {
        CONFIGURATOR: ("setDepositAddress", "admitChain", "sweep"),
        GUARDIAN: ("removeDepositAddress",),
    },
    "Inbox": {CONFIGURATOR: ("setRoute", "sweep")},
}  # fmt: skip


def selector(deployment: Deployment, name: str, function: str) -> bytes:
    """Selector of a contract's function, by its name, which is not overloaded."""
    return keccak(text=deployment.contract(name).get_function_by_name(function).signature)[:4]


def managed_names(deployment: Deployment) -> list[str]:
    """Deployed contracts with functions that need a role."""
    return [name for name in deployment.names if name in FUNCTION_ROLES]


def function_role_differences(deployment: Deployment) -> Iterator[Difference]:
    """Functions whose required role is not the one in FUNCTION_ROLES."""
    for name in managed_names(deployment):
        target = deployment.address(name)
        for role, functions in FUNCTION_ROLES[name].items():
            for function in functions:
                chosen = selector(deployment, name, function)
                actual = deployment.read(MANAGER, "getTargetFunctionRole", target, chosen)
                what = f"role that {name}.{function} needs"
                yield from deployment.compare(
                    MANAGER,
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
    for name in managed_names(deployment):
        target = deployment.address(name)
        actual = deployment.read(MANAGER, "isTargetClosed", target)
        arguments = ("setTargetClosed", target, intended)
        yield from deployment.compare(MANAGER, f"{name} closed", intended, actual, *arguments)


def supervision_differences(deployment: Deployment) -> Iterator[Difference]:
    """Roles with an admin other than ADMIN, with a guardian, or with a delay before a grant."""
    changed = {
        int(entry["roleId"])
        for event in ROLE_EVENTS
        for entry in events(deployment, MANAGER, event)
    }
    for role in sorted(changed | {ADMIN, CONFIGURATOR, GUARDIAN}):
        for view, setter in (
            ("getRoleAdmin", "setRoleAdmin"),
            ("getRoleGuardian", "setRoleGuardian"),
        ):
            actual = deployment.read(MANAGER, view, role)
            what = f"{view}({role})"
            yield from deployment.compare(MANAGER, what, ADMIN, actual, setter, role, ADMIN)
    yield from delay_differences(deployment, GRANT_DELAY, f"{GRANT_DELAY.view}({{}})")
    names = {deployment.address(name): name for name in managed_names(deployment)}
    yield from delay_differences(deployment, ADMIN_DELAY, "admin delay of {}", names)


@dataclass(frozen=True)
class DelayKind:
    """A delay of the AccessManager; a change of it takes effect only days later."""

    event: str
    subject: str
    delay: str
    view: str
    setter: str


GRANT_DELAY = DelayKind(
    "RoleGrantDelayChanged", "roleId", "delay", "getRoleGrantDelay", "setGrantDelay"
)
ADMIN_DELAY = DelayKind(
    "TargetAdminDelayUpdated", "target", "delay", "getTargetAdminDelay", "setTargetAdminDelay"
)


def delay_differences(
    deployment: Deployment,
    kind: DelayKind,
    title: str,
    names: Mapping[Any, str] | None = None,
) -> Iterator[Difference]:
    """Delays that are not zero or will not be: the latest event tells what is under way.

    A change to zero that is under way is not sent again, since that would start its wait anew.
    """
    coming = {
        entry[kind.subject]: entry[kind.delay] for entry in events(deployment, MANAGER, kind.event)
    }
    for subject, delay in coming.items():
        what = title.format(subject if names is None else names.get(subject, subject))
        if delay != 0:
            yield from deployment.compare(MANAGER, what, 0, delay, kind.setter, subject, 0)
            continue
        present = deployment.read(MANAGER, kind.view, subject)
        hint = "the change to zero is under way; it takes effect by itself"
        yield from deployment.report(MANAGER, what, 0, present, hint)


def grant_differences(deployment: Deployment) -> Iterator[Difference]:
    """Intended holders of the three roles who lack theirs or have another delay."""
    roles = deployment.config.roles
    delay = roles.configurator_delay_seconds
    yield from missing_grants(deployment, GUARDIAN, roles.guardians, 0)
    yield from missing_grants(deployment, CONFIGURATOR, roles.configurators, delay)
    yield from missing_grants(deployment, ADMIN, (roles.admin,), roles.admin_delay_seconds)


def revocation_differences(deployment: Deployment) -> Iterator[Difference]:
    """Holders of any role who should not be; admins last, and of those the sender last."""
    roles = deployment.config.roles
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
