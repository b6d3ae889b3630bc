"""A command group that imports a command when it is used, and turns errors into one line."""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

from keepers.model.errors import EXIT_FAILED, BallastError
from keepers.reports.amounts import one_line

VERBOSE = "ballast.verbose"
"""Key of click's context under which a command notes that it shall say more."""

WANTS_JSON = "ballast.json"
"""Key under which the outermost group notes that the answer is to be a JSON object."""

ANSWERED = "ballast.answered"
"""Key under which a printed JSON object is noted: there is never a second one."""

LONGEST_DEFECT = 300


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command that is not imported yet: its `module:attribute` and its summary."""

    where: str
    summary: str


class SuggestingGroup(click.Group):
    """A group that suggests the closest command for an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            alike = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if alike:
                error.message = f"{error.message} Did you mean {alike[0]!r}?"
            raise


class LazyGroup(SuggestingGroup):
    """A group that imports a command when it is used, so that start-up stays quick."""

    def __init__(self, *, lazy: Mapping[str, Lazy] | None = None, **attributes: Any) -> None:  # noqa: ANN401 - what click.Group takes
        super().__init__(**attributes)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, imported now if it was not before."""
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
    """The outermost group: it turns every error into one line and an exit status.

    With --json the error is also printed as an object on standard output.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Record whether --json was given, even if the command cannot be parsed."""
        ctx.meta[WANTS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click.Group returns
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BallastError as error:
            message, status, kind = str(error), error.exit_status, error.error_kind
        except click.ClickException as error:
            _print_error(ctx, error.format_message(), type(error).__name__, error.exit_code)
            raise
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own ways to end, and a reader who had enough
        except OSError as error:
            message, status = f"cannot continue: {error.strerror or error}", EXIT_FAILED
            kind = type(error).__name__
        except Exception as error:  # noqa: BLE001 - the safety net: a defect too ends in a line
            if ctx.meta.get(VERBOSE):
                traceback.print_exc()
            message = f"defect: {type(error).__name__}: {error}"[:LONGEST_DEFECT]
            message, status = f"{message}; please report it, --verbose shows where", EXIT_FAILED
            kind = "Defect"
        _print_error(ctx, message, kind, status)
        with suppress(OSError):
            click.echo(one_line(message), err=True)
        _forget_output()
        return ctx.exit(status)


def _print_error(ctx: click.Context, message: str, kind: str, status: int) -> None:
    """Print an error as one JSON object, if --json was given and nothing was printed yet."""
    if not ctx.meta.get(WANTS_JSON) or ctx.meta.get(ANSWERED):
        return
    error = {"kind": kind, "message": one_line(message), "exit_status": status}
    with suppress(OSError):
        click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=2).encode("utf-8"))


def _forget_output() -> None:
    """Discard buffered output that cannot be written, or Python fails at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
