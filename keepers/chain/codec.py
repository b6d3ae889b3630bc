"""Encoding and decoding of contract calls and events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, ParamSpec, TypeVar, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from eth_utils.address import to_checksum_address

from keepers.chain.abi import all_functions, entry
from keepers.chain.responses import GET_RECEIPT
from keepers.model.chain import ContractCall, Log
from keepers.model.errors.chain import BadAnswerError, ContractMissingError

T = TypeVar("T")
P = ParamSpec("P")
WORD = 32
ZERO_ADDRESS = "0x" + "00" * 20


@dataclass(frozen=True, slots=True)
class ContractFunction:
    """A function of a contract."""

    contract: str
    name: str
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def encode(self, *arguments: object) -> bytes:
        """Return the data of a call."""
        return self.selector + encode(self.inputs, arguments)

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """Decode the answer of a call."""
        return decode(self.outputs, data)


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """Call of a function at an address, with the conversion of its answer."""

    function: ContractFunction
    target: str
    data: bytes
    convert: Callable[[tuple[Any, ...]], T]

    @property
    def contract_call(self) -> ContractCall:
        """The call as it goes into a transaction."""
        return ContractCall(self.target, f"0x{self.data.hex()}")

    def read(self, answer: bytes) -> T:
        """Decode the answer.

        Raises:
            ContractMissingError: The answer has another form, as from an address without code.
        """
        try:
            return self.convert(self.function.decode(answer))
        except (DecodingError, ValueError, OverflowError) as error:
            raise ContractMissingError(self.function.contract, self.target) from error


@cache
def function(contract: str, name: str) -> ContractFunction:
    """Return a function of a contract in `abi/`."""
    abi = cast("Any", entry(contract, "function", name))
    return ContractFunction(
        contract,
        name,
        function_abi_to_4byte_selector(abi),
        tuple(get_abi_input_types(abi)),
        tuple(get_abi_output_types(abi)),
    )


@dataclass(frozen=True, slots=True)
class ContractEvent:
    """An event of a contract; `kinds` are the types of its data, which is not indexed."""

    contract: str
    name: str
    topic: str
    kinds: tuple[str, ...]

    def is_in(self, log: Log, emitter: str) -> bool:
        """Return whether a log is this event of a contract at an address."""
        return log.topics[:1] == (self.topic,) and same(log.address, emitter)

    def decode(self, log: Log) -> tuple[Any, ...]:
        """Decode the data of a log.

        Raises:
            BadAnswerError: The data has another form.
        """
        try:
            return decode(self.kinds, to_bytes(log.data))
        except (DecodingError, ValueError, OverflowError):
            raise BadAnswerError(GET_RECEIPT, "an event of an unexpected form") from None

    def decode_of(self, log: Log) -> tuple[Any, ...]:
        """Decode the data of a log from a contract that has this event.

        Raises:
            ContractMissingError: The data has another form, so another contract is at the address.
        """
        try:
            return decode(self.kinds, to_bytes(log.data))
        except DecodingError:
            raise ContractMissingError(self.contract, log.address) from None


@cache
def event(contract: str, name: str) -> ContractEvent:
    """Return an event of a contract in `abi/`."""
    abi = entry(contract, "event", name)
    kinds = get_abi_input_types(cast("Any", abi))
    return ContractEvent(
        contract,
        name,
        f"0x{event_abi_to_log_topic(cast('Any', abi)).hex()}",
        tuple(kind for kind, each in zip(kinds, abi["inputs"], strict=True) if not each["indexed"]),
    )


def event_topic(contract: str, name: str) -> str:
    """Return the first topic of a contract's event, in hexadecimal."""
    return event(contract, name).topic


def to_bytes(text: str) -> bytes:
    """Return the bytes of hexadecimal text, with or without `0x`."""
    return bytes.fromhex(text.removeprefix("0x"))


def same(one: str, other: str) -> bool:
    """Return whether two addresses or hashes are equal, ignoring case."""
    return one.lower() == other.lower()


def account_word(address: str) -> bytes:
    """Return an address as a word."""
    return to_bytes(address).rjust(WORD, b"\0")


def account_topic(address: str) -> str:
    """Return an address as a topic."""
    return f"0x{account_word(address).hex()}"


def number_topic(number: int) -> str:
    """Return a number as a topic."""
    return f"0x{number.to_bytes(WORD, 'big').hex()}"


def account_in(topic: str) -> str:
    """Return the account in a topic, with its checksum.

    Raises:
        ValueError: The topic is not of 20 bytes or more.
    """
    return to_checksum_address(f"0x{topic[-40:]}")


def first(values: tuple[Any, ...]) -> Any:  # noqa: ANN401 - of the ABI's type
    """Return the only value of an answer."""
    return values[0]


def address(values: tuple[Any, ...]) -> str:
    """Return the only value of an answer, an address, with its checksum."""
    return to_checksum_address(values[0])


def addresses(values: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the only value of an answer, a list of addresses, with their checksums."""
    return tuple(map(to_checksum_address, values[0]))


def pair(values: tuple[Any, ...]) -> tuple[int, int]:
    """Return the first two numbers of an answer."""
    return values[0], values[1]


def elements(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the only value of an answer, a list, as a tuple."""
    return tuple(values[0])


def nothing(values: tuple[Any, ...]) -> None:
    """Discard the answer of a function that returns nothing."""
    del values


@dataclass(frozen=True, slots=True)
class Contract:
    """Contract at an address; the class has the name of its interface file in `abi/`."""

    address: str

    def _call(
        self,
        name: str,
        *arguments: object,
        convert: Callable[[tuple[Any, ...]], T] = first,
    ) -> Call[T]:
        described = function(type(self).__name__, name)
        return Call(described, self.address, described.encode(*arguments), convert)


class Method(Generic[P, T]):
    """Function of a contract: the types of its arguments and answer, and its ABI name."""

    def __init__(self, name: str, convert: Callable[[tuple[Any, ...]], T] = first) -> None:
        self._name = name
        self._convert = convert

    def __get__(self, contract: Contract, owner: type[Contract]) -> Callable[P, Call[T]]:
        """Bind to the contract's address."""
        described = function(owner.__name__, self._name)

        def call(*arguments: P.args, **_: P.kwargs) -> Call[T]:
            return Call(described, contract.address, described.encode(*arguments), self._convert)

        return call


SELECTOR_BYTES = 4


@dataclass(frozen=True, slots=True)
class DescribedCall:
    """Name of a function, with its arguments as texts by name."""

    function: str
    arguments: tuple[tuple[str, str], ...]


def describe_call(calldata: str) -> DescribedCall | None:
    """Return the function and arguments of a call; None if unknown or without data."""
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
