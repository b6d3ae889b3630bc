"""Problems of the configuration, each with its location and a remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem.

    Attributes:
        file: The file at fault, or the file that lacks something.
        line: Line in the file, if known.
        variable: The environment variable at fault, instead of the file.
        key: Path of the setting, such as `chains.ethereum.chain_id`.
        problem: What is wrong; never the value itself, which may be a secret.
        advice: Remedy.
    """

    file: Path
    line: int | None = None
    variable: str | None = None
    key: str
    problem: str
    advice: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        if self.variable is not None:
            where = f"environment variable {self.variable}"
        key = f"{self.key}: " if self.key else ""
        return f"{where}: {key}{self.problem}; {self.advice}"


class ConfigError(BallastError):
    """The configuration cannot be used.

    Attributes:
        problems: All problems, in the order of the file; at least one.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = len(problems) - 1
        rest = f" (and {more} more: `ballast config check` lists them all)" if more else ""
        super().__init__(f"{problems[0]}{rest}")
        self.problems = tuple(problems)


class DeploymentError(BallastError):
    """A deployments file cannot be used.

    Attributes:
        file: The file.
        key: Path of the member at fault; empty for the whole file.
        problem: What is wrong with it.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, file: Path, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}" if key else f"{file}: {problem}")
        self.file = file
        self.key = key
        self.problem = problem


class SecretUnavailableError(BallastError):
    """A key, a password or a token is not where the settings say.

    Attributes:
        signer: Name of the signer, or of the table in `section` that needs the secret.
        problem: What is missing.
    """

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, signer: str, problem: str, *, section: str = "signers") -> None:
        super().__init__(f"{section}.{signer}: {problem}")
        self.signer = signer
        self.problem = problem
