"""File of a chain's state that anvil loads quickly."""

import gzip
import json
from pathlib import Path
from typing import Any, cast

from scripts.network.node import Node


def save_state(node: Node, file: Path) -> None:
    """Write the node's state, without its history."""
    dump = bytes.fromhex(cast("str", node.rpc("anvil_dumpState")).removeprefix("0x"))
    file.write_text(json.dumps(without_past(json.loads(gzip.decompress(dump)))))


def without_past(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state with its newest block only, a fifth of the size and sufficient for anvil."""
    newest = max(state["blocks"], key=lambda block: int(block["header"]["number"], 16))
    return state | {
        "blocks": [newest | {"transactions": [], "ommers": []}],
        "transactions": [],
        "historical_states": None,
    }
