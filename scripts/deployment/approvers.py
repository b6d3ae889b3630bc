"""Approvers of plans, as the ledger has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eth_utils.address import to_checksum_address

from scripts.deployment.managed import Difference
from scripts.deployment.members import AnyDeployment, events
from scripts.deployment.parts import Approver

LEDGER = "PlanLedger"


def approver_differences(
    deployment: AnyDeployment, approvers: Iterable[Approver]
) -> Iterator[Difference]:
    """Approvers with another weight than configured, among all that the ledger ever had."""
    wanted = {approver.account: approver.weight for approver in approvers}
    known = {
        to_checksum_address(entry["account"]) for entry in events(deployment, LEDGER, "ApproverSet")
    }
    for account in sorted(wanted.keys() | known):
        weight, actual = wanted.get(account, 0), deployment.read(LEDGER, "weightOf", account)
        setter = "raiseApprover" if weight > actual else "lowerApprover"
        what = f"weight of approver {account}"
        yield from deployment.compare(LEDGER, what, weight, actual, setter, account, weight)
