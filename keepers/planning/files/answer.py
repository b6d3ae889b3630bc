"""Result of planning a file."""

from dataclasses import dataclass

from keepers.model.json_document import Json

PLANNED = 0


@dataclass(frozen=True, slots=True)
class PlannerAnswer:
    """One JSON object and the exit status of the command that prints it."""

    document: dict[str, Json]
    exit_status: int = PLANNED
