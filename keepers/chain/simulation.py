"""Simulation: calls that a node runs in order without sending them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from keepers.chain.codec import Call
from keepers.chain.node import CallAnswer, Multicall3, Node
from keepers.chain.responses import as_bytes, as_list, as_object, as_quantity, read_logs
from keepers.chain.rpc import METHOD_NOT_FOUND
from keepers.model.chain import ContractCall, Log, ValuedCall
from keepers.model.errors.chain import (
    BadAnswerError,
    ContractMissingError,
    NodeRefusedError,
    UnsupportedNodeError,
)
from keepers.model.risk import FailedCall

T = TypeVar("T")

BUNDLE = "eth_simulateV1"
OVERRIDE = "eth_call"
WITH_OVERRIDE = "eth_call with a state override"
INVALID_PARAMS = -32602
LACKING = frozenset({METHOD_NOT_FOUND, INVALID_PARAMS, -32000, -32004})
"""Error codes of nodes for an unknown method or unknown parameters."""


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """Results of a dry run: method, results of the calls, and of the reads after them.

    `gas` and `logs` have an entry for each call; both are empty if the method does not report them.
    """

    method: str
    answers: tuple[CallAnswer, ...]
    after: tuple[CallAnswer, ...]
    gas: tuple[int, ...]
    logs: tuple[tuple[Log, ...], ...] = ()


class DryRun:
    """Simulation of calls in order, followed by reads of the resulting state.

    Uses `eth_simulateV1`, or else a call from a keeper's account with overridden code.
    """

    def __init__(self, node: Node, afterwards: Sequence[Call[Any]]) -> None:
        self._node = node
        self._afterwards = tuple(afterwards)

    async def run(
        self,
        sender: str,
        calls: Sequence[ContractCall],
        gas: int | None = None,
        values: Sequence[int] = (),
    ) -> DryRunResult:
        """Run the calls in order as the keeper, then the reads.

        Args:
            sender: The keeper.
            calls: The calls.
            gas: Gas limit of each call, if the method supports one.
            values: Value of each call in wei; none by default.

        Raises:
            UnsupportedNodeError: The node supports neither method.
        """
        try:
            return await self._by_bundle(sender, calls, gas, values)
        except NodeRefusedError as error:
            if error.code not in LACKING:
                raise
            if any(values):
                raise UnsupportedNodeError(BUNDLE, error.message) from error
        return await self._by_override(sender, calls)

    async def _by_bundle(
        self,
        sender: str,
        calls: Sequence[ContractCall],
        gas: int | None,
        values: Sequence[int],
    ) -> DryRunResult:
        reads = [each.contract_call for each in self._afterwards]
        asked = (*calls, *reads)
        wanted = [{"from": sender, "to": each.target, "input": each.calldata} for each in asked]
        if gas is not None:
            for each in wanted[: len(calls)]:
                each["gas"] = hex(gas)
        for each, value in zip(wanted, values, strict=False):
            each["value"] = hex(value)
        request = {"blockStateCalls": [{"calls": wanted}], "validation": False}
        blocks = as_list(await self._node.ask(BUNDLE, request, "latest"), BUNDLE)
        block = as_object(blocks[0] if blocks else None, BUNDLE)
        rows = [as_object(row, BUNDLE) for row in as_list(block.get("calls"), BUNDLE)]
        _require_all(BUNDLE, rows, wanted)
        ran = rows[: len(calls)]
        used = tuple(as_quantity(row.get("gasUsed"), BUNDLE) for row in ran)
        logs = tuple(read_logs(row.get("logs") or [], BUNDLE) for row in ran)
        return _ran(BUNDLE, [_answer(row) for row in rows], len(calls), used, logs)

    async def _by_override(self, sender: str, calls: Sequence[ContractCall]) -> DryRunResult:
        """Run Multicall3's code at the keeper's address, so that the keeper is the caller."""
        code = await self._node.code(self._node.multicall3.address)
        if not code:
            raise ContractMissingError("Multicall3", self._node.multicall3.address)
        wanted = [(each.target, True, bytes.fromhex(each.calldata[2:])) for each in calls]
        wanted += [(each.target, True, each.data) for each in self._afterwards]
        call: Call[list[tuple[bool, bytes]]] = Multicall3(sender).aggregate3(wanted)
        request = {"from": sender, "to": sender, "data": f"0x{call.data.hex()}"}
        override = {sender: {"code": f"0x{code.hex()}"}}
        try:
            data = await self._node.ask(OVERRIDE, request, "latest", override)
        except NodeRefusedError as error:
            raise UnsupportedNodeError(WITH_OVERRIDE, error.message) from error
        answers = [CallAnswer(*each) for each in call.read(as_bytes(data, OVERRIDE))]
        _require_all(OVERRIDE, answers, wanted)
        return _ran(OVERRIDE, answers, len(calls), ())


def read_after(node: Node, call: Call[T], answer: CallAnswer) -> T:
    """Return the answer of a read after the calls.

    Raises:
        CallRevertedError: The read reverted.
    """
    if not answer.succeeded:
        raise node.reverts.read(answer.data)
    return call.read(answer.data)


def first_failure(node: Node, ran: DryRunResult) -> FailedCall | None:
    """Return the first call that reverted, with its reason, or None."""
    for index, answer in enumerate(ran.answers):
        if not answer.succeeded:
            return FailedCall(index, str(node.reverts.read(answer.data)))
    return None


def _ran(
    method: str,
    answers: Sequence[CallAnswer],
    calls: int,
    gas: tuple[int, ...],
    logs: tuple[tuple[Log, ...], ...] = (),
) -> DryRunResult:
    return DryRunResult(method, tuple(answers[:calls]), tuple(answers[calls:]), gas, logs)


def _require_all(method: str, answers: Sequence[object], wanted: Sequence[object]) -> None:
    """Require a result for every call and every read."""
    if len(answers) != len(wanted):
        raise BadAnswerError(method, f"{len(answers)} results of {len(wanted)} calls")


def _answer(row: Mapping[str, Any]) -> CallAnswer:
    succeeded = as_quantity(row.get("status"), BUNDLE) == 1
    error = as_object(row.get("error") or {}, BUNDLE)
    text = row.get("returnData") or "0x"
    if not succeeded and text == "0x":
        text = error.get("data") or "0x"
    return CallAnswer(succeeded, as_bytes(text, BUNDLE))


class TreasurySimulator:
    """Simulator of a treasury's calls on the newest state of one chain."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._dry = DryRun(node, [])

    async def run(self, sender: str, calls: Sequence[ValuedCall]) -> FailedCall | None:
        """Return the first call that reverts, with its reason, or None.

        Raises:
            UnsupportedNodeError: The node cannot simulate calls, or cannot with a value.
            ChainError: The node does not respond.
        """
        values = [each.value for each in calls]
        ran = await self._dry.run(sender, [each.call for each in calls], values=values)
        return first_failure(self._node, ran)
