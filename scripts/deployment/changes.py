"""Changes that bring a chain to the intended state: those the sender may make, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from eth_utils.address import to_checksum_address
from web3 import Web3

from scripts.deployment.deployment import MANAGER, AnyContracts, Difference, moment_text
from scripts.deployment.errors import NotPermittedError
from scripts.deployment.roles import ADMIN, FUNCTION_ROLES, ROLE_NAMES

OF_A_TARGET = ("setTargetFunctionRole", "setTargetClosed", "updateAuthority")
"""Functions of the manager about a contract, to which that contract's admin delay applies."""


class SendMode(Enum):
    """Way in which a change is sent."""

    AT_ONCE = auto()
    SCHEDULE = auto()
    WAIT = auto()
    """It is scheduled, and its delay has not passed."""

    EXECUTE = auto()
    """It was scheduled, and its delay has passed."""


@dataclass(frozen=True)
class ManagedCall:
    """Call to a contract of the deployment, by its name in the record."""

    contract: str
    target: str
    data: str


@dataclass(frozen=True)
class Change:
    """Call that fixes a difference.

    Attributes:
        purpose: Contract, subject and intended value.
        moment: Unix time from which a scheduled call can be executed; 0 if it is not scheduled.
    """

    call: ManagedCall
    mode: SendMode
    purpose: str
    moment: int = 0

    def done_text(self, ready_at: int) -> str:
        """Return the text after sending; a scheduled call can be executed from `ready_at`."""
        if self.mode in (SendMode.SCHEDULE, SendMode.WAIT):
            return (
                f"{self.purpose}: scheduled; can be executed from {moment_text(ready_at)}, by "
                "running configure again; the guardian can cancel it until then"
            )
        return self.purpose


@dataclass(frozen=True)
class Sender:
    """Permissions of the sender.

    Attributes:
        taken: Roles that the sender takes for the run.
    """

    deployment: AnyContracts
    taken: frozenset[int] = frozenset()

    @property
    def address(self) -> str:
        """Address of the sender."""
        return to_checksum_address(self.deployment.chain.sender)

    def holds(self, role: int) -> bool:
        """Return whether the sender holds a role."""
        return self._access(role)[0]

    def can_take(self, roles: Iterable[int]) -> bool:
        """Return whether the sender is an admin without delay, and role grants are immediate."""
        member, delay = self._access(ADMIN)
        read = self.deployment.read
        grants_wait = any(read(MANAGER, "getRoleGrantDelay", role) for role in roles)
        return member and delay == 0 and not grants_wait

    def change(self, difference: Difference) -> Change:
        """Return the change that fixes a difference.

        Raises:
            NotPermittedError: The sender may not make the change.
        """
        assert difference.target is not None and difference.data is not None  # noqa: S101,PT018
        call = ManagedCall(
            _name_of(self.deployment, difference), difference.target, difference.data
        )
        purpose = f"{difference.contract}: {difference.what}: {difference.expected}"
        delay = self._delay(call)
        if delay is None:
            function = function_of(self.deployment, call)
            role = ROLE_NAMES[required_role(self.deployment, difference)]
            raise NotPermittedError(
                f"{self.address} may not call {call.contract}.{function}, which is required for "
                f"{difference.what}: it does not hold the {role}'s role"
            )
        if delay == 0:
            return Change(call, SendMode.AT_ONCE, purpose)
        return self._delayed(call, purpose)

    def ready_at(self, call: ManagedCall) -> int:
        """Return when a scheduled call can be executed; 0 if it is not scheduled or has expired."""
        read, data = self.deployment.read, call.data
        operation = read(MANAGER, "hashOperation", self.address, call.target, data)
        return read(MANAGER, "getSchedule", operation)

    def _delayed(self, call: ManagedCall, purpose: str) -> Change:
        ready_at = self.ready_at(call)
        if ready_at == 0:
            return Change(call, SendMode.SCHEDULE, purpose)
        now = self.deployment.chain.web3.eth.get_block("latest").get("timestamp", 0)
        return Change(
            call, SendMode.EXECUTE if ready_at <= now else SendMode.WAIT, purpose, ready_at
        )

    def _delay(self, call: ManagedCall) -> int | None:
        """Return the delay of the sender's call; None if the sender may not make it."""
        role = _role_of(self.deployment, call)
        if role in self.taken:
            return 0
        member, delay = self._access(role)
        if not member:
            return None
        if call.contract == MANAGER and function_of(self.deployment, call) in OF_A_TARGET:
            about = next(iter(arguments_of(self.deployment, call).values()))
            delay = max(delay, self.deployment.read(MANAGER, "getTargetAdminDelay", about))
        return delay

    def _access(self, role: int) -> tuple[bool, int]:
        member, delay = self.deployment.read(MANAGER, "hasRole", role, self.address)
        return member, delay


def changes(sender: Sender, differences: Iterable[Difference]) -> Iterator[Change]:
    """Yield the changes for differences that a call can fix.

    Raises:
        NotPermittedError: The sender may not make one of them.
    """
    for difference in differences:
        if difference.data is not None:
            yield sender.change(difference)


def required_role(deployment: AnyContracts, difference: Difference) -> int:
    """Return the role that is required to fix a difference."""
    assert difference.target is not None and difference.data is not None  # noqa: S101,PT018
    name = _name_of(deployment, difference)
    return _role_of(deployment, ManagedCall(name, difference.target, difference.data))


def function_of(deployment: AnyContracts, call: ManagedCall) -> str:
    """Return the name of the called function."""
    return _decoded(deployment, call)[0]


def arguments_of(deployment: AnyContracts, call: ManagedCall) -> dict[str, Any]:
    """Return the arguments of a call by name."""
    return _decoded(deployment, call)[1]


def _decoded(deployment: AnyContracts, call: ManagedCall) -> tuple[str, dict[str, Any]]:
    contract = deployment.contract(call.contract)
    function, arguments = contract.decode_function_input(Web3.to_bytes(hexstr=call.data))  # pyright: ignore[reportArgumentType]
    return function.fn_name, dict(arguments)


def _name_of(deployment: AnyContracts, difference: Difference) -> str:
    """Return the called contract's name; a difference may be about another, such as `tokens`."""
    if deployment.record.addresses.get(difference.contract) == difference.target:
        return difference.contract
    names = {address: name for name, address in deployment.record.addresses.items()}
    return names[str(difference.target)]


def _role_of(deployment: AnyContracts, call: ManagedCall) -> int:
    """Return the intended role: on a new chain it is not yet set in the manager."""
    if call.contract == MANAGER:
        return ADMIN
    function = function_of(deployment, call)
    roles = FUNCTION_ROLES[deployment.artifact_of(call.contract)]
    return next(role for role, functions in roles.items() if function in functions)
