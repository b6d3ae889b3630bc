"""Delays and cancellation of the AccessManager's changes: role guardians, role admins, delays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.deployment.deployment import MANAGER, AnyContracts, Difference, moment_text
from scripts.deployment.permissions import events
from scripts.deployment.roles import (
    ADMIN,
    ADMIN_CALLS,
    CONFIGURATOR,
    GUARDIAN,
    ROLE_NAMES,
    managed_names,
)

ROLE_EVENTS = (
    "RoleGranted",
    "RoleAdminChanged",
    "RoleGuardianChanged",
    "RoleGrantDelayChanged",
    "TargetFunctionRoleUpdated",
)
ROLE_GUARDIANS = {CONFIGURATOR: GUARDIAN, ADMIN_CALLS: GUARDIAN}
"""Role whose holders may cancel scheduled calls, by required role; otherwise only an admin may."""

BELONGS_ELSEWHERE = "the manager belongs to another deployment: run configure of that deployment"


def supervision_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield roles with an unintended admin, or whose scheduled calls the guardian cannot cancel.

    If the manager belongs to another deployment, only the configurators' guardian is checked, and
    a difference is only reported.
    """
    if deployment.roles is None:
        actual = deployment.read(MANAGER, "getRoleGuardian", CONFIGURATOR)
        what = f"getRoleGuardian({CONFIGURATOR})"
        yield from deployment.report(MANAGER, what, GUARDIAN, actual, BELONGS_ELSEWHERE)
        return
    for role in sorted(_changed_roles(deployment) | ROLE_NAMES.keys()):
        for view, setter, wanted in (
            ("getRoleAdmin", "setRoleAdmin", ADMIN),
            ("getRoleGuardian", "setRoleGuardian", ROLE_GUARDIANS.get(role, ADMIN)),
        ):
            actual = deployment.read(MANAGER, view, role)
            what = f"{view}({role})"
            yield from deployment.compare(MANAGER, what, wanted, actual, setter, role, wanted)


def _changed_roles(deployment: AnyContracts) -> set[int]:
    return {
        int(entry["roleId"])
        for event in ROLE_EVENTS
        for entry in events(deployment, MANAGER, event)
    }


def manager_delay_differences(deployment: AnyContracts) -> Iterator[Difference]:
    """Yield grant delays and target admin delays that differ from the intended ones.

    The manager lets a change of such a delay take effect after five days at the earliest.
    """
    roles = deployment.roles
    if roles is None:
        return
    grants = dict.fromkeys((ADMIN, CONFIGURATOR, GUARDIAN), roles.grant_delay_seconds)
    titles = {role: f"{GRANT_DELAY.view}({role})" for role in grants}
    yield from _delays(deployment, GRANT_DELAY, grants, titles)
    names = {deployment.address(name): name for name in (MANAGER, *managed_names(deployment))}
    targets = dict.fromkeys(names, roles.target_admin_delay_seconds)
    titles = {target: f"admin delay of {name}" for target, name in names.items()}
    yield from _delays(deployment, ADMIN_DELAY, targets, titles)


@dataclass(frozen=True)
class DelayKind:
    """Kind of delay of the AccessManager; a change of it takes effect only days later."""

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


def _delays(
    deployment: AnyContracts,
    kind: DelayKind,
    intended: Mapping[Any, int],
    titles: Mapping[Any, str],
) -> Iterator[Difference]:
    """Yield delays that differ now or after a pending change, which the latest event has.

    A pending change is not sent again, because that would restart its wait. Roles and contracts
    outside the deployment should have the same delay.
    """
    coming = {
        entry[kind.subject]: (int(entry[kind.delay]), int(entry["since"]))
        for entry in events(deployment, MANAGER, kind.event)
    }
    usual = next(iter(intended.values()))
    for subject in (*intended, *(each for each in coming if each not in intended)):
        wanted = intended.get(subject, usual)
        what = titles.get(subject, f"{kind.view}({subject})")
        delay, since = coming.get(subject, (0, 0))
        if delay != wanted:
            yield from deployment.compare(
                MANAGER, what, wanted, delay, kind.setter, subject, wanted
            )
            continue
        present = deployment.read(MANAGER, kind.view, subject)
        hint = f"the change is pending; it takes effect automatically at {moment_text(since)}"
        yield from deployment.report(MANAGER, what, wanted, present, hint)


def accepted_risks(deployment: AnyContracts) -> list[str]:
    """Return a sentence for each delay that is zero and accepted in the file."""
    roles = deployment.roles
    if roles is None or not roles.accept_no_delay:
        return []
    said = [
        f"roles.{key} is 0, which accept_no_delay allows: a stolen key acts immediately"
        for key in roles.without_delay
    ]
    if not roles.guardians:
        said.append("roles.guardians is empty, which accept_no_delay allows: nobody can cancel")
    return said
