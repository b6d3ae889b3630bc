"""Bring a chain to the intended state, and report differences that no call can fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from scripts.deployment.batches import batches, send, simulate
from scripts.deployment.changes import Change, ManagedCall, Sender, SendMode, changes, required_role
from scripts.deployment.config import require_real_accounts, require_separate_accounts
from scripts.deployment.deployment import (
    MANAGER,
    AnyContracts,
    AnyDeployment,
    Difference,
    code_differences,
    origin_differences,
    require_prerequisites,
)
from scripts.deployment.errors import DeploymentError, NotPermittedError
from scripts.deployment.roles import (
    ADMIN,
    ROLE_NAMES,
    closed_target_differences,
    function_role_differences,
    grant_differences,
    revocation_differences,
)
from scripts.deployment.signing_list import (
    Approve,
    SigningList,
    at_once,
    call_lines,
    counted,
)
from scripts.deployment.supervision import manager_delay_differences, supervision_differences

Progress = Callable[[str], None]
PAUSED = "paused"
"""Subject of the difference when a guardian has paused a contract."""

MANAGER_DIFFERENCES = (
    supervision_differences,
    function_role_differences,
    closed_target_differences,
)


def all_differences(deployment: AnyDeployment) -> Iterator[Difference]:
    """Yield all differences from the intended state: code first, then roles, then parameters."""
    missing = list(code_differences(deployment))
    yield from missing
    if missing:
        return
    yield from origin_differences(deployment)
    yield from deployment.foundation()
    for manager_differences in MANAGER_DIFFERENCES:
        yield from manager_differences(deployment)
    yield from deployment.settings(restore_keepers=False)
    yield from grant_differences(deployment)
    yield from manager_delay_differences(deployment)
    yield from revocation_differences(deployment)


@dataclass(frozen=True)
class Plan:
    """Changes of one run, in order, and differences left to an operator.

    Attributes:
        take: Grants of the roles that the sender takes for the run.
        first: Manager settings and parameters.
        give_back: Revocations of the roles taken for the run.
        then: Grants and delays.
        last: Revocations of roles, sent once the intended admin holds its role.
        left: Differences that no call of the sender can fix.
    """

    take: tuple[Change, ...]
    first: tuple[Change, ...]
    give_back: tuple[Change, ...]
    then: tuple[Change, ...]
    last: tuple[Change, ...]
    left: tuple[Difference, ...]

    @property
    def to_send(self) -> list[Change]:
        """Changes that need a signature now."""
        every = (*self.take, *self.first, *self.give_back, *self.then, *self.last)
        return [change for change in every if change.mode is not SendMode.WAIT]

    @property
    def waiting(self) -> list[Change]:
        """Scheduled changes whose delay has not passed."""
        return [change for change in (*self.first, *self.then, *self.last) if change.moment]


def plan_changes(
    deployment: AnyDeployment, *, restore_keepers: bool = False, unpause: bool = False
) -> Plan:
    """Return the changes by the chain's sender that bring the chain to the intended state.

    Args:
        deployment: The contracts and their intended state.
        restore_keepers: Restore keepers that a guardian has removed.
        unpause: Unpause contracts that a guardian has paused.

    Raises:
        As `configure`.
    """
    require_real_accounts(deployment.config)
    require_separate_accounts(deployment.config)
    if missing := list(code_differences(deployment)):
        raise DeploymentError(f"{missing[0]}; run deploy first, or investigate")
    if wrong := [*origin_differences(deployment), *deployment.foundation()]:
        raise DeploymentError(f"{wrong[0]}; {wrong[0].hint}")
    require_prerequisites(deployment, anew=False)
    sender = Sender(deployment)
    of_manager = [each for found in MANAGER_DIFFERENCES for each in found(deployment)]
    grants = [*grant_differences(deployment), *manager_delay_differences(deployment)]
    revocations = list(revocation_differences(deployment))
    others = any(each.data is not None for each in (*of_manager, *grants, *revocations))
    settings = deployment.settings(restore_keepers=restore_keepers)
    wanted = [_unpaused(deployment, each) if unpause else each for each in settings]
    parameters, missing_roles = _parameters(sender, wanted, others=others)
    taking = Sender(deployment, frozenset(missing_roles))
    return Plan(
        take=tuple(_role_change(sender, "grantRole", role, 0) for role in missing_roles),
        first=(*changes(sender, of_manager), *changes(taking, parameters)),
        give_back=tuple(_role_change(sender, "revokeRole", role) for role in missing_roles),
        then=tuple(changes(sender, grants)),
        last=tuple(changes(sender, revocations)),
        left=tuple(
            each for each in (*of_manager, *parameters, *grants, *revocations) if each.data is None
        ),
    )


def configure(
    deployment: AnyDeployment,
    progress: Progress,
    approve: Approve = at_once,
    *,
    restore_keepers: bool = False,
    unpause: bool = False,
) -> int:
    """Fix every difference that a call can fix; return the number of changes sent.

    All changes are computed, simulated and passed to `approve` before the first signature. The
    sender requires the admin role to change roles. To change parameters, an admin without a delay
    who lacks the configurator's role takes it for the run, as well as the guardian's if something
    must be tightened, and gives both back. Calls subject to a delay of the sender are scheduled,
    and a later run executes them. Roles are revoked only after all grants, once the intended admin
    holds its role; the sender's role is revoked last.

    Raises:
        DeploymentError: The code is not the recorded code, no call can fix a difference, or a
            call would revert.
        DeploymentConfigError: The file has placeholders for accounts.
        NotPermittedError: The sender lacks a role.
    """
    plan = plan_changes(deployment, restore_keepers=restore_keepers, unpause=unpause)
    for difference in plan.left:
        progress(f"not changed: {difference}; {difference.hint}")
    for change in plan.waiting:
        if change.mode is SendMode.WAIT:
            progress(change.done_text(change.moment))
    if plan.to_send:
        simulate(deployment, plan.to_send)
        approve(_signing_list(deployment, plan))
        transactions = _send(deployment, plan, progress)
        progress(f"sent in {counted(transactions, 'transaction')}")
    else:
        _require_granted(deployment)
    return len(plan.to_send)


def _signing_list(deployment: AnyDeployment, plan: Plan) -> SigningList:
    parts = [part for part in (_sendable(plan)) if part]
    return SigningList(
        lines=tuple(line for change in plan.to_send for line in call_lines(deployment, change)),
        calls=len(plan.to_send),
        transactions=sum(len(batches(part)) for part in parts),
        sender=deployment.chain.sender,
    )


def _sendable(plan: Plan) -> tuple[list[Change], list[Change]]:
    """Return the changes sent before the check for the intended admin, and those after it."""
    last = [change for change in plan.last if change.mode is not SendMode.WAIT]
    every = plan.to_send
    return every[: len(every) - len(last)], last


def _send(deployment: AnyDeployment, plan: Plan, progress: Progress) -> int:
    """Send the plan; give back the roles taken for it, also after an error."""
    sender = Sender(deployment)
    done: set[Change] = set()

    def sent(change: Change) -> None:
        done.add(change)
        ready_at = sender.ready_at(change.call) if change.mode is SendMode.SCHEDULE else 0
        progress(change.done_text(ready_at))

    before, last = _sendable(plan)
    try:
        transactions = send(deployment, before, sent)
    finally:
        pairs = zip(plan.take, plan.give_back, strict=True)
        kept = [back for taken, back in pairs if taken in done and back not in done]
        if kept:
            send(deployment, kept, sent)
    _require_granted(deployment)
    return transactions + send(deployment, last, sent)


def _require_granted(deployment: AnyDeployment) -> None:
    """Raise unless the intended admin holds its role; called before any role is revoked."""
    if deployment.roles is None:
        return
    admin = deployment.roles.admin
    if not deployment.read(MANAGER, "hasRole", ADMIN, admin)[0]:
        raise DeploymentError(
            f"{admin} does not hold the admin's role of {deployment.address('AccessManager')}, so "
            "no role was revoked; run verify to see why"
        )


def _parameters(
    sender: Sender, differences: list[Difference], *, others: bool
) -> tuple[list[Difference], list[int]]:
    """Return the parameters to fix, and the roles that the sender takes to fix them.

    Parameters that need a role that the sender neither holds nor can take are left to an operator.

    Raises:
        NotPermittedError: The sender can fix no parameter, and there are no other changes.
    """
    deployment = sender.deployment
    needed = {required_role(deployment, each) for each in differences if each.data is not None}
    missing = sorted(role for role in needed if not sender.holds(role))
    if not missing or sender.can_take(missing):
        return differences, missing
    if len(missing) == len(needed) and not others:
        raise NotPermittedError(_lacking(sender, missing[0]))
    return [_left(deployment, each, missing) for each in differences], []


def _unpaused(deployment: AnyDeployment, difference: Difference) -> Difference:
    """Return a pause as a difference that a call can fix; return other differences unchanged."""
    if difference.what != PAUSED:
        return difference
    data = deployment.contract(difference.contract).encode_abi("unpause")
    return replace(difference, target=deployment.address(difference.contract), data=data)


def _left(deployment: AnyContracts, difference: Difference, missing: Sequence[int]) -> Difference:
    if difference.data is None:
        return difference
    role = required_role(deployment, difference)
    if role not in missing:
        return difference
    hint = f"run configure with an account that holds the {ROLE_NAMES[role]}'s role"
    return replace(difference, target=None, data=None, hint=hint)


def _lacking(sender: Sender, role: int) -> str:
    return (
        f"{sender.address} does not hold the {ROLE_NAMES[role]}'s role of "
        f"{sender.deployment.address(MANAGER)}, and is not an admin that could take it "
        "immediately; use --account with an account that does"
    )


def _role_change(sender: Sender, function: str, role: int, *delay: int) -> Change:
    """Return the change that takes a role for the run, or gives it back."""
    deployment = sender.deployment
    data = deployment.contract(MANAGER).encode_abi(function, args=[role, sender.address, *delay])
    verb = "taken for this run" if function == "grantRole" else "given back"
    purpose = f"{MANAGER}: {ROLE_NAMES[role]}'s role {verb}"
    return Change(
        ManagedCall(MANAGER, deployment.address(MANAGER), data), SendMode.AT_ONCE, purpose
    )
