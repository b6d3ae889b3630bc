"""File by which other programs find a running network."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.network.addresses import Addresses
from scripts.network.api import LocalNetwork
from scripts.network.chain import LocalChain
from scripts.network.errors import AlreadyRunningError, NotRunningError, UnknownChainError
from scripts.network.prepared import prepared


def ape_network(chain: LocalChain) -> str:
    """The chain as ape's `--network` takes it."""
    return f"ethereum:{chain.name}:{chain.url}"


def describe(network: LocalNetwork, services: Mapping[str, str]) -> dict[str, Any]:
    """Urls of chains and of bridges' services, process ids and addresses, ready for JSON."""
    chains = {
        name: {
            "chain_id": chain.chain_id,
            "url": chain.url,
            "pid": chain.pid,
            "network": ape_network(chain),
            "addresses": chain.addresses.model_dump(),
        }
        for name, chain in network.chains.items()
    }
    return {"pid": os.getpid(), "chains": chains, "bridges": dict(services)}


def require_none_running(file: Path) -> None:
    """Raise `AlreadyRunningError` while the network that `file` describes is alive."""
    if file.is_file() and _alive(pid := json.loads(file.read_text())["pid"]):
        raise AlreadyRunningError(file, pid)


def attach(file: Path, name: str) -> LocalChain:
    """A chain of the network that `file` describes, to act on it from another process.

    Raises:
        NotRunningError: There is none, or it has ended.
        UnknownChainError: It has no such chain.
    """
    description = _description(file)
    if name not in description["chains"]:
        raise UnknownChainError(name, tuple(description["chains"]))
    chain = description["chains"][name]
    with prepared() as artifacts:
        return LocalChain(
            url=chain["url"],
            artifacts=artifacts,
            name=name,
            chain_id=chain["chain_id"],
            pid=chain["pid"],
            addresses=Addresses.model_validate(chain["addresses"]),
        )


def service_url(file: Path, name: str) -> str:
    """URL of a bridge service of the network that `file` describes.

    Raises:
        NotRunningError: There is none, or it has ended.
    """
    return _description(file)["bridges"][name]


def _description(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise NotRunningError(file)
    description: dict[str, Any] = json.loads(file.read_text())
    if not _alive(description["pid"]):
        raise NotRunningError(file)
    return description


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def announced(
    network: LocalNetwork, file: Path, services: Mapping[str, str]
) -> Generator[dict[str, Any]]:
    """Keeps the description in `file` while the context lasts."""
    description = describe(network, services)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    partial.write_text(json.dumps(description, indent=2) + "\n")
    partial.replace(file)
    try:
        yield description
    finally:
        _withdraw(file)


def _withdraw(file: Path) -> None:
    # A network started later has put its own description there; that one stays.
    if file.is_file() and json.loads(file.read_text())["pid"] == os.getpid():
        file.unlink()
