"""Start of the local network."""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import time

from scripts.network.anvil import Anvil
from scripts.network.artifacts import LOCAL, load
from scripts.network.chain import LocalChain
from scripts.network.errors import AnvilDiedError
from scripts.network.feeds import refresh_feeds
from scripts.network.files import read_addresses, state_file
from scripts.network.prepared import prepared
from scripts.network.progress import Report, to_stderr
from scripts.network.specs import ALL, chain_spec


@dataclass(frozen=True)
class LocalNetwork:
    """Running chains by name."""

    chains: Mapping[str, LocalChain]
    anvils: Mapping[str, Anvil]

    def check(self) -> None:
        """Raise `AnvilDiedError` if one of the chains has ended."""
        for name, anvil in self.anvils.items():
            if not anvil.alive:
                raise AnvilDiedError(name, anvil.output)

    def troubles(self) -> dict[str, str]:
        """Return the fault of each chain that does not respond, by name; the others continue."""
        found: dict[str, str] = {}
        for name, anvil in self.anvils.items():
            if not anvil.alive:
                found[name] = "its anvil has ended"
            elif not anvil.answers():
                found[name] = "its anvil does not respond"
        return found


@contextmanager
def start_network(
    chains: Sequence[str] = ALL,
    *,
    ports: Mapping[str, int] | None = None,
    report: Report = to_stderr,
    states: Callable[[Path], Path] | None = None,
) -> Generator[LocalNetwork]:
    """Run `chains` from the prepared state, built first if necessary, until the context ends.

    Ports are any free ones unless given by name. The chains' time is now, their feeds fresh.
    `states` receives the prepared folder and returns another one, with derived states.
    """
    names = [chain_spec(name).name for name in dict.fromkeys(chains)]
    with ExitStack() as running:
        with prepared(report) as folder:
            loaded = folder if states is None else states(folder)
            anvils = start_all(names, loaded, ports or {}, running)
            with ThreadPoolExecutor() as pool:
                opened = pool.map(partial(_open, folder), anvils.values())
            started = {chain.name: chain for chain in opened}
        yield LocalNetwork(started, anvils)


def start_all(
    names: Sequence[str], folder: Path, ports: Mapping[str, int], running: ExitStack
) -> dict[str, Anvil]:
    """Start the nodes from the states in a folder; `running` stops them."""
    with ThreadPoolExecutor() as pool:
        starts = [pool.submit(_start, name, folder, ports.get(name, 0)) for name in names]
    # All starts are finished. Register the running nodes for stopping before raising a failure.
    for start in starts:
        if start.exception() is None:
            running.callback(start.result().stop)
    return {name: start.result() for name, start in zip(names, starts, strict=True)}


def _start(name: str, folder: Path, port: int) -> Anvil:
    options = ("--load-state", str(state_file(folder, name)))
    return Anvil.start(chain_spec(name), port=port, options=options)


def _open(folder: Path, anvil: Anvil) -> LocalChain:
    chain = chain_on(anvil, folder)
    chain.set_time(int(time()))
    refresh_feeds(chain)
    return chain


def chain_on(anvil: Anvil, folder: Path) -> LocalChain:
    """Return the chain that a node runs, of the prepared network in a folder."""
    # Read now: when the inputs change, another process may remove the folder.
    for name in LOCAL:
        load(name, folder)
    return LocalChain(
        url=anvil.url,
        artifacts=folder,
        name=anvil.chain,
        chain_id=chain_spec(anvil.chain).chain_id,
        pid=anvil.process.pid,
        addresses=read_addresses(folder, anvil.chain),
    )
