"""A command group that imports a command when it is used, and turns errors into one line."""

import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

from keepers.domain.errors import EXIT_FAILED, BallastError

VERBOSE = "ballast.verbose"
"""Where a command notes in click's context that it shall say more."""

LONGEST_DEFECT = 300


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command that is not imported yet: where it is, as `module:attribute`, and what it does."""

    where: str
    summary: str


class LazyGroup(click.Group):
    """A group that imports a command when it is used, so that start-up stays quick."""

    def __init__(self, *, lazy: Mapping[str, Lazy] | None = None, **attributes: Any) -> None:  # noqa: ANN401 - what click.Group takes
        super().__init__(**attributes)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name, imported now if it was not before."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name].where.partition(":")
        return cast("click.Command", getattr(import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their summaries, without importing any."""
        own = {name: each.get_short_help_str() for name, each in self.commands.items()}
        summaries = own | {name: each.summary for name, each in self.lazy.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(name, summaries[name]) for name in self.list_commands(ctx)])


class BallastGroup(LazyGroup):
    """The outermost group: whatever goes wrong ends as one line and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click.Group returns
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BallastError as error:
            message, status = str(error), error.exit_status
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own ways to end, and a reader who had enough
        except OSError as error:
            message, status = f"cannot go on: {error.strerror or error}", EXIT_FAILED
        except Exception as error:  # noqa: BLE001 - the safety net: a defect too ends in a line
            if ctx.meta.get(VERBOSE):
                traceback.print_exc()
            message = f"defect: {type(error).__name__}: {error}"[:LONGEST_DEFECT]
            message, status = f"{message}; please report it, --verbose shows where", EXIT_FAILED
        with suppress(OSError):
            click.echo(one_line(message), err=True)
        _forget_output()
        return ctx.exit(status)


def _forget_output() -> None:
    """Drop what standard output cannot take, as on a full disk, or Python fails at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends


def one_line(message: str) -> str:
    """A message on one line, whatever came into it from outside."""
    return "".join(each if each.isprintable() else " " for each in message)
