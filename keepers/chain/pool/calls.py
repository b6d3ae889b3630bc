"""Calls on the best node's newest block: gas estimates, simulations, revert reasons."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from keepers.chain.node import Node
from keepers.chain.responses import as_bytes, as_list, as_object, as_quantity, as_text
from keepers.model.chain import AccessList, ContractCall
from keepers.model.chain_view import Estimate
from keepers.model.errors.chain import CallRevertedError, ChainError

CALL = "eth_call"
ESTIMATE = "eth_estimateGas"
CREATE_LIST = "eth_createAccessList"
NO_LIST: AccessList = ()


async def estimate_gas(node: Node, sender: str, call: ContractCall, value: int) -> Estimate:
    """Estimate the gas of a call, with the node's access list if that is cheaper.

    Raises:
        CallRevertedError: The call would revert.
    """
    request = request_of(sender, call, value)
    gas, proposed = await asyncio.gather(
        node.quantity(ESTIMATE, request), _proposed_list(node, request)
    )
    if not proposed:
        return Estimate(gas, NO_LIST)
    try:
        with_list = await node.quantity(ESTIMATE, request | {"accessList": _written(proposed)})
    except ChainError:
        return Estimate(gas, NO_LIST)
    return Estimate(with_list, proposed) if with_list < gas else Estimate(gas, NO_LIST)


async def simulate_call(node: Node, sender: str, call: ContractCall, value: int, gas: int) -> bytes:
    """Simulate a call with a gas limit; return its result.

    Raises:
        CallRevertedError: The call reverts.
    """
    request = request_of(sender, call, value) | {"gas": hex(gas)}
    return as_bytes(await node.ask(CALL, request, "latest"), CALL)


def request_of(sender: str, call: ContractCall, value: int) -> dict[str, Any]:
    """Return a call as a JSON-RPC object."""
    return {"from": sender, "to": call.target, "data": call.calldata, "value": hex(value)}


async def _proposed_list(node: Node, request: Mapping[str, Any]) -> AccessList:
    """Return a node's access list; empty if it is empty or unsupported."""
    try:
        answer = as_object(await node.ask(CREATE_LIST, request, "latest"), CREATE_LIST)
        if answer.get("error") is not None:
            return NO_LIST
        return tuple(map(_entry, as_list(answer.get("accessList"), CREATE_LIST)))
    except ChainError:
        return NO_LIST


def _entry(raw: object) -> tuple[str, tuple[str, ...]]:
    entry = as_object(raw, CREATE_LIST)
    # Nodes write slots differently; in a transaction, a slot has 32 bytes.
    keys = (
        as_quantity(each, CREATE_LIST) for each in as_list(entry.get("storageKeys"), CREATE_LIST)
    )
    address = as_text(entry.get("address"), CREATE_LIST)
    return address, tuple(f"0x{each:064x}" for each in keys)


def _written(access_list: AccessList) -> list[dict[str, Any]]:
    return [{"address": address, "storageKeys": list(keys)} for address, keys in access_list]


def call_of(raw: str) -> ContractCall:
    """Return the call of a signed transaction."""
    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    return ContractCall(HexBytes(fields["to"]).to_0x_hex(), HexBytes(fields["data"]).to_0x_hex())


def value_of(raw: str) -> int:
    """Return the value of a signed transaction, in wei."""
    return int(TypedTransaction.from_bytes(HexBytes(raw)).as_dict()["value"])


async def explain_revert(node: Node, sender: str, raw: str, block: int) -> str:
    """Return the reason of a revert, by a repeated call on the state before the block.

    If a node cannot repeat the transaction, the returned text says so.
    """
    request = request_of(sender, call_of(raw), value_of(raw))
    try:
        await node.ask("eth_call", request, hex(block - 1))
    except CallRevertedError as error:
        return str(error)
    except ChainError as error:
        return f"reverted; reason not available: {error}"
    return "reverted; a repeated call succeeds: it ran out of gas, or the state has changed since"
