"""Options, arguments and prompts shared by commands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click
from eth_utils.address import is_address, to_checksum_address

from keepers.cli.lazy import VERBOSE
from keepers.reports.amounts import one_line
from keepers.runtime.process.logs import configure_logs

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

config_option = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file.  [default: BALLAST_CONFIG, else ballast.toml]",
)
vault_option = click.option(
    "--vault", metavar="NAME", help="Vault name, or `treasury`; required if there are several."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def _set_level(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    del param
    ctx.meta[VERBOSE] = value
    configure_logs(verbose=value)


verbose_option = click.option(
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_set_level,
    help="Log requests and steps to standard error.",
)


def service_config_option(default: str) -> Callable[[Decorated], Decorated]:
    """Return an option for the configuration file of a service."""
    return click.option(
        "--config",
        "config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path(default),
        show_default=True,
        help="Configuration file of the service.",
    )


check_option = click.option(
    "--check", is_flag=True, help="Check the configuration and the keys, then exit."
)


class Address(click.ParamType):
    """An account or a contract."""

    name = "address"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Return the address with its checksum."""
        if not is_address(value):
            self.fail(f"{value!a} is not an address", param, ctx)
        return to_checksum_address(value)


ADDRESS = Address()


yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def reason_option(default: str | None = None) -> Callable[[Decorated], Decorated]:
    """Return an option for the reason of a decision; the reason is stored."""
    return click.option(
        "--reason",
        metavar="TEXT",
        default=default,
        required=default is None,
        show_default=default is not None,
        help="Reason; it is stored.",
    )


def confirmed(question: str, *, yes: bool) -> None:
    """Prompt on standard error unless `--yes` was given; abort the command if declined."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def progress(line: str) -> None:
    """Print a line of progress; a closed standard error is ignored."""
    with suppress(OSError):
        click.echo(one_line(line), err=True)
