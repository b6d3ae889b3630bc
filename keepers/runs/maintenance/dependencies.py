"""What upkeep needs of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from keepers.model.maintenance import MaintenanceTask
from keepers.model.ports import Chain, Clock, Journal, Progress
from keepers.model.vault import VaultSnapshot
from keepers.runs.policy import RunPolicy
from keepers.transactions.engine import TransactionEngine


class Chores(Protocol):
    """Finds what is due."""

    async def due(self, snapshot: VaultSnapshot) -> tuple[MaintenanceTask, ...]:
        """What would do something if it were sent now, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepWorld:
    """The ports of one vault's upkeep; `keeper` is who sends.

    The journal is one of runs of upkeep, of which a vault has at most one that is open.
    """

    vault: str
    chain_id: int
    journal: Journal
    chain: Chain
    chores: Chores
    keeper: str
    transactions: TransactionEngine
    clock: Clock
    policy: RunPolicy
    say: Progress
