"""Base of the errors that Ballast raises on purpose.

A class carries its facts as attributes, its text as a template, and the exit status of a command
that fails with it, so the command line turns any of them into one line and a number.
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
        exit_status: Exit status of a command that ends with it.
        error_kind: `kind` of the error in a command's JSON output, a stable interface: the name of
            the class unless the class says otherwise.
        template: Text of the message, filled with the fields; see `message`.
    """

    exit_status: ClassVar[int] = EXIT_FAILED
    error_kind: ClassVar[str] = "BallastError"
    template: ClassVar[str] = ""

    def __init_subclass__(cls, *, kind: str | None = None, exit_status: int | None = None) -> None:
        """Set the facts that hold for the whole class."""
        super().__init_subclass__()
        cls.error_kind = kind or cls.__name__
        if exit_status is not None:
            cls.exit_status = exit_status

    def __post_init__(self) -> None:
        """Fill the template, where `message` made the constructor."""
        self.args = (self.template.format(**vars(self)),)


_Error = TypeVar("_Error", bound=BallastError)


@dataclass_transform(eq_default=False)
def message(template: str) -> Callable[[type[_Error]], type[_Error]]:
    """Make a class's annotated fields its constructor, and the template its message.

    Args:
        template: As for `str.format`, with the fields by name.
    """

    def decorate(cls: type[_Error]) -> type[_Error]:
        cls.template = template
        return dataclass(eq=False, repr=False)(cls)

    return decorate


@message("{problem}")
class NumberError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """Text that is not a number of the form that Ballast reads."""

    problem: str


@message("{field}: {problem}")
class InputError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """Field of the input that cannot be used.

    Attributes:
        field: Path of the field, as in `assets.USDC.EVM-1.balance` or `holdings[1].asset`.
        problem: What is wrong with it, in one clause.
    """

    field: str
    problem: str

    def under(self, parent: str) -> "InputError":
        """The same error, seen from the object that holds the field."""
        return InputError(f"{parent}.{self.field}", self.problem)
