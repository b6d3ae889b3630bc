"""Holders of roles and permissions, found from events and confirmed by views."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from eth_utils.address import to_checksum_address
from web3.contract import Contract

from scripts.deployment.config import Approver
from scripts.deployment.deployment import (
    KILL_SWITCH,
    LEDGER,
    MANAGER,
    AnyContracts,
    Difference,
)

BLOCKS_PER_QUERY = 10_000
REMOVED_KEEPER = (
    "it was removed by the guardian: remove it from keepers, or, if its key is known to be safe, "
    "run configure with --restore-keepers"
)
PAUSED = (
    "a guardian has paused it: once the reason is resolved, a configurator calls unpause() or runs "
    "configure with --unpause"
)


def events(deployment: AnyContracts, name: str, event: str) -> list[dict[str, Any]]:
    """Return the arguments of every `event` of a contract since its deployment, in order."""
    contract: Contract = deployment.contract(name)
    first = deployment.record.contracts[name].block
    last = deployment.chain.web3.eth.block_number
    found: list[dict[str, Any]] = []
    for start in range(first, last + 1, BLOCKS_PER_QUERY):
        end = min(start + BLOCKS_PER_QUERY - 1, last)
        logs = contract.events[event]().get_logs(from_block=start, to_block=end)
        found += [dict(log["args"]) for log in logs]
    return found


def named_in_events(deployment: AnyContracts, name: str, event: str, argument: str) -> set[str]:
    """Return every address that `event` of a contract has named since the deployment."""
    return {to_checksum_address(entry[argument]) for entry in events(deployment, name, event)}


def permission_differences(
    deployment: AnyContracts,
    name: str,
    intended: Collection[str],
    *,
    event: str,
    view: str,
    setter: str,
) -> Iterator[Difference]:
    """Yield differences of a boolean permission `view`, set by `setter(account, bool)`."""
    argument = event_argument(deployment.contract(name), event)
    wanted = {to_checksum_address(account) for account in intended}
    for account in sorted(wanted | named_in_events(deployment, name, event, argument)):
        actual = deployment.read(name, view, account)
        expected = account in wanted
        yield from deployment.compare(
            name, f"{view}({account})", expected, actual, setter, account, expected
        )


def event_argument(contract: Contract, event: str) -> str:
    """Return the name of an event's first argument, which is the account."""
    (entry,) = [
        item for item in contract.abi if item.get("name") == event and item["type"] == "event"
    ]
    return str(entry["inputs"][0]["name"])  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]


def missing_grants(
    deployment: AnyContracts, role: int, intended: Collection[str], delay: int
) -> Iterator[Difference]:
    """Yield intended holders of a role who lack it, or have it with another execution delay.

    A pending change of the delay counts as made; a pending grant does not.
    """
    for account in sorted(map(to_checksum_address, intended)):
        since, current, pending, effect = deployment.read(MANAGER, "getAccess", role, account)
        held: bool = deployment.read(MANAGER, "hasRole", role, account)[0]
        what = f"role {role} of {account} (held, delay)"
        if since != 0 and not held:
            hint = f"the grant takes effect at {since}, in Unix time; run configure again then"
            yield from deployment.report(MANAGER, what, (True, delay), (held, current), hint)
            continue
        actual = (held, (pending if effect else current) if held else delay)
        arguments = ("grantRole", role, account, delay)
        yield from deployment.compare(MANAGER, what, (True, delay), actual, *arguments)


def superfluous_grants(
    deployment: AnyContracts, role: int, intended: Collection[str], granted: Collection[str]
) -> Iterator[Difference]:
    """Yield accounts among `granted` that hold a role, or will after a delay, and should not.

    The sender comes last, because it may need the role until then.
    """
    sender = to_checksum_address(deployment.chain.sender)
    nobody = False
    others = set(granted) - {to_checksum_address(account) for account in intended}
    for account in sorted(others, key=lambda each: (each == sender, each)):
        since: int = deployment.read(MANAGER, "getAccess", role, account)[0]
        what = f"role {role} of {account} (held)"
        yield from deployment.compare(
            MANAGER, what, nobody, since != 0, "revokeRole", role, account
        )


def approver_differences(
    deployment: AnyContracts, approvers: Iterable[Approver]
) -> Iterator[Difference]:
    """Yield approvers with a weight other than configured, among all that the ledger ever had."""
    wanted = {approver.account: approver.weight for approver in approvers}
    known = {
        to_checksum_address(entry["account"]) for entry in events(deployment, LEDGER, "ApproverSet")
    }
    for account in sorted(wanted.keys() | known):
        weight, actual = wanted.get(account, 0), deployment.read(LEDGER, "weightOf", account)
        setter = "raiseApprover" if weight > actual else "lowerApprover"
        what = f"weight of approver {account}"
        yield from deployment.compare(LEDGER, what, weight, actual, setter, account, weight)


def kill_switch_differences(
    deployment: AnyContracts, keepers: Iterable[str], *, restore_keepers: bool
) -> Iterator[Difference]:
    """Yield differences of the kill switch: it should be running, with all keepers of the file.

    Args:
        deployment: Deployment that uses the switch, which may belong to another deployment.
        keepers: Intended keeper accounts.
        restore_keepers: Whether `configure` restores removed keepers.
    """
    running, actual = False, deployment.read(KILL_SWITCH, "paused")
    yield from deployment.report(KILL_SWITCH, "paused", running, actual, PAUSED)
    kept = False
    for keeper in keepers:
        what, removed = (
            f"keeper {keeper} removed",
            deployment.read(KILL_SWITCH, "isRemoved", keeper),
        )
        if restore_keepers:
            arguments = ("restoreKeeper", keeper)
            yield from deployment.compare(KILL_SWITCH, what, kept, removed, *arguments)
        else:
            yield from deployment.report(KILL_SWITCH, what, kept, removed, REMOVED_KEEPER)


def removed_keepers_of(deployment: AnyContracts, keepers: Iterable[str]) -> set[str]:
    """Return the keepers that the guardian has removed and that are not restored."""
    return {each for each in keepers if deployment.read(KILL_SWITCH, "isRemoved", each)}
