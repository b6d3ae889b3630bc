"""Auditor of a policy that records its requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from keepers.audit.auditor import PolicyAuditor
from keepers.model.chain import Unsigned


@dataclass
class RecordingAuditor:
    """The real auditor, and the transactions it was asked to audit."""

    real: PolicyAuditor
    asked: list[Unsigned] = field(default_factory=list[Unsigned])

    def audit(self, transaction: Unsigned, sender: str) -> None:
        self.asked.append(transaction)
        self.real.audit(transaction, sender)
