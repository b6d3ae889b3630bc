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
    """Return the chain as the value of ape's `--network`."""
    return f"ethereum:{chain.name}:{chain.url}"


def describe(network: LocalNetwork, services: Mapping[str, str]) -> dict[str, Any]:
    """Return URLs of chains and bridge services, process ids and addresses, for JSON."""
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
    """Return a chain of the network that `file` describes, for another process.

    Raises:
        NotRunningError: No network is running.
        UnknownChainError: The network has no such chain.
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
    """Return the URL of a bridge service of the network that `file` describes.

    Raises:
        NotRunningError: No network is running.
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
    """Keep the description in `file` until the context ends."""
    description = describe(network, services)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    partial.write_text(json.dumps(description, indent=2) + "\n")
    partial.replace(file)
    try:
        yield description
    finally:
        _withdraw(file)


def _withdraw(file: Path) -> None:
    # A network started later has written its description there; keep that one.
    if file.is_file() and json.loads(file.read_text())["pid"] == os.getpid():
        file.unlink()
