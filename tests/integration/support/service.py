"""A service of ours as a process, started for a test and stopped by its id."""

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
    """The process and where it listens."""

    child: processes.Child
    port: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def seen(self) -> list[str]:
        """What it has logged."""
        return self.child.err.splitlines()

    def event(self, name: str) -> dict[str, Any]:
        """The next line of that event; fails when it does not come."""
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
    """`ballast COMMAND --config CONFIG`, once it listens."""
    started = processes.python("keepers.cli", command, "--config", str(config))
    with processes.running(started, environment=environment) as child:
        service = Running(child)
        service.port = service.event("listening")["port"]
        yield service
