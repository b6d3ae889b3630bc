"""What commands that change something have in common: a reason, a question, lines of progress."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import click

from keepers.reports.amounts import one_line

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def reason_option(default: str | None = None) -> Callable[[Decorated], Decorated]:
    """Why, for those who come later."""
    return click.option(
        "--reason",
        metavar="TEXT",
        default=default,
        required=default is None,
        show_default=default is not None,
        help="Why; it is remembered.",
    )


def confirmed(question: str, *, yes: bool) -> None:
    """Ask on standard error, unless `--yes` was said; ends the command where the answer is no."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def say(line: str) -> None:
    """A line of progress; nobody may be listening any more, which stops nothing."""
    with suppress(OSError):
        click.echo(one_line(line), err=True)
