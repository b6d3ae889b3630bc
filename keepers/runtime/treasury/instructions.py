"""Where instructions come in, whoever brings them: read in full, then kept under their keys."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.config import Settings
from keepers.model.batch import InstructionState
from keepers.model.errors import InputError
from keepers.model.inventory_state import InventorySettings
from keepers.model.json_document import Json
from keepers.planning.instructions.parser import (
    canonical_body,
    checked_key,
    key_of,
    read_instruction,
)
from keepers.planning.instructions.progress import (
    InstructionProgress,
    InstructionStatus,
    progress_of,
)
from keepers.reports.instruction_document import instruction_document
from keepers.runtime.treasury.inventory_settings import inventory_settings
from keepers.runtime.treasury.setup import set_up_treasury
from keepers.store.database import Database
from keepers.store.instructions import InstructionRepository, Submission

LONGEST_NAME = 128
"""Characters of who submitted one."""

UNENDED = frozenset({InstructionState.RECEIVED, InstructionState.RUNNING})


@dataclass(frozen=True, slots=True)
class InstructionDesk:
    """Keeps instructions and tells how they stand; it never carries one out.

    Every method may raise `StoreUnavailableError`.
    """

    store: InstructionRepository
    inventory: InventorySettings

    def submit(
        self, text: str, key: str | None, submitted_by: str, *, key_field: str = "--key"
    ) -> Submission:
        """Keep an instruction for an armed keeper to take up.

        Args:
            text: Its JSON.
            key: Its key; None for the hash of its canonical spelling.
            submitted_by: Who brings it.
            key_field: What errors call the key.

        Raises:
            InputError: It cannot be read, or its key cannot be used; nothing was kept.
            InstructionKeyTakenError: The key came with another instruction.
        """
        named = key_of(text) if key is None else checked_key(key, key_field)
        known = self.store.of_key(named)
        if known is None:
            self._check(text)
        body = canonical_body(text)
        return self.store.submit(named, body, submitted_by[:LONGEST_NAME], _same)

    def progress(self, standing: InstructionStatus) -> InstructionProgress:
        """All its movements together."""
        return progress_of(standing, self.decimals)

    def document(self, key: str) -> dict[str, Json]:
        """How an instruction stands, with all its movements.

        Raises:
            UnknownInstructionError: There is none of this key.
        """
        return instruction_document(self.store.standing(key), self.decimals)

    def decimals(self, chain_id: int, asset: str) -> int | None:
        """Of an asset's token on a chain; None if it is not configured any more."""
        found = self.inventory.asset(chain_id, asset)
        return None if found is None else found.decimals

    def _check(self, text: str) -> None:
        instruction, now = read_instruction(text, self.inventory), self.store.now()
        if instruction.deadline is not None and now >= instruction.deadline:
            raise InputError("deadline", f"{instruction.deadline.isoformat()} has passed")


def desk_of(settings: Settings, ledger: Database) -> InstructionDesk:
    """The desk of the settings.

    Raises:
        InputError, DeploymentError: Settings or deployments do not fit.
    """
    inventory = inventory_settings(set_up_treasury(settings))
    return InstructionDesk(InstructionRepository(ledger), inventory)


def _same(one: str, other: str) -> bool:
    return canonical_body(one) == canonical_body(other)
