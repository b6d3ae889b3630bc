"""A command group that imports a command when it is used, and turns errors into one line."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import click

from keepers.domain.errors import BallastError


class LazyGroup(click.Group):
    """A group whose commands are named as `module:attribute`, so that start-up stays quick."""

    def __init__(self, *, lazy: Mapping[str, str] | None = None, **attributes: Any) -> None:  # noqa: ANN401 - what click.Group takes
        super().__init__(**attributes)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name, imported now if it was not before."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name].partition(":")
        return cast("click.Command", getattr(import_module(module), attribute))


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
