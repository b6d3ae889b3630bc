"""Bring the chain to the intended state, change by change, and say what cannot be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from eth_utils.address import to_checksum_address
from web3 import Web3

from scripts.deployment.differences import Deployment, Difference, code_differences
from scripts.deployment.errors import DeploymentError, NotPermittedError
from scripts.deployment.roles import (
    ADMIN,
    CONFIGURATOR,
    closed_target_differences,
    function_role_differences,
    membership_differences,
)
from scripts.deployment.settings import setting_differences

Progress = Callable[[str], None]


def all_differences(deployment: Deployment) -> Iterator[Difference]:
    """Everything on chain that is not as intended: code first, then roles, then parameters."""
    missing = list(code_differences(deployment))
    yield from missing
    if missing:
        return
    yield from function_role_differences(deployment)
    yield from closed_target_differences(deployment)
    yield from setting_differences(deployment)
    yield from membership_differences(deployment)


def configure(deployment: Deployment, say: Progress) -> int:
    """Mend every difference that a call can mend; return the number of calls sent.

    The sender needs the admin role for roles; for parameters it takes the configurator's role for
    the time of the run where it lacks it, and gives it back. The admin's role changes hands last.

    Raises:
        DeploymentError: other code than recorded; NotPermittedError: a role that the sender lacks.
    """
    if missing := list(code_differences(deployment)):
        raise DeploymentError(f"{missing[0]}; run deploy first, or look into it")
    sent = _mend(deployment, function_role_differences(deployment), say)
    sent += _mend(deployment, closed_target_differences(deployment), say)
    if parameters := list(setting_differences(deployment)):
        sent += _become_configurator(deployment, say)
        sent += _mend(deployment, parameters, say)
    return sent + _mend(deployment, list(membership_differences(deployment)), say)


def _become_configurator(deployment: Deployment, say: Progress) -> int:
    sender = to_checksum_address(deployment.chain.sender)
    if deployment.read("AccessManager", "hasRole", CONFIGURATOR, sender)[0]:
        return 0
    if not deployment.read("AccessManager", "hasRole", ADMIN, sender)[0]:
        raise NotPermittedError(
            f"{sender} holds neither the admin's nor the configurator's role of "
            f"{deployment.address('AccessManager')}; use --account of one that does"
        )
    grant = deployment.contract("AccessManager").encode_abi(
        "grantRole", args=[CONFIGURATOR, sender, 0]
    )
    deployment.chain.call(deployment.address("AccessManager"), grant)
    say("AccessManager: configurator's role taken for this run")
    return 1


def _mend(deployment: Deployment, differences: Iterable[Difference], say: Progress) -> int:
    sent = 0
    for difference in differences:
        if difference.target is None or difference.data is None:
            raise DeploymentError(f"{difference}; no call mends this")
        if _send(deployment, difference.target, difference.data):
            say(f"{difference.contract}: {difference.what}: {difference.expected}")
        else:
            say(f"{difference.contract}: {difference.what}: scheduled; run again after its delay")
        sent += 1
    return sent


def _send(deployment: Deployment, target: str, data: str) -> bool:
    """Send a call at once, or through the manager's delay; False when it was only scheduled."""
    manager = deployment.address("AccessManager")
    sender = to_checksum_address(deployment.chain.sender)
    if target == manager:
        deployment.chain.call(target, data)
        return True
    immediate, delay = deployment.read("AccessManager", "canCall", sender, target, data[:10])
    if immediate:
        deployment.chain.call(target, data)
        return True
    if delay == 0:
        raise NotPermittedError(f"{sender} may not call {data[:10]} of {target}")
    return _through_delay(deployment, sender, target, data)


def _through_delay(deployment: Deployment, sender: str, target: str, data: str) -> bool:
    contract = deployment.contract("AccessManager")
    operation = deployment.read("AccessManager", "hashOperation", sender, target, data)
    ready_at: int = deployment.read("AccessManager", "getSchedule", operation)
    now = deployment.chain.web3.eth.get_block("latest").get("timestamp", 0)
    if ready_at == 0:
        call = contract.encode_abi("schedule", args=[target, Web3.to_bytes(hexstr=data), 0])  # pyright: ignore[reportArgumentType]
        deployment.chain.call(deployment.address("AccessManager"), call)
        return False
    if ready_at > now:
        return False
    call = contract.encode_abi("execute", args=[target, Web3.to_bytes(hexstr=data)])  # pyright: ignore[reportArgumentType]
    deployment.chain.call(deployment.address("AccessManager"), call)
    return True
