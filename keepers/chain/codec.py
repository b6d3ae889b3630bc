"""Contract calls to bytes and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)

from keepers.chain.abi import all_functions, entry
from keepers.model.errors.chain import ContractMissingError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Function:
    """A contract's function."""

    contract: str
    name: str
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def encode(self, *arguments: object) -> bytes:
        """The data of a call."""
        return self.selector + encode(self.inputs, arguments)

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """What a call answered."""
        return decode(self.outputs, data)


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call of a function at an address, and how to read its answer."""

    function: Function
    target: str
    data: bytes
    convert: Callable[[tuple[Any, ...]], T]

    def read(self, answer: bytes) -> T:
        """Read the answer.

        Raises:
            ContractMissingError: It is not of this function, as from an address without code.
        """
        try:
            return self.convert(self.function.decode(answer))
        except (DecodingError, ValueError, OverflowError) as error:
            raise ContractMissingError(self.function.contract, self.target) from error


@cache
def function(contract: str, name: str) -> Function:
    """A function of a contract that the keeper knows."""
    abi = cast("Any", entry(contract, "function", name))
    return Function(
        contract,
        name,
        function_abi_to_4byte_selector(abi),
        tuple(get_abi_input_types(abi)),
        tuple(get_abi_output_types(abi)),
    )


@cache
def event_topic(contract: str, name: str) -> str:
    """The first topic of a contract's event, in hexadecimal."""
    return f"0x{event_abi_to_log_topic(cast('Any', entry(contract, 'event', name))).hex()}"


def first(values: tuple[Any, ...]) -> Any:  # noqa: ANN401 - what the contract answers
    """The only value of an answer."""
    return values[0]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of some kind at an address."""

    address: str

    def _call(
        self,
        name: str,
        *arguments: object,
        convert: Callable[[tuple[Any, ...]], T] = first,
    ) -> Call[T]:
        described = function(type(self).__name__, name)
        return Call(described, self.address, described.encode(*arguments), convert)


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
