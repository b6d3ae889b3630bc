"""A plan's calls, run in order on the node without being sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keepers.adapters.chain.codec import Call
from keepers.adapters.chain.contracts.controller import AssetController
from keepers.adapters.chain.contracts.multicall3 import Multicall3
from keepers.adapters.chain.node import Answer, Node
from keepers.adapters.chain.rpc import METHOD_NOT_FOUND
from keepers.adapters.chain.typed import as_bytes, as_list, as_object, as_quantity
from keepers.domain.chain import ContractCall
from keepers.domain.errors_chain import (
    BadAnswerError,
    ContractMissingError,
    NodeRefusedError,
    UnsupportedNodeError,
)
from keepers.domain.simulation import FailedCall, Simulation

BUNDLE = "eth_simulateV1"
OVERRIDE = "eth_call"
WITH_OVERRIDE = "eth_call with a state override"
INVALID_PARAMS = -32602
WORD = 32
LACKING = frozenset({METHOD_NOT_FOUND, INVALID_PARAMS, -32000, -32004})
"""Codes with which nodes say that they do not know a method or its parameters."""


class NodeSimulator:
    """The engine's `Simulator`: `eth_simulateV1`, or a call from an overridden keeper account."""

    def __init__(self, node: Node, controller: str) -> None:
        self._node = node
        self._afterwards = AssetController(controller).tier_values()

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Run the calls one after the other as the keeper, then read the tiers.

        Raises:
            UnsupportedNodeError: The node can do it neither way.
        """
        try:
            return await self._by_bundle(sender, calls)
        except NodeRefusedError as error:
            if error.code not in LACKING:
                raise
        return await self._by_override(sender, calls)

    async def _by_bundle(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        wanted = [{"from": sender, "to": each.target, "input": each.calldata} for each in calls]
        last = f"0x{self._afterwards.data.hex()}"
        wanted.append({"from": sender, "to": self._afterwards.target, "input": last})
        request = {"blockStateCalls": [{"calls": wanted}], "validation": False}
        blocks = as_list(await self._node.ask(BUNDLE, request, "latest"), BUNDLE)
        block = as_object(blocks[0] if blocks else None, BUNDLE)
        rows = [as_object(row, BUNDLE) for row in as_list(block.get("calls"), BUNDLE)]
        _require_all(BUNDLE, rows, calls)
        gas = tuple(as_quantity(row.get("gasUsed"), BUNDLE) for row in rows[:-1])
        return self._judge(BUNDLE, [_answer(row) for row in rows], gas)

    async def _by_override(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Multicall3's code stands at the keeper's address, so that it is the one who calls."""
        code = await self._node.code(self._node.multicall3.address)
        if not code:
            raise ContractMissingError("Multicall3", self._node.multicall3.address)
        wanted = [(each.target, True, bytes.fromhex(each.calldata[2:])) for each in calls]
        wanted.append((self._afterwards.target, True, self._afterwards.data))
        call: Call[list[tuple[bool, bytes]]] = Multicall3(sender).aggregate3(wanted)
        request = {"from": sender, "to": sender, "data": f"0x{call.data.hex()}"}
        override = {sender: {"code": f"0x{code.hex()}"}}
        try:
            data = await self._node.ask(OVERRIDE, request, "latest", override)
        except NodeRefusedError as error:
            raise UnsupportedNodeError(WITH_OVERRIDE, error.message) from error
        answers = [Answer(*each) for each in call.read(as_bytes(data, OVERRIDE))]
        _require_all(OVERRIDE, answers, calls)
        return self._judge(OVERRIDE, answers, ())

    def _judge(self, method: str, answers: list[Answer], gas: tuple[int, ...]) -> Simulation:
        *actions, last = answers
        for index, answer in enumerate(actions):
            if not answer.succeeded:
                error = str(self._node.reverts.read(answer.data))
                return Simulation(
                    method=method,
                    gas=gas,
                    received=(),
                    tier_values=None,
                    failed=FailedCall(index, error),
                )
        if not last.succeeded:
            raise self._node.reverts.read(last.data)
        received = tuple(_number(method, answer.data) for answer in actions)
        values = self._afterwards.read(last.data)
        return Simulation(
            method=method, gas=gas, received=received, tier_values=values, failed=None
        )


def _require_all(method: str, answers: Sequence[object], calls: Sequence[ContractCall]) -> None:
    """Every call and the tiers afterwards have an answer, or nothing was simulated."""
    if len(answers) != len(calls) + 1:
        raise BadAnswerError(method, f"{len(answers)} results of {len(calls) + 1} calls")


def _number(method: str, data: bytes) -> int:
    if len(data) < WORD:
        raise BadAnswerError(method, "an action that returns no amount")
    return int.from_bytes(data[:WORD], "big")


def _answer(row: Mapping[str, Any]) -> Answer:
    succeeded = as_quantity(row.get("status"), BUNDLE) == 1
    error = as_object(row.get("error") or {}, BUNDLE)
    text = row.get("returnData") or "0x"
    if not succeeded and text == "0x":
        text = error.get("data") or "0x"
    return Answer(succeeded, as_bytes(text, BUNDLE))
