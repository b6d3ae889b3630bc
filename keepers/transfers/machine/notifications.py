"""Notifications about transfers: trouble, cancelled transfers, and the end of trouble."""

from __future__ import annotations

from keepers.model.errors import BallastError
from keepers.model.money import format_units
from keepers.model.notice import Notice, Notification, Severity
from keepers.model.transfer_record import TransferRecord, Trouble
from keepers.transfers.machine.dependencies import TransferDependencies


def stuck(ports: TransferDependencies, record: TransferRecord, trouble: Trouble) -> bool:
    """Mark a transfer as stuck and notify the operators once; nothing is sent again.

    Returns whether the transfer was not stuck before. A new reason is reported but is no progress.
    """
    if record.trouble == trouble:
        return False
    title = f"{named(record)} is stuck at {record.position.text}"
    text = f"{trouble.reason}. {trouble.advice}"
    notice = Notice(key=_key(record), severity=Severity.CRITICAL, title=title, text=text)
    ports.transfers.stick(record.transfer_id, trouble, Notification((notice,)))
    ports.progress(f"{title}: {trouble.reason}")
    return record.trouble is None


def overdue(ports: TransferDependencies, record: TransferRecord) -> None:
    """Report a transfer that takes longer than usual; the transfer stays open."""
    title = (
        f"{named(record)} takes longer than usual: {record.position.text} since "
        f"{record.moved_at:%Y-%m-%d %H:%M}"
    )
    text = f"{record.wait or 'the reason is unknown'}. Nothing is sent again automatically."
    ports.notifier.report(
        Notice(key=_late_key(record), severity=Severity.WARNING, title=title, text=text)
    )


def report_fault(ports: TransferDependencies, name: str, error: BallastError) -> None:
    """Report once a fault of something other than a transfer."""
    title = f"{name} cannot continue"
    notice = Notice(key=f"fault:{name}", severity=Severity.CRITICAL, title=title, text=str(error))
    ports.notifier.report(notice)
    ports.progress(f"{title}: {error}")


def called_off(record: TransferRecord, reason: str) -> Notification:
    """Return the notification of a transfer that was cancelled before it left."""
    title = f"{named(record)} was cancelled before it was sent"
    notice = Notice(key=f"{_key(record)}:off", severity=Severity.WARNING, title=title, text=reason)
    return Notification((notice,), _over(record))


def ended(record: TransferRecord) -> Notification:
    """Return the notification that ends the trouble of a transfer."""
    return Notification((), _over(record))


def moved(
    ports: TransferDependencies,
    record: TransferRecord,
    verb: str,
    amount: int,
    *,
    arrived: bool = False,
) -> str:
    """Describe a movement of a transfer, with its amount, both chains and the route."""
    terms = record.terms
    here, there = terms.source_chain, terms.destination_chain
    decimals = ports.decimals(there if arrived else here, terms.asset)
    shown = f"{amount} units of" if decimals is None else format_units(amount, decimals)
    ends = (_chain_name(ports, there), "from", _chain_name(ports, here))
    if not arrived:
        ends = (_chain_name(ports, here), "for", _chain_name(ports, there))
    return f"{shown} {terms.asset} {verb} {' '.join(ends)} by {terms.route}"


def _chain_name(ports: TransferDependencies, chain_id: int) -> str:
    chain = ports.chains.get(chain_id)
    return f"EVM-{chain_id}" if chain is None else chain.name


def named(record: TransferRecord) -> str:
    """Return the name of a transfer in messages."""
    terms = record.terms
    way = f"EVM-{terms.source_chain} to EVM-{terms.destination_chain}"
    return f"transfer {record.transfer_id[:10]} of {terms.asset} by {terms.route} from {way}"


def _over(record: TransferRecord) -> tuple[tuple[str, str], ...]:
    text = f"{named(record)} continues"
    return ((_key(record), text), (_late_key(record), text))


def _key(record: TransferRecord) -> str:
    return f"transfer:{record.transfer_id}"


def _late_key(record: TransferRecord) -> str:
    return f"transfer:{record.transfer_id}:late"
