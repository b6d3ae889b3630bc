"""Notifications about batches: started, waiting for approval, refused; and uncovered chains."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from keepers.model.batch import Demand
from keepers.model.inventory_state import state_machine_id
from keepers.model.notice import Notice, Notification, Severity
from keepers.transfers.inventory.dependencies import Draft, InventoryDependencies, Leftover


def begun(demand: Demand, draft: Draft, lines: Sequence[str]) -> Notification:
    """Notify that a batch starts, or what has to be approved first."""
    name = f"batch {draft.batch_id[:8]} ({demand.origin.lower()})"
    over = (_refusal_key(demand), f"{name} is created after an earlier refusal")
    listed = [f"- {each}" for each in lines]
    if not draft.plans:
        notice = Notice(
            key=f"batch:{draft.batch_id}",
            severity=Severity.INFO,
            title=f"{name} starts",
            text="\n".join(listed),
        )
        return Notification((notice,), (over,))
    asked = ", ".join(
        f"{each.required} on {state_machine_id(chain_id)}"
        for chain_id, each in sorted(draft.plans.items())
    )
    notice = Notice(
        key=batch_key(draft.batch_id),
        severity=Severity.WARNING,
        title=f"{name} needs approvals: {asked}",
        text="\n".join(
            [
                *listed,
                f"It expires at {draft.deadline:%Y-%m-%d %H:%M} UTC.",
                f"To view and sign it for all its chains: `ballast approve {draft.batch_id}`",
                f"To reject it: `ballast reject {draft.batch_id} --reason ...`",
            ]
        ),
    )
    return Notification((notice,), (over,))


def batch_key(batch_id: str) -> str:
    """Return the key of the notices about a batch's approval."""
    return f"approval:{batch_id}"


def refused(demand: Demand, reason: str) -> Notification:
    """Notify why a batch is refused."""
    notice = Notice(
        key=_refusal_key(demand),
        severity=Severity.WARNING,
        title=f"a batch of {', '.join(demand.assets)} ({demand.origin.lower()}) is refused",
        text=f"{reason}. It is retried at the next check.",
    )
    return Notification((notice,))


def report_uncovered(
    ports: InventoryDependencies,
    asset: str,
    uncovered: Sequence[Leftover],
    unplanned: Collection[int],
) -> None:
    """Report chains that no plan can cover, once while that lasts, and their recovery.

    Chains outside the plan keep their last report.
    """
    by_key = {each.key: each for each in uncovered}
    for chain_id, _ in ports.settings.chains_of(asset):
        chain = state_machine_id(chain_id)
        key = f"inventory:{asset}:{chain}"
        found = by_key.get(key)
        if found is None and chain_id in unplanned:
            continue
        if found is None:
            text = f"{asset} on {chain} can be restored to its base, or is at its base"
            ports.machine.notifier.recovered(key, text)
            continue
        ports.machine.notifier.report(
            Notice(
                key=key,
                severity=Severity.WARNING,
                title=f"{asset} on {chain} cannot be restored to its base",
                text=f"{found.text}. No partial transfer is made.",
            )
        )


def report_unreadable(ports: InventoryDependencies, asset: str, reasons: Sequence[str]) -> None:
    """Report the chains of an asset that are left out as unreadable, once while that lasts."""
    key = f"inventory:{asset}:unreadable"
    if not reasons:
        ports.machine.notifier.recovered(key, f"{asset} can be read on all chains again")
        return
    ports.machine.notifier.report(
        Notice(
            key=key,
            severity=Severity.WARNING,
            title=f"{asset} is planned without the chains that cannot be read",
            text="; ".join(reasons),
        )
    )


def _refusal_key(demand: Demand) -> str:
    return f"inventory:{demand.origin.lower()}:{','.join(demand.assets)}:refused"
