"""What calldata says, where its function is in an interface that the keeper knows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types

from keepers.chain.abi import all_functions

SELECTOR_BYTES = 4


@dataclass(frozen=True, slots=True)
class DescribedCall:
    """A function with its arguments as texts, by their names."""

    function: str
    arguments: tuple[tuple[str, str], ...]


def describe_call(calldata: str) -> DescribedCall | None:
    """Function and arguments of a call; None where they are not known, or there is no data."""
    data = bytes.fromhex(calldata.removeprefix("0x"))
    abi = _functions().get(data[:SELECTOR_BYTES])
    if abi is None:
        return None
    try:
        values = decode(get_abi_input_types(cast("Any", abi)), data[SELECTOR_BYTES:])
    except (DecodingError, ValueError, OverflowError):
        return None
    names = [each.get("name") or f"#{number}" for number, each in enumerate(abi["inputs"])]
    texts = [_text(value) for value in values]
    return DescribedCall(abi["name"], tuple(zip(names, texts, strict=True)))


@cache
def _functions() -> dict[bytes, dict[str, Any]]:
    return {function_abi_to_4byte_selector(cast("Any", each)): each for each in all_functions()}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_text(each) for each in cast('list[object]', value))}]"
    return str(value)
