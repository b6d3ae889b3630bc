"""`ballast config`: write, check and show the configuration."""

import os
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import cast

import click

from keepers.cli.files import print_json
from keepers.cli.lazy import SuggestingGroup
from keepers.cli.options import config_option, json_option
from keepers.config.errors import ConfigError, DeploymentError
from keepers.config.load import DEFAULT_FILE, Loaded, load
from keepers.config.show import as_text, effective
from keepers.model.errors import EXIT_UNUSABLE_INPUT
from keepers.model.json_document import Json
from keepers.reports.amounts import one_line


def template() -> str:
    """Return a commented configuration that contains every key."""
    return files("keepers.config").joinpath("template.toml").read_text(encoding="utf-8")


@click.group(cls=SuggestingGroup)
def config() -> None:
    """Write, check and show the configuration."""


@config.command()
@click.option(
    "--config",
    "--path",
    "path",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_FILE),
    show_default=True,
    help="File to write.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def init(ctx: click.Context, path: Path, *, force: bool) -> None:
    """Write a commented configuration."""
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        click.echo(f"{path}: already exists; --force replaces it", err=True)
        ctx.exit(EXIT_UNUSABLE_INPUT)
    except OSError as error:
        click.echo(f"{path}: cannot be written: {error.strerror}", err=True)
        ctx.exit(EXIT_UNUSABLE_INPUT)
    click.echo(f"Wrote {path}. Next: fill in your node and key, then `ballast config check`.")


@config.command()
@config_option
@json_option
@click.pass_context
def check(ctx: click.Context, config: Path | None, *, as_json: bool) -> None:
    """Report every error in the configuration.

    Exit status: 0 no errors, 2 errors.
    """
    try:
        loaded = load(config, os.environ)
    except ConfigError as error:
        _print_problems(error, as_json=as_json)
        ctx.exit(EXIT_UNUSABLE_INPUT)
    missing = _missing_deployments(loaded)
    if as_json:
        print_json({"valid": True, "problems": [], "notes": list[Json](missing)})
        return
    click.echo(f"{loaded.file}: no problems found")
    for note in missing:
        click.echo(one_line(f"note: {note}"))


@config.command(short_help="Show every effective value and its source.")
@config_option
@json_option
def show(config: Path | None, *, as_json: bool) -> None:
    """Show every effective value and its source; secrets are masked."""
    shown = list(effective(load(config, os.environ)))
    if as_json:
        rows: dict[str, Json] = {
            each.key: {"value": _json(each.value), "origin": each.origin} for each in shown
        }
        print_json(rows)
        return
    cells = [(each.key, as_text(each.value), each.origin) for each in shown]
    click.echo(import_module("keepers.reports.terminal").aligned(cells), nl=False)


def _print_problems(error: ConfigError, *, as_json: bool) -> None:
    if not as_json:
        for each in error.problems:
            click.echo(str(each), err=True)
        return
    problems: list[Json] = [
        {
            "file": str(each.file),
            "line": each.line,
            "variable": each.variable,
            "key": each.key,
            "problem": each.problem,
            "advice": each.advice,
        }
        for each in error.problems
    ]
    print_json({"valid": False, "problems": problems, "notes": []})


def _missing_deployments(loaded: Loaded) -> list[str]:
    """Return the steps that remain although the configuration is valid."""
    from keepers.config.deployment import load_deployment  # noqa: PLC0415 - only here
    from keepers.config.treasury_deployment import (  # noqa: PLC0415 - only here
        load_treasury_deployment,
    )

    settings, notes = loaded.settings, list[str]()
    vaults = dict.fromkeys(each.chain for each in settings.vaults.values())
    treasuries = {} if settings.treasury is None else settings.treasury.chains
    files = [(load_deployment, name, settings.chains[name].deployments) for name in vaults]
    files += [
        (load_treasury_deployment, name, each.deployments) for name, each in treasuries.items()
    ]
    for read, chain, file in files:
        try:
            read(file, settings.chains[chain].chain_id)
        except DeploymentError as error:
            notes.append(str(error))
    return notes


def _json(value: object) -> Json:
    if isinstance(value, list):
        return list[Json](cast("list[str]", value))
    return value if isinstance(value, bool | int | str | None) else str(value)
