"""Service of Ballast as a process, started for a test and stopped by its id."""

from __future__ import annotations

import json
import signal
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.support import processes


@dataclass
class Running:
    """Service process and its port."""

    child: processes.Child
    port: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def seen(self) -> list[str]:
        """Logged lines."""
        return self.child.err.splitlines()

    def event(self, name: str) -> dict[str, Any]:
        """Return the next line of an event; fail if it does not come."""
        while True:
            found: dict[str, Any] = json.loads(self.child.wait_for(r"^\{"))
            if found.get("event") == name:
                return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.child.send(number)

    def ended(self) -> int:
        return self.child.wait()


@contextmanager
def running(command: str, config: Path, environment: Mapping[str, str]) -> Generator[Running]:
    """Run `ballast COMMAND --config CONFIG`, and wait until it listens."""
    started = processes.python("keepers.cli", command, "--config", str(config))
    with processes.running(started, environment=environment) as child:
        service = Running(child)
        service.port = service.event("listening")["port"]
        yield service
