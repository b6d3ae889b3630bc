"""A service of ours as a process, started for a test and stopped by its id."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 60.0


@dataclass
class Running:
    """The process and what it has logged."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue[str])
    seen: list[str] = field(default_factory=list[str])
    port: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def event(self, name: str) -> dict[str, Any]:
        """The next line of that event; fails when it does not come."""
        while True:
            line = self.lines.get(timeout=SECONDS)
            assert line, f"it ended: {self.seen}"
            found: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            if found.get("event") == name:
                return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        return self.process.wait(SECONDS)

    def read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.seen.append(line)
            self.lines.put(line)
        self.lines.put("")


@contextmanager
def running(command: str, config: Path, environment: Mapping[str, str]) -> Generator[Running]:
    """`ballast COMMAND --config CONFIG`, once it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "keepers.cli", command, "--config", str(config)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    service = Running(process)
    reader = threading.Thread(target=service.read, daemon=True)
    reader.start()
    try:
        service.port = service.event("listening")["port"]
        yield service
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()
