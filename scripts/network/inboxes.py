"""Command that puts deployed inboxes on the local exchange's list of withdrawal addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click

from scripts.deployment.local import LOCAL_DEPLOYMENTS
from scripts.deployment.treasury.neighbours import SUFFIX
from scripts.network.bridging.exchange import LISTING
from scripts.network.paths import RUNNING
from scripts.network.running import service_url
from scripts.network.session import direct_session

EXCHANGE = "EXCHANGE"
SECONDS = 5


@click.command("list-inboxes")
def list_inboxes() -> None:
    """Put the inboxes of all deployed treasuries on the local exchange's list of addresses."""
    url = f"{service_url(RUNNING, 'exchange')}{LISTING}"
    rows = list(inboxes_in(LOCAL_DEPLOYMENTS))
    if not rows:
        raise click.ClickException("no treasury is deployed: run `ape run treasury deploy` first")
    for row in rows:
        answer = direct_session().put(url, json=row, timeout=SECONDS)
        if answer.status_code != HTTPStatus.OK:
            raise click.ClickException(f"the exchange returned HTTP {answer.status_code}")
        click.echo(f"{row['address']} may receive {row['coin']} on {row['network']}")


def inboxes_in(folder: Path) -> Iterator[dict[str, str]]:
    """Yield coin, network and address of each inbox of an exchange, from deployment records."""
    for record in sorted(folder.glob(f"*{SUFFIX}")):
        routes: list[dict[str, Any]] = json.loads(record.read_text()).get("routes", [])
        for route in routes:
            if route["name"] == EXCHANGE:
                yield {
                    "coin": route["asset"],
                    "network": route["network"],
                    "address": route["inbox"],
                }
