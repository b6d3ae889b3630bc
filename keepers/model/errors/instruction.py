"""What can go wrong with an instruction before it is a batch."""

from __future__ import annotations

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


class InstructionKeyTakenError(BallastError):
    """The key came with another instruction before; nothing was stored."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, key: str) -> None:
        super().__init__(
            f"key {key!a} came with another instruction before; choose another key, or ask for "
            "the same again"
        )
        self.key = key


class UnknownInstructionError(BallastError):
    """No instruction has this key."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no instruction {key!a}; `ballast instructions` lists them")
        self.key = key
