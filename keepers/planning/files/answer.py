"""What a planner answers to a file."""

from dataclasses import dataclass

from keepers.planning.files.canonical import Json

PLANNED = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One JSON object and the exit status of the command that prints it."""

    document: dict[str, Json]
    exit_status: int = PLANNED
