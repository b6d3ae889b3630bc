"""`ballast signer`: serve signatures to keepers, within its own policy."""

from __future__ import annotations

from pathlib import Path

import click

from keepers.cli.options import check_option, service_config_option
from keepers.config.services import SignerServiceSettings, ValidatorServiceSettings, load_service
from keepers.runtime.process.logs import configure_service_logs
from keepers.runtime.services import (
    generate_key,
    serve,
    server_identity,
    signer_service,
    validator_service,
)


@click.command()
@service_config_option("signer.toml")
@check_option
def signer(config: Path, *, check: bool) -> None:
    """Serve eth_signTransaction over mutual TLS; docs/how-to/signing.md says how to set it up."""
    configure_service_logs()
    settings = load_service(config, SignerServiceSettings)
    service = signer_service(settings)
    server_identity(settings.listen)
    if check:
        click.echo(f"{config}: no problems found")
        return
    serve(settings.listen, service)


@click.group(invoke_without_command=True)
@service_config_option("validator.toml")
@check_option
@click.pass_context
def validator(ctx: click.Context, config: Path, *, check: bool) -> None:
    """Serve /open over mutual TLS; docs/how-to/signing.md says how to set it up."""
    if ctx.invoked_subcommand is not None:
        return
    configure_service_logs()
    settings = load_service(config, ValidatorServiceSettings)
    service = validator_service(settings)
    server_identity(settings.listen)
    if check:
        click.echo(f"{config}: no problems found")
        return
    serve(settings.listen, service)


@validator.command(short_help="Create the validator's key pair.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def keygen(file: Path) -> None:
    """Create the validator's key pair: private key in FILE, public key on standard output."""
    click.echo(generate_key(file))
