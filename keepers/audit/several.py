"""Several audits, all of which have to pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keepers.model.chain import Unsigned


class Auditor(Protocol):
    """What every auditor is; the engine's port of the same name."""

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Raise `AuditRefused` or `AuditUnavailable` unless it is allowed."""
        ...


class Auditors:
    """Asks one auditor after the other; the first that does not allow a transaction ends it."""

    def __init__(self, auditors: Sequence[Auditor]) -> None:
        if not auditors:
            raise ValueError("no auditor, which would allow everything")
        self._auditors = tuple(auditors)

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Have a transaction audited by all.

        Raises:
            AuditRefused: One of them does not allow it.
            AuditUnavailable: One of them gives no answer.
        """
        for each in self._auditors:
            each.audit(transaction, sender)
