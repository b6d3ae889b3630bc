"""Batches of calls by one account under one AccessManager, many per transaction.

The manager's `multicall` keeps the sender. Its `execute` checks the permission and calls a contract
as the manager, which every contract accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.exceptions import ContractLogicError
from web3.types import TxParams

from scripts.deployment.changes import Change, SendMode, function_of
from scripts.deployment.deployment import MANAGER, AnyContracts
from scripts.deployment.errors import DeploymentError

CALLS_PER_TRANSACTION = 80
"""Calls of about 60,000 gas each: far below the gas limit of a transaction on any chain."""


def batches(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Return the changes of each transaction, in order."""
    starts = range(0, len(changes), CALLS_PER_TRANSACTION)
    return [tuple(changes[start : start + CALLS_PER_TRANSACTION]) for start in starts]


@dataclass(frozen=True)
class Calldata:
    """Target and calldata of a transaction."""

    to: str
    data: str


def single_message(deployment: AnyContracts, change: Change) -> Calldata:
    """Return a change as a separate transaction."""
    manager, call = deployment.address(MANAGER), change.call
    match change.mode:
        case SendMode.SCHEDULE:
            return Calldata(manager, _encode(deployment, "schedule", call.target, call.data, 0))
        case SendMode.EXECUTE:
            return Calldata(manager, _encode(deployment, "execute", call.target, call.data))
        case SendMode.AT_ONCE:
            return Calldata(call.target, call.data)
        case SendMode.WAIT:
            raise ValueError(f"{change.purpose}: waits, so there is nothing to send")


def batch_message(deployment: AnyContracts, batch: Sequence[Change]) -> Calldata:
    """Return the changes as one transaction."""
    if len(batch) == 1:
        return single_message(deployment, batch[0])
    parts = [Web3.to_bytes(hexstr=_part(deployment, change)) for change in batch]  # pyright: ignore[reportArgumentType]
    manager = deployment.contract(MANAGER)
    return Calldata(deployment.address(MANAGER), manager.encode_abi("multicall", args=[parts]))


def simulate(deployment: AnyContracts, changes: Sequence[Change]) -> None:
    """Simulate the changes in order on the node; nothing is sent.

    Raises:
        DeploymentError: A change would revert; the message names it.
    """
    if _reverts(deployment, changes) is None:
        return
    passing, failing = 0, len(changes)
    while failing - passing > 1:
        middle = (passing + failing) // 2
        if _reverts(deployment, changes[:middle]) is None:
            passing = middle
        else:
            failing = middle
    change, reason = changes[failing - 1], _reverts(deployment, changes[:failing])
    function = function_of(deployment, change.call)
    raise DeploymentError(
        f"{change.purpose}: {change.call.contract}.{function} would revert: {reason}; "
        "nothing was sent"
    )


def send(
    deployment: AnyContracts,
    changes: Sequence[Change],
    sent: Callable[[Change], None],
) -> int:
    """Send changes in batches, report each mined one to `sent`; return the transaction count."""
    parts = batches(changes)
    for batch in parts:
        message = batch_message(deployment, batch)
        deployment.chain.call(message.to, message.data)
        for change in batch:
            sent(change)
    return len(parts)


def _part(deployment: AnyContracts, change: Change) -> str:
    """Return a change as calldata for the manager."""
    message = single_message(deployment, change)
    if message.to == deployment.address(MANAGER):
        return message.data
    return _encode(deployment, "execute", message.to, message.data)


def _encode(deployment: AnyContracts, function: str, target: str, data: str, *more: int) -> str:
    manager = deployment.contract(MANAGER)
    given = [target, Web3.to_bytes(hexstr=data), *more]  # pyright: ignore[reportArgumentType]
    return manager.encode_abi(function, args=given)


def _reverts(deployment: AnyContracts, changes: Sequence[Change]) -> str | None:
    """Return why the last of these calls would revert; None if all pass."""
    message = batch_message(deployment, changes)
    call: TxParams = {
        "from": to_checksum_address(deployment.chain.sender),
        "to": to_checksum_address(message.to),
        "data": Web3.to_bytes(hexstr=message.data),  # pyright: ignore[reportArgumentType]
    }
    try:
        deployment.chain.web3.eth.call(call)
    except ContractLogicError as error:
        return _reason(deployment, changes[-1], error)
    return None


def _reason(deployment: AnyContracts, change: Change, error: ContractLogicError) -> str:
    """Return the contract's error with name and arguments, if its interface declares it."""
    data = str(error.data or "")
    for name in (change.call.contract, MANAGER):
        contract = deployment.contract(name)
        for entry in contract.abi:
            if entry["type"] == "error" and data.startswith(_error_selector(entry)):
                inputs = cast("list[dict[str, Any]]", entry.get("inputs", []))
                body = Web3.to_bytes(hexstr="0x" + data[10:])  # pyright: ignore[reportArgumentType]
                values = deployment.chain.web3.codec.decode([each["type"] for each in inputs], body)
                return f"{entry['name']}({', '.join(map(str, values))})"
    return str(error.message or data or error)


def _error_selector(entry: Any) -> str:  # noqa: ANN401 - an entry of an interface
    kinds = ",".join(each["type"] for each in entry.get("inputs", ()))
    return Web3.to_hex(Web3.keccak(text=f"{entry['name']}({kinds})")[:4])
