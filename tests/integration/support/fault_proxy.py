"""JSON-RPC node with the faults that a test defines, in front of a real one.

    proxy.when("eth_sendRawTransaction", drop_reply, times=1)
    proxy.when("eth_getTransactionReceipt", with_fields(blockHash="0x" + "11" * 32))

Rules are tried in order of creation; the first match makes the outcome. Requests without a match
are forwarded. `faults.py` has the faults; any function from `Forward` to `Outcome` is one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from tests.integration.support.call_record import Call, CallRecord
from tests.integration.support.faults import (
    Dropped,
    Failure,
    Fault,
    Gate,
    Outcome,
    Page,
    Result,
)
from tests.integration.support.lagging import lagging
from tests.integration.support.server import DropConnection, serving
from tests.integration.support.upstream import Ask

OK = 200


@dataclass(eq=False)
class Rule:
    """Fault for the requests that match; `left` is None for a permanent one."""

    method: str
    fault: Fault
    left: int | None
    matching: Callable[[list[Any]], bool]
    used: int = 0

    def fits(self, call: Call) -> bool:
        """Return whether the rule applies to a request."""
        return self.method == call.method and self.left != 0 and self.matching(call.params)


@dataclass(eq=False)
class FaultProxy(CallRecord):
    """One of a test's nodes; may be used while requests are in progress."""

    url: str = ""
    ask: Ask = field(kw_only=True)
    head: int | None = None
    problems: list[BaseException] = field(default_factory=list[BaseException])
    _rules: list[Rule] = field(default_factory=list[Rule])

    def when(
        self,
        method: str,
        fault: Fault,
        *,
        times: int | None = None,
        matching: Callable[[list[Any]], bool] = lambda params: True,  # noqa: ARG005 - any
    ) -> Rule:
        """Apply a fault to a method's next requests, or to all; `matching` tests the parameters."""
        rule = Rule(method, fault, times, matching)
        with self._changed:
            self._rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Remove a rule, if it still exists."""
        with self._changed:
            self._rules = [each for each in self._rules if each is not rule]

    def heal(self) -> None:
        """Remove all rules, release held requests, and serve the whole chain."""
        with self._changed:
            rules, self._rules, self.head = self._rules, [], None
        for rule in rules:
            if isinstance(rule.fault, Gate):
                rule.fault.release()

    def lag_at(self, block: int) -> None:
        """Serve the chain only up to a block, until `heal`."""
        self.head = block

    def answer(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Answer an HTTP request, which may have several JSON-RPC requests."""
        del headers
        try:
            return self._answer(json.loads(body))
        except DropConnection:
            raise
        except BaseException as problem:
            self.problems.append(problem)
            raise

    def _answer(self, asked: Any) -> tuple[int, bytes]:
        batch = cast("list[dict[str, Any]]", asked if isinstance(asked, list) else [asked])
        outcomes = [(one["id"], self._outcome(one)) for one in batch]
        for _, outcome in outcomes:
            if isinstance(outcome, Dropped):
                raise DropConnection
            if isinstance(outcome, Page):
                return outcome.status, outcome.body.encode()
        replies = [_reply(number, outcome) for number, outcome in outcomes]
        return OK, json.dumps(replies if isinstance(asked, list) else replies[0]).encode()

    def _outcome(self, asked: dict[str, Any]) -> Outcome:
        call = self.begin(asked["method"], asked.get("params", []))
        with self._changed:
            fault = self._fault(call)

        def forward() -> Outcome:
            call.forwarded = True
            if self.head is None:
                return self.ask(call.method, call.params)
            return lagging(self.ask, self.head, call.method, call.params)

        outcome = forward() if fault is None else fault(forward)
        self.end(call, outcome)
        return outcome

    def _fault(self, call: Call) -> Fault | None:
        rule = next((rule for rule in self._rules if rule.fits(call)), None)
        if rule is None:
            return None
        rule.used += 1
        if rule.left is not None:
            rule.left -= 1
        return rule.fault


def _reply(number: object, outcome: Outcome) -> dict[str, object]:
    head: dict[str, object] = {"jsonrpc": "2.0", "id": number}
    match outcome:
        case Result(value):
            return {**head, "result": value}
        case Failure(code, message, None):
            return {**head, "error": {"code": code, "message": message}}
        case Failure(code, message, data):
            return {**head, "error": {"code": code, "message": message, "data": data}}
        case Page() | Dropped():
            raise AssertionError("not JSON-RPC")


@contextmanager
def fault_proxy(ask: Ask) -> Generator[FaultProxy]:
    """Run a proxy in a thread of this process; requests that it holds are released at the end."""
    proxy = FaultProxy(ask=ask)
    with serving(proxy.answer) as url:
        proxy.url = url
        try:
            yield proxy
        finally:
            proxy.heal()
    assert not proxy.problems, f"a fault of the test failed itself: {proxy.problems}"
