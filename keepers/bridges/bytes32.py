"""Thirty-two bytes: ids, addresses and topics, as contracts write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from keepers.model.errors.chain import ContractMissingError
from keepers.model.transfer import TransferTerms

WORD = 32
ACCOUNT = 20


def transfer_id(terms: TransferTerms) -> str:
    """The id under which both treasuries know a transfer."""
    return terms.transfer_id


def topic(signature: str) -> str:
    """The first topic of an event."""
    return f"0x{keccak(text=signature).hex()}"


def selector(signature: str) -> bytes:
    """The first four bytes of a call."""
    return keccak(text=signature)[:4]


def account_word(address: str) -> bytes:
    """An address as a word."""
    return bytes.fromhex(address.removeprefix("0x")).rjust(WORD, b"\0")


def account_topic(address: str) -> str:
    """An address as a topic."""
    return f"0x{account_word(address).hex()}"


def number_topic(number: int) -> str:
    """A number as a topic."""
    return f"0x{number.to_bytes(WORD, 'big').hex()}"


def to_bytes(text: str) -> bytes:
    """Bytes of a text with `0x`."""
    return bytes.fromhex(text.removeprefix("0x"))


def same(one: str, other: str) -> bool:
    """Whether two addresses or hashes are the same, however they are written."""
    return one.lower() == other.lower()


def decoded(types: Sequence[str], data: bytes, contract: str, address: str) -> tuple[Any, ...]:
    """What a contract answered or told in an event.

    Raises:
        ContractMissingError: It is not of these types, as from an address without code.
    """
    try:
        return decode(types, data)
    except DecodingError:
        raise ContractMissingError(contract, address) from None
