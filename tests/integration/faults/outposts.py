"""The engine in separate processes, on the database and the nodes of a rig."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.integration.faults.rig import Rig
from tests.integration.faults.target import take
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.processes import Child, crash_at, python, running

PASS = {"do": "pass"}
SERVE = {"do": "serve"}
SHOW = {"do": "show"}


def call(rig: Rig, amount: int) -> dict[str, Any]:
    """Return the command that submits a call."""
    return {"do": "submit", "key": f"k{amount}", "target": rig.target, "data": take(amount)}


def outpost(
    rig: Rig,
    folder: Path,
    *commands: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    **more: object,
) -> AbstractContextManager[Child]:
    """Start an engine process; `more` are fields of its configuration."""
    config = {
        "database": rig.url,
        "nodes": rig.chain.urls,
        "chain_id": CHAIN_ID,
        "key": rig.key,
        "holder": rig.setup.holder,
        "lease_seconds": rig.setup.lease_seconds,
        "commands": commands,
        **more,
    }
    file = folder / "outpost.json"
    file.write_text(json.dumps(config))
    command = python("tests.integration.sending.outpost", str(file))
    return running(command, environment=environment, listens=True)


def killed_at(rig: Rig, folder: Path, point: str, time: int = 1) -> None:
    """Submit a call in an engine process that is killed at a point."""
    crash = crash_at(point, time)
    with outpost(rig, folder, call(rig, 1), PASS, environment=crash) as child:
        assert child.wait() == -signal.SIGKILL, child


def tell(child: Child, command: Mapping[str, Any]) -> None:
    """Send a command to a running engine process."""
    child.tell(json.dumps(command))
