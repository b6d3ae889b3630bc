"""The auditor of a policy, which keeps what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from keepers.audit.auditor import PolicyAuditor
from keepers.model.chain import Unsigned


@dataclass
class RecordingAuditor:
    """The real one, and what it was asked."""

    real: PolicyAuditor
    asked: list[Unsigned] = field(default_factory=list[Unsigned])

    def audit(self, transaction: Unsigned, sender: str) -> None:
        self.asked.append(transaction)
        self.real.audit(transaction, sender)
