"""Fixed ports, if they are free."""

import socket
from collections.abc import Iterable

from scripts.network.specs import chain_spec


def preferred_ports(chains: Iterable[str]) -> dict[str, int]:
    """Return each chain's own port, or 0 (any) if it is in use."""
    wanted = {name: chain_spec(name).preferred_port for name in chains}
    return {name: port if _free(port) else 0 for name, port in wanted.items()}


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # Like anvil, treat a port as free if only an earlier connection lingers on it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
