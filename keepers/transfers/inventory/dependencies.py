"""The ports of checks, and what is wanted of the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keepers.model.inventory_state import InventorySettings
from keepers.runs.approvals.ports import Tickets
from keepers.transfers.inventory.ports import CallSimulator, TreasuryPlans
from keepers.transfers.machine.dependencies import TransferWorld
from keepers.transfers.machine.ports import Transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryWorld:
    """The ports of one keeper of all treasuries.

    Attributes:
        machine: What moves transfers; chains, bridges and the memory are its.
        simulators: By chain id, as are `plans`.
        plans: What the chains know of plans.
        tickets: What people were asked for.
    """

    machine: TransferWorld
    settings: InventorySettings
    simulators: Mapping[int, CallSimulator]
    plans: Mapping[int, TreasuryPlans]
    tickets: Tickets

    @property
    def transfers(self) -> Transfers:
        """The durable memory."""
        return self.machine.transfers
