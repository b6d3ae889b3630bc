"""Whether the database can be written, which only writing tells."""

from keepers.store.sending.events import append_event
from keepers.store.sending.transact import Ledger, Writing


class _UndoneError(Exception):
    """Leaves the transaction, so that nothing of it stays."""


def probe(ledger: Ledger) -> None:
    """Write something and take it back.

    Raises:
        StoreUnavailableError: It cannot be written.
    """

    def work(writing: Writing) -> None:
        append_event(writing, "probe", "0", "PROBE")
        raise _UndoneError

    try:
        ledger.transact("probe", work)
    except _UndoneError:
        return
