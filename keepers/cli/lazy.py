"""A command group that imports a command when it is used, and turns errors into one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import click

from keepers.domain.errors import BallastError


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
    """The outermost group: an error of ours ends as one line and its own exit status."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click.Group returns
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BallastError as error:
            click.echo(one_line(str(error)), err=True)
            ctx.exit(error.exit_status)


def one_line(message: str) -> str:
    """A message on one line, whatever came into it from outside."""
    return "".join(each if each.isprintable() else " " for each in message)
