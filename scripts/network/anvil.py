"""Anvil process, which ends with its parent in every case."""

import re
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import requests

from scripts.network.errors import AnvilStartError, ToolMissingError
from scripts.network.paths import ANVIL
from scripts.network.session import direct_session
from scripts.network.spawner import spawn
from scripts.network.specs import ChainSpec

_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:(\d+)")
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_ANSWER_SECONDS = 5.0
_KEPT_LINES = 20


@dataclass
class Anvil:
    """Running anvil; `output` has its last lines."""

    chain: str
    process: subprocess.Popen[str]
    port: int = 0
    output: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))
    _bound: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(cls, spec: ChainSpec, *, port: int = 0, options: Sequence[str] = ()) -> "Anvil":
        """Start anvil for `spec` and return when it responds; port 0 is any free port."""
        if not ANVIL.is_file():
            raise ToolMissingError(ANVIL)
        anvil = cls(spec.name, spawn(_command(spec, port, options)))
        threading.Thread(target=anvil._read, name=f"{spec.name}-output", daemon=True).start()
        try:
            anvil._await_ready(spec)
        except BaseException:
            anvil.stop()
            raise
        return anvil

    @property
    def url(self) -> str:
        """URL of the node."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self.process.poll() is None

    def answers(self) -> bool:
        """Whether it responds at once; a process stopped by a signal does not."""
        try:
            return _chain_id(direct_session(), self.url) is not None
        except requests.Timeout:
            return False

    def stop(self) -> None:
        """End the process, by SIGKILL if it does not stop."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _read(self) -> None:
        stream = self.process.stdout
        if stream is None:
            return
        with stream:
            for line in stream:
                self.output.append(line.rstrip())
                found = None if self._bound.is_set() else _LISTENING.search(line)
                if found:
                    self.port = int(found.group(1))
                    self._bound.set()
        self._bound.set()  # the output has ended, so stop waiting even if no port is bound

    def _await_ready(self, spec: ChainSpec) -> None:
        deadline = time.monotonic() + _START_SECONDS
        session = direct_session()
        self._bound.wait(_START_SECONDS)
        # The port comes from anvil's output, so no other process can respond.
        while self.port == 0 or _chain_id(session, self.url) != spec.chain_id:
            if not self.alive or (self.port == 0 and self._bound.is_set()):
                raise AnvilStartError(self.chain, "ended during its start", self.output)
            if time.monotonic() > deadline:
                raise AnvilStartError(self.chain, "does not respond", self.output)
            time.sleep(0.005)


def _command(spec: ChainSpec, port: int, options: Sequence[str]) -> list[str]:
    anvil = [
        str(ANVIL),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--chain-id",
        str(spec.chain_id),
    ]
    return [*anvil, "--slots-in-an-epoch", "1", *options]


def _chain_id(session: requests.Session, url: str) -> int | None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
    try:
        return int(session.post(url, json=request, timeout=_ANSWER_SECONDS).json()["result"], 16)
    except requests.ConnectionError:
        return None
