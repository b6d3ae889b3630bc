"""Options that several commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from keepers.cli.lazy import VERBOSE
from keepers.runtime.logs import configure_logs

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

config_option = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file. Default: BALLAST_CONFIG, else ballast.toml.",
)
vault_option = click.option(
    "--vault", metavar="NAME", help="The vault, or treasury; needed if there are many."
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
    """The configuration file of a service."""
    return click.option(
        "--config",
        "config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path(default),
        show_default=True,
        help="The configuration file of the service.",
    )


check_option = click.option(
    "--check", is_flag=True, help="Look at the configuration and the keys, and serve nothing."
)
