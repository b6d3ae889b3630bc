"""Values exchanged with a chain: calls, fees, transactions, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

AccessList: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Accounts with storage slots that a transaction names beforehand (EIP-2930), in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Head:
    """A block's header, as far as a keeper needs it."""

    number: int
    block_hash: str
    at: datetime
    base_fee: int


@dataclass(frozen=True, slots=True)
class ContractCall:
    """A call to send: where to, and the data in hexadecimal."""

    target: str
    calldata: str


@dataclass(frozen=True, slots=True)
class ValuedCall:
    """A call with the coins that go along, in wei."""

    call: ContractCall
    value: int = 0


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees that a transaction may pay for a unit of gas, in wei (EIP-1559)."""

    maximum: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A transaction ready to be signed; `value` is the chain's coin that it carries, in wei."""

    chain_id: int
    nonce: int
    call: ContractCall
    gas_limit: int
    fees: Fees
    value: int = 0
    access_list: AccessList = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction: its bytes and its hash in hexadecimal, and who signed."""

    raw: str
    transaction_hash: str
    sender: str


@dataclass(frozen=True, slots=True)
class ActionEvent:
    """The controller's event of an action: `amount` in, `received` out, in the call's units."""

    token: str
    amount: int
    received: int


@dataclass(frozen=True, slots=True)
class Log:
    """An event as it stands in a receipt; topics and data in hexadecimal."""

    address: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A transaction's receipt; without logs when it reverted."""

    transaction_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    effective_gas_price: int
    logs: tuple[Log, ...] = ()
