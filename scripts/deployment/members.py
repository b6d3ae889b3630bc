"""Who holds a role or a permission, found from events and confirmed by views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from eth_utils.address import to_checksum_address
from web3.contract import Contract

from scripts.deployment.differences import Deployment, Difference

BLOCKS_PER_QUERY = 10_000


def named_in_events(deployment: Deployment, name: str, event: str, argument: str) -> set[str]:
    """Every address that `event` of a contract ever named, since the contract's deployment."""
    contract: Contract = deployment.contract(name)
    first = deployment.record.contracts[name].block
    last = deployment.chain.web3.eth.block_number
    found: set[str] = set()
    for start in range(first, last + 1, BLOCKS_PER_QUERY):
        end = min(start + BLOCKS_PER_QUERY - 1, last)
        logs = contract.events[event]().get_logs(from_block=start, to_block=end)
        found |= {to_checksum_address(log["args"][argument]) for log in logs}
    return found


def permission_differences(
    deployment: Deployment,
    name: str,
    intended: Collection[str],
    *,
    event: str,
    view: str,
    setter: str,
) -> Iterator[Difference]:
    """Accounts with a yes-or-no permission `view`, given and taken by `setter(account, bool)`."""
    argument = event_argument(deployment.contract(name), event)
    wanted = {to_checksum_address(account) for account in intended}
    for account in sorted(wanted | named_in_events(deployment, name, event, argument)):
        actual = deployment.read(name, view, account)
        expected = account in wanted
        yield from deployment.compare(
            name, f"{view}({account})", expected, actual, setter, account, expected
        )


def event_argument(contract: Contract, event: str) -> str:
    """Name of an event's first argument, which is the account concerned."""
    (entry,) = [
        item for item in contract.abi if item.get("name") == event and item["type"] == "event"
    ]
    return str(entry["inputs"][0]["name"])  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]


def role_differences(
    deployment: Deployment,
    role: int,
    intended: Collection[str],
    delay: int,
    is_intended: Callable[[str], bool],
) -> Iterator[Difference]:
    """Holders of a role of the AccessManager, with the execution delay that they should have."""
    manager = "AccessManager"
    holders = {to_checksum_address(account) for account in intended}
    seen = named_in_events(deployment, manager, "RoleGranted", "account")
    for account in sorted(holders | seen):
        member, actual_delay = deployment.read(manager, "hasRole", role, account)
        what = f"role {role} of {account}"
        if is_intended(account):
            expected, actual = (True, delay), (member, actual_delay if member else delay)
            yield from deployment.compare(
                manager,
                f"{what} (held, delay)",
                expected,
                actual,
                "grantRole",
                role,
                account,
                delay,
            )
        else:
            nobody = False
            yield from deployment.compare(
                manager, f"{what} (held)", nobody, member, "revokeRole", role, account
            )
