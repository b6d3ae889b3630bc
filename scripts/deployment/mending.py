"""Bring a chain to the intended state, change by change, and say what cannot be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from eth_utils.address import to_checksum_address
from web3 import Web3

from scripts.deployment.errors import DeploymentError, NotPermittedError
from scripts.deployment.managed import MANAGER, Difference, code_differences
from scripts.deployment.managed_config import require_real_accounts
from scripts.deployment.members import AnyDeployment
from scripts.deployment.roles import (
    ADMIN,
    ROLE_NAMES,
    closed_target_differences,
    function_role_differences,
    grant_differences,
    revocation_differences,
    supervision_differences,
)

Progress = Callable[[str], None]
MANAGER_DIFFERENCES = (
    supervision_differences,
    function_role_differences,
    closed_target_differences,
)


@dataclass(frozen=True)
class Aspects:
    """What is looked at beside code and roles: what no call can mend, then parameters."""

    foundation: Callable[[], Iterator[Difference]]
    settings: Callable[[], Iterator[Difference]]


def list_differences(deployment: AnyDeployment, aspects: Aspects) -> Iterator[Difference]:
    """Everything on chain that is not as intended: code first, then roles, then parameters."""
    missing = list(code_differences(deployment))
    yield from missing
    if missing:
        return
    yield from aspects.foundation()
    for manager_differences in MANAGER_DIFFERENCES:
        yield from manager_differences(deployment)
    yield from aspects.settings()
    yield from grant_differences(deployment)
    yield from revocation_differences(deployment)


def mend_differences(deployment: AnyDeployment, aspects: Aspects, say: Progress) -> int:
    """Mend every difference that a call can mend; return the number of calls sent.

    The sender needs the admin role for roles. For parameters an admin without a delay takes the
    configurator's role, and where something must be taken away the guardian's, for the time of the
    run where it lacks them, and gives them back. What a delay of the sender's holds up is
    scheduled, and carried out by a later run. Roles are taken from anybody only once all are
    granted and the intended admin is seen to hold its own; the sender's comes last.

    Raises:
        DeploymentError: other code than recorded, or something else that no call can mend;
        DeploymentConfigError: placeholders for accounts;
        NotPermittedError: a role that the sender lacks.
    """
    require_real_accounts(deployment.config)
    if missing := list(code_differences(deployment)):
        raise DeploymentError(f"{missing[0]}; run deploy first, or look into it")
    if wrong := list(aspects.foundation()):
        raise DeploymentError(f"{wrong[0]}; {wrong[0].hint}")
    sent = 0
    for manager_differences in MANAGER_DIFFERENCES:
        sent += _mend(deployment, manager_differences(deployment), say)
    sent += _mend_parameters(deployment, list(aspects.settings()), say)
    sent += _mend(deployment, list(grant_differences(deployment)), say)
    _require_granted(deployment)
    return sent + _mend(deployment, list(revocation_differences(deployment)), say)


def _require_granted(deployment: AnyDeployment) -> None:
    """Raise unless the intended admin holds its role, before anybody loses one."""
    if deployment.roles is None:
        return
    admin = deployment.roles.admin
    if not deployment.read(MANAGER, "hasRole", ADMIN, admin)[0]:
        raise DeploymentError(
            f"{admin} does not hold the admin's role of {deployment.address('AccessManager')}, so "
            "nobody's role was taken; run verify to see why"
        )


def _mend_parameters(
    deployment: AnyDeployment, differences: list[Difference], say: Progress
) -> int:
    """Mend in the roles that it takes; those taken for it are given back whatever happens.

    What needs a role that the sender can neither use nor take is left to somebody else.
    """
    roles = {_role_for(deployment, each) for each in differences}
    needed = sorted(role for role in roles if role is not None)
    missing = [role for role in needed if not _holds(deployment, role)]
    if missing and not _acts_at_once(deployment):
        if len(missing) == len(needed):
            raise NotPermittedError(_lacking(deployment, missing[0]))
        differences = [_left(deployment, each, missing) for each in differences]
        missing = []
    taken: list[int] = []
    try:
        for role in missing:
            _manage(deployment, "grantRole", role, _sender(deployment), 0)
            taken.append(role)
            say(f"{MANAGER}: {ROLE_NAMES[role]}'s role taken for this run")
        sent = _mend(deployment, differences, say)
    finally:
        for role in taken:
            _manage(deployment, "revokeRole", role, _sender(deployment))
            say(f"{MANAGER}: {ROLE_NAMES[role]}'s role given back")
    return sent + 2 * len(taken)


def _role_for(deployment: AnyDeployment, difference: Difference) -> int | None:
    """The role that mends a difference; None where a person has to."""
    if difference.target is None or difference.data is None:
        return None
    selector = difference.data[:10]
    return deployment.read(MANAGER, "getTargetFunctionRole", difference.target, selector)


def _left(deployment: AnyDeployment, difference: Difference, missing: list[int]) -> Difference:
    role = _role_for(deployment, difference)
    if role not in missing:
        return difference
    hint = f"run configure with an account that holds the {ROLE_NAMES[role]}'s role"
    return replace(difference, target=None, data=None, hint=hint)


def _sender(deployment: AnyDeployment) -> str:
    return to_checksum_address(deployment.chain.sender)


def _holds(deployment: AnyDeployment, role: int) -> bool:
    return deployment.read(MANAGER, "hasRole", role, _sender(deployment))[0]


def _acts_at_once(deployment: AnyDeployment) -> bool:
    """Whether the sender is an admin without a delay, who can take a role for a run."""
    member, delay = deployment.read(MANAGER, "hasRole", ADMIN, _sender(deployment))
    return member and delay == 0


def _lacking(deployment: AnyDeployment, role: int) -> str:
    return (
        f"{_sender(deployment)} does not hold the {ROLE_NAMES[role]}'s role of "
        f"{deployment.address(MANAGER)}, and is no admin who could take it at once; use --account "
        "of one that does"
    )


def _manage(deployment: AnyDeployment, function: str, *arguments: object) -> None:
    data = deployment.contract(MANAGER).encode_abi(function, args=list(arguments))
    deployment.chain.call(deployment.address(MANAGER), data)


def _mend(deployment: AnyDeployment, differences: Iterable[Difference], say: Progress) -> int:
    sent = 0
    for difference in differences:
        if difference.target is None or difference.data is None:
            say(f"not changed: {difference}; {difference.hint}")
            continue
        if _send(deployment, difference.target, difference.data):
            say(f"{difference.contract}: {difference.what}: {difference.expected}")
        else:
            say(f"{difference.contract}: {difference.what}: scheduled; run again after its delay")
        sent += 1
    return sent


def _send(deployment: AnyDeployment, target: str, data: str) -> bool:
    """Send a call at once, or through the manager's delay; False when it was only scheduled."""
    sender = _sender(deployment)
    immediate, delay = deployment.read(MANAGER, "canCall", sender, target, data[:10])
    if immediate:
        deployment.chain.call(target, data)
        return True
    if delay == 0:
        raise NotPermittedError(f"{sender} may not call {data[:10]} of {target}")
    return _through_delay(deployment, sender, target, data)


def _through_delay(deployment: AnyDeployment, sender: str, target: str, data: str) -> bool:
    contract = deployment.contract(MANAGER)
    operation = deployment.read(MANAGER, "hashOperation", sender, target, data)
    ready_at: int = deployment.read(MANAGER, "getSchedule", operation)
    now = deployment.chain.web3.eth.get_block("latest").get("timestamp", 0)
    if ready_at == 0:
        call = contract.encode_abi("schedule", args=[target, Web3.to_bytes(hexstr=data), 0])  # pyright: ignore[reportArgumentType]
        deployment.chain.call(deployment.address(MANAGER), call)
        return False
    if ready_at > now:
        return False
    call = contract.encode_abi("execute", args=[target, Web3.to_bytes(hexstr=data)])  # pyright: ignore[reportArgumentType]
    deployment.chain.call(deployment.address(MANAGER), call)
    return True
