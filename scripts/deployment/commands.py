"""Commands of one kind of owner, as ape scripts: deploy, configure, safe, verify."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownArgumentType=false, reportUntypedFunctionDecorator=false

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import click
from ape.api.accounts import AccountAPI
from ape.cli import ConnectedProviderCommand, account_option
from eth_utils.address import is_address, to_checksum_address

from scripts.deployment.ape_chain import chain_of, confirm, network_name, read_only_chain
from scripts.deployment.chain import Chain
from scripts.deployment.configure import all_differences, configure
from scripts.deployment.deploy import deploy, require_network
from scripts.deployment.deployment import AnyDeployment, Difference
from scripts.deployment.safe_batch import write_safe_batch
from scripts.deployment.supervision import accepted_risks

FOLDER = Path("deployments")
SECONDS_PER_HOUR = 3600
Owner: TypeAlias = type[AnyDeployment]
"""Strategy of a kind of owner."""


def deploy_command(owner: Owner, text: str) -> click.Command:
    """Return the command that deploys contracts missing in the record; `text` is its help."""

    def run(account: AccountAPI, config_path: Path | None, *, yes: bool) -> None:
        deployment = _opened(owner, chain_of(account), config_path)
        deployed = deploy(deployment, click.echo, partial(confirm, account, yes=yes))
        click.echo(f"{len(deployed)} deployed, recorded in {deployment.record.path}")

    return _command("deploy", text, run, _config_option(owner), _yes_option, account_option())


def configure_command(owner: Owner, text: str) -> click.Command:
    """Return the command that sends the calls that fix differences from the intended state."""

    def run(
        account: AccountAPI,
        config_path: Path | None,
        *,
        yes: bool,
        restore_keepers: bool,
        unpause: bool,
    ) -> None:
        deployment = _opened(owner, chain_of(account), config_path)
        approve = partial(confirm, account, yes=yes)
        sent = configure(
            deployment, click.echo, approve, restore_keepers=restore_keepers, unpause=unpause
        )
        deployment.record.save(deployment.config)
        _print_changes(sent, deployment.config.longest_period)

    options = (*_configure_options, _config_option(owner), _yes_option, account_option())
    return _command("configure", text, run, *options)


def safe_command(owner: Owner) -> click.Command:
    """Return the command that writes the calls of `configure` to a file, for a Safe to send."""

    def run(
        config_path: Path | None,
        *,
        safe: str,
        output: Path,
        restore_keepers: bool,
        unpause: bool,
    ) -> None:
        deployment = _opened(owner, replace(read_only_chain(), sender=safe), config_path)
        write_safe_batch(deployment, output, restore_keepers=restore_keepers, unpause=unpause)

    text = "Write the calls of `configure` for the Transaction Builder of a Safe."
    options = (*_configure_options, _config_option(owner), *_batch_options)
    return _command("safe", text, run, *options)


def verify_command(owner: Owner, text: str) -> click.Command:
    """Return the command that lists differences from the intended state."""

    def run(config_path: Path | None, *, as_json: bool) -> None:
        deployment = _opened(owner, read_only_chain(), config_path)
        differences, accepted = list(all_differences(deployment)), accepted_risks(deployment)
        _print_differences(deployment.config.network, differences, accepted, as_json=as_json)
        sys.exit(1 if differences else 0)

    return _command("verify", text, run, _json_option, _config_option(owner))


def _command(
    name: str, text: str, function: Callable[..., None], *options: Callable[..., Any]
) -> click.Command:
    for option in options:
        function = option(function)
    return click.command(name=name, cls=ConnectedProviderCommand, help=text)(function)


def _opened(owner: Owner, chain: Chain, config_path: Path | None) -> AnyDeployment:
    """Return the deployment on the connected network."""
    deployment = owner.open(chain, config_path or _default_path(owner.suffix))
    require_network(chain, deployment.config)
    return deployment


def _default_path(suffix: str) -> Path:
    name = f"{network_name()}{suffix}"
    local = FOLDER / "local" / name
    return local if local.exists() else FOLDER / name


def _address(_: click.Context, __: click.Parameter, value: str) -> str:
    if not is_address(value):
        raise click.BadParameter(f"{value!r} is not an address")
    return to_checksum_address(value)


_yes_option = click.option(
    "--yes", is_flag=True, help="Sign the listed calls without asking; for automation."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_configure_options = (
    click.option(
        "--restore-keepers", is_flag=True, help="Also restore keepers that the guardian removed."
    ),
    click.option("--unpause", is_flag=True, help="Also unpause what the guardian paused."),
)
_batch_options = (
    click.option("--safe", required=True, callback=_address, help="Address of the Safe."),
    click.option(
        "--output",
        required=True,
        type=click.Path(path_type=Path, dir_okay=False, writable=True),
        help="File for the Transaction Builder.",
    ),
)


def _config_option(owner: Owner) -> Callable[..., Any]:
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"Intended state. Default: NETWORK{owner.suffix} in deployments/local or deployments.",
    )


def _print_changes(sent: int, longest_period: int) -> None:
    """Print the number of changes sent, and the seconds that limits take to fill after them."""
    click.echo(f"{sent} changes sent" if sent else "nothing to change")
    if sent:
        hours, seconds = divmod(longest_period, SECONDS_PER_HOUR)
        time = f"{longest_period} seconds" if seconds else f"{hours} hours"
        click.echo(f"new limits start empty; the slowest fills in {time}")
        click.echo("existing limits keep their level")


def _print_differences(
    network: str, differences: Sequence[Difference], accepted: Sequence[str], *, as_json: bool
) -> None:
    """Print the differences, and the risks that the file accepts."""
    if as_json:
        fields = ("contract", "what", "expected", "actual")
        rows = [{field: getattr(entry, field) for field in fields} for entry in differences]
        answer = {"network": network, "differences": rows, "accepted": list(accepted)}
        click.echo(json.dumps(answer, indent=2))
        return
    for difference in differences:
        click.echo(f"{difference}; {difference.hint}" if difference.hint else str(difference))
    for risk in accepted:
        click.echo(f"accepted: {risk}")
    click.echo(f"{len(differences)} differences" if differences else "no differences")
