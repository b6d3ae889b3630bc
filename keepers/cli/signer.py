"""`ballast signer`: sign for keepers, within a policy of its own."""

from __future__ import annotations

from pathlib import Path

import click

from keepers.cli.options import check_option, service_config_option
from keepers.config.services import SignerServiceSettings, load_service
from keepers.runtime.logs import configure_service_logs
from keepers.runtime.services import serve, server_identity, signer_service


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
        click.echo(f"{config}: nothing wrong with it")
        return
    serve(settings.listen, service)
