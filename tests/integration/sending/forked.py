"""An outpost in a forked process: a process with all imports done is copied each time.

Starting Python and importing the engine takes seconds, and a run over all crash points starts
hundreds of processes. The copied process has no threads, chains or databases.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
from collections.abc import Iterable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from tests.integration.sending.outpost import Outpost, quiet

PATIENCE = 60.0


class Died(Exception):  # noqa: N818 - no error: that is what these tests are about
    """The process has ended; `code` is its return code, negative for a signal."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"it ended with {code}")
        self.code = code


class ForkedOutpost:
    """Running outpost; its lines go through a pipe instead of the standard streams."""

    def __init__(self, config: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.integration.sending.outpost"])
        self._mine, theirs = context.Pipe()
        arguments = (dict(config), dict(environment), theirs)
        self._process = context.Process(target=_live, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self.heard: list[dict[str, Any]] = []

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a command; raise `Died` if the process ends instead."""
        try:
            self._mine.send(json.dumps(command))
            while True:
                if not self._mine.poll(PATIENCE):
                    raise AssertionError(f"no answer to {command}; heard {self.heard[-20:]}")
                line: dict[str, Any] = json.loads(self._mine.recv())
                self.heard.append(line)
                if "refused" in line or line.get("done") == command["do"]:
                    return line
        except (EOFError, ConnectionResetError, BrokenPipeError):
            raise Died(self._ended()) from None

    def close(self) -> int | None:
        """End the process, by force if it still runs."""
        self._process.kill()
        return self._ended()

    def _ended(self) -> int | None:
        self._process.join(PATIENCE)
        self._mine.close()
        return self._process.exitcode


def _live(config: dict[str, Any], environment: dict[str, str], pipe: Connection) -> None:
    """Run an outpost in the forked process."""
    os.environ.update(environment)
    quiet()

    def write(facts: Mapping[str, Any]) -> None:
        pipe.send(json.dumps(facts, default=str))

    asyncio.run(Outpost(config, write).run(_lines(pipe)))


def _lines(pipe: Connection) -> Iterable[str]:
    while True:
        try:
            yield pipe.recv()
        except EOFError:
            os._exit(1)  # the parent has ended and cannot stop this process
