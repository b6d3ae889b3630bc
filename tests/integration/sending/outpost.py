"""Transaction engine in a separate process, run as by a keeper, for tests to kill and to stop.

    python -m tests.integration.sending.outpost CONFIG.json

The file holds an object:

    database        URL of the database
    nodes           URLs of the readers
    relays          URLs of private relays; none by default
    chain_id        the chain
    key             the private key, 0x and 64 digits
    holder          name under which the lease is held
    lease_seconds   duration of the lease; 60 by default
    policy          fields of `SendingPolicy`; `maximum_fee` and `priority_fee` in wei for `fees`
    quorum          number of readers that have to agree; the pool's own rule by default
    request_seconds timeout of a node; 10 by default
    armed           whether it sends; true by default
    stop_at         a crash point of the database, as `after_store:2`, at which the process stops
                    itself (SIGSTOP)
    commands        commands done first; then come lines of standard input, one command each

Commands are objects:

    {"do": "submit", "key": "a", "target": "0x…", "data": "0x", "value": 0, "gas_cap": null,
     "expires": "2026-03-02T12:00:00Z"}          all but key and target are optional
    {"do": "pass", "times": 1}
    {"do": "serve"}                              passes until the next command comes
    {"do": "settle", "key": "a", "seconds": 60}
    {"do": "want", "key": "a", "wanted": "CANCEL", "reason": "…"}
    {"do": "show"}                               every intent with its state
    {"do": "quit"}

Each line of standard output is an object with one of `ready`, `event`, `alarm`, `done`, `refused`
or `stopping` in it. A submit under the same key is the same submit, also after a restart. SIGTERM
and `quit` end it in order: the current pass is finished, and the lease is released.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import structlog

from keepers.model.errors import BallastError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError, UnknownRecordError
from keepers.model.transaction_records import IntentRecord
from keepers.model.transaction_states import RequestedAction
from keepers.store.pauses import read_pauses
from tests.integration.sending.outpost_parts import (
    RUN,
    Reporter,
    StopClock,
    Stopped,
    engine_of,
    planned,
    policy_of,
    signer_of,
)

Write = Callable[[Mapping[str, Any]], None]


class Outpost:
    """Executor of commands with an engine, one after the other."""

    def __init__(self, config: Mapping[str, Any], write: Write) -> None:
        self._config = config
        self._write = write
        self._clock = StopClock()
        self._poll_seconds = policy_of(config.get("policy", {})).poll_seconds
        self._sender = signer_of(config).address
        self._commands: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def run(self, lines: Iterable[str]) -> None:
        """Execute commands until `quit` or SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        for command in self._config.get("commands", []):
            self._commands.put_nowait(command)
        threading.Thread(target=self._read, args=(lines, loop), daemon=True).start()
        reporter = Reporter(self._write)
        async with engine_of(self._config, reporter, self._clock) as (engine, ledger):
            self._engine, self._ledger = engine, ledger
            self._write({"ready": True})
            while not self._clock.stopped.is_set():
                command = await self._commands.get()
                if command["do"] == "quit":
                    break
                await self._obey(command)
        self._write({"done": "quit"})

    def _stop(self) -> None:
        self._clock.stopped.set()
        self._commands.put_nowait({"do": "quit"})

    def _read(self, lines: Iterable[str], loop: asyncio.AbstractEventLoop) -> None:
        for line in lines:
            loop.call_soon_threadsafe(self._commands.put_nowait, json.loads(line))

    async def _obey(self, command: Mapping[str, Any]) -> None:
        work = getattr(self, f"_do_{command['do']}")
        try:
            facts = await work(command)
        except Stopped:
            return
        except BallastError as error:
            self._write({"refused": type(error).__name__, "do": command["do"], "text": str(error)})
        else:
            self._write({"done": command["do"], **facts})

    async def _do_submit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        new = planned(self._ledger, self._config["chain_id"], self._sender, command)
        intent = await self._engine.submit(new)
        return {"key": command["key"], "intent": intent}

    async def _do_pass(self, command: Mapping[str, Any]) -> dict[str, Any]:
        head = None
        for _ in range(command.get("times", 1)):
            view = await self._engine.run_pass()
            head = None if view is None else view.head.number
        return {"head": head}

    async def _do_serve(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Run passes, or wait for the lease; write each refusal that differs from the last."""
        del command
        last = None
        while self._commands.empty():
            refused = await self._pass_or_refusal(last)
            last = refused
            await self._clock.sleep(self._poll_seconds)
        return {}

    async def _pass_or_refusal(self, last: str | None) -> str | None:
        try:
            await self._engine.run_pass()
        except (LeaseHeldError, StaleLeaseError) as error:
            name = type(error).__name__
            if name != last:
                self._write({"refused": name, "do": "serve", "text": str(error)})
            return name
        if last is not None:
            self._write({"event": "leading", "holder": self._config["holder"]})
        return None

    async def _do_settle(self, command: Mapping[str, Any]) -> dict[str, Any]:
        found = await self._engine.settle(await self._id(command["key"]), command["seconds"])
        return shown(found)

    async def _do_want(self, command: Mapping[str, Any]) -> dict[str, Any]:
        wanted, reason = (
            RequestedAction(command["wanted"]),
            command.get("reason", "a test asks for it"),
        )
        await self._engine.want(await self._id(command["key"]), wanted, reason)
        return {"key": command["key"]}

    async def _do_show(self, command: Mapping[str, Any]) -> dict[str, Any]:
        del command
        intents: list[dict[str, Any]] = []
        for each in await self._engine.of_run(RUN):
            step = await self._engine.step(each.intent.step_id)
            intents.append({**shown(each), "step": step.state})
        return {"intents": intents, "paused": bool(self._ledger.read(read_pauses))}

    async def _id(self, key: str) -> int:
        found = await self._engine.of_run(RUN)
        ids = {each.intent.idempotency_key: each.intent_id for each in found}
        if key not in ids:
            raise UnknownRecordError(f"intent {key}")
        return ids[key]


def shown(record: IntentRecord) -> dict[str, Any]:
    """Return the facts of an intent that tests compare; hashes serve to find it on chain."""
    return {
        "key": record.intent.idempotency_key,
        "intent": record.intent_id,
        "state": record.state,
        "hold": record.hold,
        "slots": [
            {
                "nonce": slot.nonce,
                "state": slot.state,
                "attempts": [
                    {
                        "kind": each.signed.kind,
                        "state": each.state,
                        "hash": each.signed.transaction_hash,
                        "raw": each.signed.raw,
                    }
                    for each in slot.attempts
                ],
            }
            for slot in record.slots
        ],
    }


def write_line(facts: Mapping[str, Any]) -> None:
    """Write one line of standard output."""
    sys.stdout.write(f"{json.dumps(facts, default=str)}\n")
    sys.stdout.flush()


def quiet() -> None:
    """Log only from level INFO, and to standard error."""
    level = structlog.make_filtering_bound_logger(logging.INFO)
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr), wrapper_class=level
    )


def main(file: Path) -> None:
    """Run the program."""
    quiet()
    config = json.loads(file.read_text())
    asyncio.run(Outpost(config, write_line).run(sys.stdin))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
