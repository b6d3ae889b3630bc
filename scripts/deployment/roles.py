"""Roles of the AccessManager: which function needs which, and who holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from scripts.deployment.managed import MANAGER, Difference
from scripts.deployment.members import (
    AnyDeployment,
    events,
    missing_grants,
    superfluous_grants,
)

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

FUNCTION_ROLES: dict[str, dict[int, tuple[str, ...]]] = {
    "PriceOracle": {
        CONFIGURATOR: ("setFeed", "removeFeed", "setSequencerFeed"),
        GUARDIAN: ("tightenFeed",),
    },
    "LiquidityVault": {CONFIGURATOR: ("setController", "setQueue", "setHoldingTime")},
    "RedemptionQueue": {CONFIGURATOR: ("setNotice", "setMinimumShares")},
    "PlanLedger": {CONFIGURATOR: ("raiseApprover",), GUARDIAN: ("lowerApprover",)},
    "Portfolio": {
        CONFIGURATOR: (
            "setHoldings", "setOperator", "setWeights", "writeOff", "reinstate", "release",
        ),
        GUARDIAN: ("lowerCap",),
    },
    "AssetController": {
        CONFIGURATOR: ("setBounds", "raiseDualApproval", "raiseLimit", "unpause"),
        GUARDIAN: (
            "tightenBounds", "lowerDualApproval", "lowerLimit", "removeKeeper", "pause",
            "cancelPlan", "voidNonce",
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
"""Of each compiled contract: which role may call which functions."""


def selector(deployment: AnyDeployment, name: str, function: str) -> bytes:
    """Selector of a contract's function, by its name, which is not overloaded."""
    return keccak(text=deployment.contract(name).get_function_by_name(function).signature)[:4]


def managed_names(deployment: AnyDeployment) -> list[str]:
    """Deployed contracts with functions that need a role, but those of another deployment."""
    return [
        name
        for name in deployment.names
        if name not in deployment.given and deployment.artifact_of(name) in FUNCTION_ROLES
    ]


def function_role_differences(deployment: AnyDeployment) -> Iterator[Difference]:
    """Functions whose required role is not the one in FUNCTION_ROLES."""
    for name in managed_names(deployment):
        target = deployment.address(name)
        for role, functions in FUNCTION_ROLES[deployment.artifact_of(name)].items():
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


def closed_target_differences(deployment: AnyDeployment) -> Iterator[Difference]:
    """Contracts whose restricted functions are closed to everybody."""
    intended = False
    for name in managed_names(deployment):
        target = deployment.address(name)
        actual = deployment.read(MANAGER, "isTargetClosed", target)
        arguments = ("setTargetClosed", target, intended)
        yield from deployment.compare(MANAGER, f"{name} closed", intended, actual, *arguments)


def supervision_differences(deployment: AnyDeployment) -> Iterator[Difference]:
    """Roles with an admin other than ADMIN, with a guardian, or with a delay before a grant."""
    if deployment.roles is None:
        return
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
    deployment: AnyDeployment,
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


def grant_differences(deployment: AnyDeployment) -> Iterator[Difference]:
    """Intended holders of the three roles who lack theirs or have another delay."""
    roles = deployment.roles
    if roles is None:
        return
    delay = roles.configurator_delay_seconds
    yield from missing_grants(deployment, GUARDIAN, roles.guardians, 0)
    yield from missing_grants(deployment, CONFIGURATOR, roles.configurators, delay)
    yield from missing_grants(deployment, ADMIN, (roles.admin,), roles.admin_delay_seconds)


def revocation_differences(deployment: AnyDeployment) -> Iterator[Difference]:
    """Holders of any role who should not be; admins last, and of those the sender last."""
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
