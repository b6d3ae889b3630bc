"""`python -m scripts.network`: keeps the local network running, or only prepares it."""

import json
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from scripts.network.api import start_network
from scripts.network.errors import NetworkError
from scripts.network.paths import RUNNING
from scripts.network.ports import preferred_ports
from scripts.network.prepared import prepared
from scripts.network.running import announced
from scripts.network.specs import ALL
from scripts.network.table import table

_WATCH_SECONDS = 0.5
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def cli() -> None:
    """Three local chains with real protocols on them."""


@cli.command()
def build() -> None:
    """Prepares the network's state, if it is not there yet."""
    with prepared() as folder:
        click.echo(f"ready: {folder}")


@cli.command()
@click.option("--chains", default=",".join(ALL), show_default=True, help="Which, by comma.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--running", type=_FILE, default=RUNNING, help="File that describes the network.")
def up(chains: str, as_json: bool, running: Path) -> None:  # noqa: FBT001 - click's way
    """Runs the network until Ctrl-C."""
    names = [name.strip() for name in chains.split(",") if name.strip()]
    stopping = _on_signals()
    ports = preferred_ports(names)
    with start_network(names, ports=ports) as network, announced(network, running) as description:
        click.echo(json.dumps(description, indent=2) if as_json else table(network))
        click.echo(f"Running; described in {running}. Ctrl-C stops it.", err=True)
        while not stopping.wait(_WATCH_SECONDS):
            network.check()


def main() -> None:
    """Runs the command; what went wrong is one message and status 1."""
    try:
        cli(prog_name="python -m scripts.network")
    except NetworkError as error:
        sys.exit(f"error: {error}")


def _on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping
