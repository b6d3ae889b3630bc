"""`ballast plan`: show a plan, from the chain or from a file, without executing it."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from keepers.cli.files import print_json, read_input
from keepers.cli.lazy import Lazy, LazyGroup
from keepers.cli.options import config_option, vault_option
from keepers.reports.amounts import one_line

if TYPE_CHECKING:
    from keepers.planning.files.document import PlannerAnswer

COMMANDS: dict[str, Lazy] = {
    "inventory": Lazy(
        "keepers.cli.plan_inventory:inventory",
        "Plan the fewest transfers between chains that bring stablecoins back to their bases.",
    ),
}
"""Further planners and where they are."""

input_option = click.option(
    "--input", "source", metavar="FILE", help="Plan from this file; - is standard input."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(cls=LazyGroup, lazy=COMMANDS)
def plan() -> None:
    """Show the plan for tiers, weights or the inventory; nothing is sent."""


@plan.command(short_help="Plan moves between liquidity tiers.")
@input_option
@config_option
@vault_option
@json_option
@click.option("--explain", is_flag=True, help="Explain the plan in words.")
@click.pass_context
def tiers(
    ctx: click.Context,
    source: str | None,
    config: Path | None,
    vault: str | None,
    *,
    as_json: bool,
    explain: bool,
) -> None:
    """Plan moves between liquidity tiers, from the chain unless --input is given.

    Exit status: 0 planned, 2 unusable input, 3 planned with a shortfall.
    """
    planner = "keepers.planning.files.tiers:plan_tiers_file"
    answer = plan_from("tiers", source, planner, config=config, vault=vault)
    if as_json:
        print_json(answer.document)
    else:
        import_module("keepers.reports.plan_text").print_tiers(answer.document)
    if explain and not as_json:
        explanation = import_module("keepers.runtime.vault.chain_plan")
        lines = explanation.explain_document(answer.document)
        if source is None:
            lines += explanation.explain_from_chain(config, vault)
        for line in lines:
            click.echo(one_line(line))
    ctx.exit(answer.exit_status)


@plan.command(short_help="Plan the trades that bring a portfolio back to its target weights.")
@input_option
@json_option
@click.pass_context
def weights(ctx: click.Context, source: str | None, *, as_json: bool) -> None:
    """Plan the trades that bring a portfolio back to its target weights.

    Exit status: 0 planned, whether or not the contract would accept the plan; 2 unusable input.
    """
    answer = plan_from("weights", source, "keepers.planning.files.weights:plan_weights_file")
    if as_json:
        print_json(answer.document)
    else:
        import_module("keepers.reports.plan_text").print_weights(answer.document)
    ctx.exit(answer.exit_status)


def plan_from(
    command: str,
    source: str | None,
    planner: str,
    *,
    config: Path | None = None,
    vault: str | None = None,
) -> "PlannerAnswer":
    """Return the output of a plan command for a file, or for the chain without one.

    Args:
        command: The planner's name, as in `tiers`.
        source: A file, `-` for standard input, None for the chain.
        planner: The function that plans a file's bytes, as `module:attribute`.
        config: The configuration file, for a plan from the chain.
        vault: The vault's name, for a plan from the chain.

    Raises:
        InputError: The file cannot be used.
    """
    if source is None:
        chain_plan = import_module("keepers.runtime.vault.chain_plan")
        return chain_plan.plan_from_chain(command, config, vault)
    return _load(planner)(read_input(source))


def _load(name: str) -> "Callable[[Any], PlannerAnswer]":
    module, _, attribute = name.partition(":")
    return cast("Callable[[Any], PlannerAnswer]", getattr(import_module(module), attribute))
