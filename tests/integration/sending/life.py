"""A scenario of transactions on a real chain, with the same course whichever process is killed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account

from keepers.model.chain import ContractCall, Fees, Signed, Unsigned
from keepers.signing.local import LocalSigner
from keepers.transactions.crash_points import TRACE, VARIABLE
from tests.integration.sending.forked import Died, ForkedOutpost
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.faulty_chain import FaultyChain

KEY = "0x" + "a7" * 32
SENDER: str = Account.from_key(KEY).address
TARGET = "0x" + "d1" * 20
GWEI = 10**9
PLENTY = 10**18
MOST_PASSES = 40
"""Number of passes after which a missing state is an error."""

POLICY = {
    "bump_after_blocks": 3,
    "trust_tags": False,
    "finality_blocks": 6,
    "foreign_after_blocks": 2,
}
Intents = Mapping[str, Mapping[str, Any]]
"""Result of `show`, by key."""


@dataclass(frozen=True)
class Outcome:
    """Result of a scenario, without ids, hashes and bytes, which differ from run to run.

    `executions` are nonce and data of the key's transactions in the chain; `unstored` are bytes
    that a node received and the database does not have.
    """

    intents: tuple[object, ...]
    paused: bool
    executions: tuple[tuple[int, str], ...]
    unstored: frozenset[str]


@dataclass
class Life:
    """The chain, the database, and the process that works now.

    `kills` are the points at which one process after the other is killed; once they are used up
    the last process lives to the end. The next step of the chain depends only on the state of
    database and chain, never on time or on the number of passes.
    """

    chain: FaultyChain
    database: str
    kills: Sequence[str] = ()
    trace: str | None = None
    killed: list[str] = field(default_factory=list[str])
    heard: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    outcome: Outcome | None = None
    _process: ForkedOutpost | None = None

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Execute a command, in the next process if this one is killed during it."""
        while True:
            answer = self._ask_once(command)
            if answer is not None:
                return answer

    def submit(self, key: str, **facts: object) -> None:
        """Submit a call whose data is its key."""
        data = f"0x{key.encode().hex()}"
        command = {"do": "submit", "key": key, "target": TARGET, "data": data, **facts}
        assert "done" in self.ask(command), self

    def want(self, key: str, wanted: str) -> None:
        """Store an operator request for an intent."""
        assert "done" in self.ask({"do": "want", "key": key, "wanted": wanted}), self

    def until(self, is_so: Callable[[Intents], bool]) -> None:
        """Run passes until the stored intents satisfy a condition."""
        shown = self.show()
        for _ in range(MOST_PASSES):
            if is_so(shown):
                return
            assert "done" in self.ask({"do": "pass"}), self
            shown = self.show()
        raise AssertionError(f"it did not come to that: {shown}\n{self.heard[-40:]}")

    def end(self) -> None:
        """End the process in order; a new process first gets the lease."""
        answer = None
        while answer is None:
            self.ask({"do": "pass"})
            answer = self._ask_once({"do": "quit"})
        self.close()

    def show(self) -> Intents:
        """Return every intent with its state."""
        return {each["key"]: each for each in self.ask({"do": "show"})["intents"]}

    def until_paused(self) -> None:
        """Run passes until the database shows that sending is paused."""
        for _ in range(MOST_PASSES):
            if self.ask({"do": "show"})["paused"]:
                return
            assert "done" in self.ask({"do": "pass"}), self
        raise AssertionError("it was not paused")

    def stranger(self, nonce: int) -> str:
        """Sign an external transaction of the key, with fees that replace ours."""
        signed = LocalSigner.from_private_key(KEY, "the test's key").sign(
            Unsigned(
                chain_id=CHAIN_ID,
                nonce=nonce,
                call=ContractCall(TARGET, "0xffff"),
                gas_limit=50_000,
                fees=Fees(150 * GWEI, 15 * GWEI),
                value=1,
            )
        )
        assert isinstance(signed, Signed)
        return signed.raw

    def conclude(self) -> None:
        """Store the outcome of the present state."""
        shown = self.ask({"do": "show"})
        stored = {attempt["raw"] for attempt in _attempts(shown["intents"])}
        sent = {raw for proxy in self.chain.proxies for raw in proxy.sent}
        self.outcome = Outcome(
            tuple(map(_comparable, shown["intents"])),
            shown["paused"],
            tuple(self._executions()),
            frozenset(sent - stored),
        )

    def _executions(self) -> Iterator[tuple[int, str]]:
        for number in range(self.chain.head + 1):
            block = self.chain.rpc("eth_getBlockByNumber", hex(number), True)
            mine = [each for each in block["transactions"] if each["from"] == SENDER.lower()]
            yield from ((int(each["nonce"], 16), each["input"]) for each in mine)

    def close(self) -> None:
        """End the process if it still runs."""
        if self._process is not None:
            self._forget(self._process)

    def _ask_once(self, command: Mapping[str, Any]) -> dict[str, Any] | None:
        process = self._process or self._start()
        try:
            return process.ask(command)
        except Died as death:
            code = death.code
        if code != -signal.SIGKILL:
            raise AssertionError(f"it ended with {code}: {process.heard[-20:]}")
        self.killed.append(self.kills[len(self.killed)])
        self._forget(process)
        return None

    def _start(self) -> ForkedOutpost:
        environment: dict[str, str] = {}
        if len(self.killed) < len(self.kills):
            environment[VARIABLE] = self.kills[len(self.killed)]
        if self.trace is not None:
            environment[TRACE] = self.trace
        config = {
            "database": self.database,
            "nodes": self.chain.urls,
            "chain_id": CHAIN_ID,
            "key": KEY,
            "holder": "one",
            "lease_seconds": 3600,  # a renewal would be a point that only slow machines pass
            "policy": POLICY,
        }
        self._process = ForkedOutpost(config, environment)
        return self._process

    def _forget(self, process: ForkedOutpost) -> None:
        self.heard += process.heard
        process.close()
        self._process = None


def _attempts(intents: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for intent in intents:
        for slot in intent["slots"]:
            yield from slot["attempts"]


def _comparable(intent: Mapping[str, Any]) -> object:
    slots = [
        (slot["nonce"], slot["state"], [(each["kind"], each["state"]) for each in slot["attempts"]])
        for slot in intent["slots"]
    ]
    return intent["key"], intent["state"], intent["step"], intent["hold"], slots
