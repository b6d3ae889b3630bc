# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Views of deployed contracts, called without web3's formatting of each request.

A deployment compares hundreds of values with the chain, and web3 takes several times as long for a
call as the node. A call that the node refuses is repeated through web3, which returns the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from eth_abi.grammar import ABIType, TupleType, parse
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import RPCEndpoint

CALL = RPCEndpoint("eth_call")


@dataclass(frozen=True)
class View:
    """Selector and types of one view."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def ask(self, web3: Web3, address: str, arguments: Sequence[object]) -> tuple[Any, ...] | None:
        """Return the results with web3's types; None if the node refuses the call."""
        data = self.selector + web3.codec.encode(self.inputs, arguments)
        call = {"to": address, "data": "0x" + data.hex()}
        response = web3.provider.make_request(CALL, [call, "latest"])
        answer = HexBytes(response.get("result") or "0x")
        if not answer:
            return None
        values = web3.codec.decode(self.outputs, answer)
        return tuple(map(_as_web3, map(parse, self.outputs), values))


def view_of(abi: Sequence[dict[str, Any]], name: str, arguments: int) -> View:
    """Return the view of an interface by name and number of arguments.

    Raises:
        LookupError: There is no such view, or more than one.
    """
    found = [
        entry
        for entry in abi
        if entry["type"] == "function"
        and entry["name"] == name
        and len(entry["inputs"]) == arguments
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} functions {name} with {arguments} arguments")
    (entry,) = found
    inputs = tuple(collapse_if_tuple(each) for each in entry["inputs"])
    outputs = tuple(collapse_if_tuple(each) for each in entry["outputs"])
    return View(keccak(text=f"{name}({','.join(inputs)})")[:4], inputs, outputs)


def _as_web3(kind: ABIType, value: object) -> object:
    if kind.is_array:
        return [_as_web3(kind.item_type, each) for each in cast("Sequence[object]", value)]
    if isinstance(kind, TupleType):
        return tuple(map(_as_web3, kind.components, cast("Sequence[object]", value)))
    return to_checksum_address(str(value)) if getattr(kind, "base", "") == "address" else value
