"""Base classes of the errors that Ballast raises deliberately.

Each class has its facts as attributes, a message template, and the exit status of a command that
fails with it, so that the CLI can report any of them as one line and a status.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar, dataclass_transform

EXIT_FAILED = 1
EXIT_UNUSABLE_INPUT = 2
EXIT_NOT_COVERED = 3


class BallastError(Exception):
    """Failure that an operator can act on; the message fits on one line.

    Attributes:
        exit_status: Exit status of a command that fails with the error.
        error_kind: `kind` of the error in a command's JSON output, a stable interface: the name of
            the class unless overridden.
        template: Text of the message, filled with the fields; see `message`.
    """

    exit_status: ClassVar[int] = EXIT_FAILED
    error_kind: ClassVar[str] = "BallastError"
    template: ClassVar[str] = ""

    def __init_subclass__(cls, *, kind: str | None = None, exit_status: int | None = None) -> None:
        """Set the kind and the exit status of the class."""
        super().__init_subclass__()
        cls.error_kind = kind or cls.__name__
        if exit_status is not None:
            cls.exit_status = exit_status

    def __post_init__(self) -> None:
        """Fill the template; called by the constructor that `message` generates."""
        self.args = (self.template.format(**vars(self)),)


_Error = TypeVar("_Error", bound=BallastError)


@dataclass_transform(eq_default=False)
def message(template: str) -> Callable[[type[_Error]], type[_Error]]:
    """Generate a constructor from the annotated fields, and the message from a template.

    Args:
        template: As for `str.format`, with the fields by name.
    """

    def decorate(cls: type[_Error]) -> type[_Error]:
        cls.template = template
        return dataclass(eq=False, repr=False)(cls)

    return decorate


@message("{problem}")
class NumberError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """Text is not a number in the accepted form."""

    problem: str


@message("{field}: {problem}")
class InputError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """Input has an invalid field.

    Attributes:
        field: Path of the field, as in `assets.USDC.EVM-1.balance` or `holdings[1].asset`.
        problem: The problem, in one clause.
    """

    field: str
    problem: str

    def under(self, parent: str) -> "InputError":
        """Return the error with the field's path prefixed by the parent's."""
        return InputError(f"{parent}.{self.field}", self.problem)
