"""The file by which other programs find a network that a person keeps running."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.network.api import LocalNetwork
from scripts.network.chain import LocalChain


def ape_network(chain: LocalChain) -> str:
    """The chain as ape's `--network` takes it."""
    return f"ethereum:{chain.name}:{chain.url}"


def describe(network: LocalNetwork) -> dict[str, Any]:
    """Urls, process ids and addresses, ready for JSON."""
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
    return {"pid": os.getpid(), "chains": chains}


@contextmanager
def announced(network: LocalNetwork, file: Path) -> Generator[dict[str, Any]]:
    """Keeps the description in `file` while the context lasts."""
    description = describe(network)
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
