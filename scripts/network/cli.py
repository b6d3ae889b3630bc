"""`python -m scripts.network`: run the local network, or only prepare it."""

import json
import signal
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from types import FrameType

import click

from scripts.deployment.local import LOCAL_DEPLOYMENTS
from scripts.deployment.treasury.local import offer_treasuries
from scripts.deployment.vault.local import offer_deployments
from scripts.network.api import LocalNetwork, start_network
from scripts.network.bridging.local import open_bridges
from scripts.network.circle import circle
from scripts.network.errors import NetworkError
from scripts.network.inboxes import list_inboxes
from scripts.network.paths import RUNNING
from scripts.network.play import deposit, fund, price, refresh
from scripts.network.ports import preferred_ports
from scripts.network.prepared import prepared
from scripts.network.running import announced, require_none_running
from scripts.network.specs import ALL
from scripts.network.table import table

_WATCH_SECONDS = 0.5
_FILLING_SECONDS = 60  # limits of treasuries fill in this time, so that a first transfer can start
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def commands() -> None:
    """Three local chains with real protocols on them."""


@commands.command()
def build() -> None:
    """Prepare the state of the network, if it does not exist yet."""
    with prepared() as folder:
        click.echo(f"ready: {folder}")


@commands.command()
@click.option("--chains", default=",".join(ALL), show_default=True, help="Chains to run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--running", type=_FILE, default=RUNNING, help="File that describes the network.")
@click.option(
    "--deployments",
    type=_FOLDER,
    default=LOCAL_DEPLOYMENTS,
    help="Folder for the intended states that the ape scripts deploy.",
)
def up(*, chains: str, as_json: bool, running: Path, deployments: Path) -> None:
    """Run the network until Ctrl-C."""
    require_none_running(running)
    names = [name.strip() for name in chains.split(",") if name.strip()]
    stopping = _on_signals()
    ports = preferred_ports(names)
    with (
        start_network(names, ports=ports) as network,
        open_bridges(network.chains) as bridges,
        bridges.serve() as serving,
        announced(network, running, bridges.urls) as description,
    ):
        offer_deployments(network.chains.values(), deployments)
        offer_treasuries(network.chains.values(), deployments, period=_FILLING_SECONDS)
        click.echo(json.dumps(description, indent=2) if as_json else table(network, bridges.urls))
        click.echo(f"Running; description in {running}. Press Ctrl-C to stop.", err=True)
        _watch(network, stopping, serving)


def _watch(network: LocalNetwork, stopping: threading.Event, serving: Future[None]) -> None:
    """Report each change of a chain; return when all of them have ended."""
    known: dict[str, str] = {}
    while not stopping.wait(_WATCH_SECONDS) and not serving.done():
        found = network.troubles()
        for name in network.chains:
            problem = found.get(name)
            if problem == known.get(name):
                continue
            text = "responds again" if problem is None else f"{problem}; the other chains continue"
            click.echo(f"{name}: {text}", err=True)
        known = found
        if not any(anvil.alive for anvil in network.anvils.values()):
            network.check()


commands.add_command(circle)
commands.add_command(deposit)
commands.add_command(fund)
commands.add_command(list_inboxes)
commands.add_command(price)
commands.add_command(refresh)


def main() -> None:
    """Run the command; an error is one message and status 1."""
    try:
        commands(prog_name="python -m scripts.network")
    except NetworkError as error:
        sys.exit(f"error: {error}")


def _on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping
