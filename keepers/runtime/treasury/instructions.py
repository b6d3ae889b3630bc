"""Intake of instructions, parsed in full and stored under their keys; and its HTTP server."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from keepers.config import Settings
from keepers.config.errors import SecretUnavailableError
from keepers.config.passwords import treasury_secret
from keepers.config.service import address_of
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
from keepers.reports.instructions import instruction_document
from keepers.runtime.process.database import opened
from keepers.runtime.treasury.setup import inventory_settings, set_up_treasury
from keepers.store.database import Database
from keepers.store.transfers import InstructionRepository, Submission
from keepers.telemetry.redaction import REDACTOR
from keepers.web.instructions import InstructionService, serving_instructions

LONGEST_NAME = 128
"""Largest length of a submitter's name."""

UNENDED = frozenset({InstructionState.RECEIVED, InstructionState.RUNNING})


@dataclass(frozen=True, slots=True)
class InstructionIntake:
    """Intake of instructions and their progress; it never executes an instruction.

    Every method may raise `StoreUnavailableError`.
    """

    store: InstructionRepository
    inventory: InventorySettings

    def submit(
        self, text: str, key: str | None, submitted_by: str, *, key_field: str = "--key"
    ) -> Submission:
        """Store an instruction for an armed keeper to process.

        Args:
            text: The instruction as JSON.
            key: Key of the instruction; None for the hash of its canonical form.
            submitted_by: Name of the submitter.
            key_field: Name of the key in errors.

        Raises:
            InputError: The instruction or its key is invalid; nothing was stored.
            InstructionKeyTakenError: The key was used for another instruction.
        """
        named = key_of(text) if key is None else checked_key(key, key_field)
        known = self.store.of_key(named)
        if known is None:
            self._check(text)
        body = canonical_body(text)
        return self.store.submit(named, body, submitted_by[:LONGEST_NAME], _same)

    def progress(self, standing: InstructionStatus) -> InstructionProgress:
        """Return the progress of all movements of an instruction."""
        return progress_of(standing, self.decimals)

    def document(self, key: str) -> dict[str, Json]:
        """Return the progress of an instruction as a document.

        Raises:
            UnknownInstructionError: There is no instruction of this key.
        """
        return instruction_document(self.store.standing(key), self.decimals)

    def decimals(self, chain_id: int, asset: str) -> int | None:
        """Return the decimals of an asset's token on a chain; None if it is not configured."""
        found = self.inventory.asset(chain_id, asset)
        return None if found is None else found.decimals

    def _check(self, text: str) -> None:
        instruction, now = read_instruction(text, self.inventory), self.store.now()
        if instruction.deadline is not None and now >= instruction.deadline:
            raise InputError("deadline", f"{instruction.deadline.isoformat()} has passed")


def intake_of(settings: Settings, database: Database) -> InstructionIntake:
    """Return the intake for the settings.

    Raises:
        InputError, DeploymentError: The settings or deployments cannot be used.
    """
    inventory = inventory_settings(set_up_treasury(settings))
    return InstructionIntake(InstructionRepository(database), inventory)


def _same(one: str, other: str) -> bool:
    return canonical_body(one) == canonical_body(other)


SHORTEST_TOKEN = 16
"""Characters; a shorter token could be guessed."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@contextmanager
def instruction_server(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> Generator[None]:
    """Accept instructions if `[treasury.http]` has an address.

    Raises:
        SecretUnavailableError: The token is not where the settings say, or is too short.
        ListenError: The address cannot be used.
        InputError, DeploymentError: The settings or deployments cannot be used.
        StoreUnavailableError: The database cannot be opened.
    """
    http = None if settings.treasury is None else settings.treasury.http
    address = None if http is None or http.listen is None else address_of(http.listen)
    if http is None or address is None:
        yield
        return
    token = treasury_secret("http", http.token_variable, http.token_file, environment)
    REDACTOR.hide(token.get_secret_value())
    if len(token.get_secret_value()) < SHORTEST_TOKEN:
        problem = f"its token has less than {SHORTEST_TOKEN} characters; create a longer one"
        raise SecretUnavailableError("http", problem, section="treasury")
    # A separate connection pool, so that many requests block only each other.
    with opened(settings) as database:
        service = InstructionService(intake_of(settings, database), token)
        with serving_instructions(*address, service) as url:
            _log.info("taking_instructions", url=url)
            yield
