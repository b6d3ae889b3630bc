"""What the exchange's key may do, and where the account may withdraw to."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.bridges.exchange.client import NAME, ExchangeClient
from keepers.bridges.responses import Reader

RESTRICTIONS = "account/apiRestrictions"
ADDRESSES = "capital/withdraw/address/list"
READING, WITHDRAWALS = "enableReading", "enableWithdrawals"
RIGHTS = ("enable", "permits")
"""How the names of rights begin."""

READER = Reader(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What a key may do.

    Attributes:
        is_bound: Whether it is good from listed machines alone.
        others: The exchange's names of rights beside reading and withdrawing.
    """

    reading: bool
    withdrawals: bool
    is_bound: bool
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """One of the account's own list of addresses to withdraw to.

    Attributes:
        coin: For which it is; empty for all.
        network: The exchange's name of the network; empty for all.
        is_trusted: Whether it is on the list that withdrawals are restricted to.
    """

    address: str
    coin: str
    network: str
    is_trusted: bool


async def fetch_rights(client: ExchangeClient) -> KeyRights:
    """What the key may do; raises a `BridgeError`."""
    fields = READER.fields(await client.get(RESTRICTIONS), "rights")
    granted = {name for name, value in fields.items() if name.startswith(RIGHTS) and value is True}
    return KeyRights(
        reading=READING in granted,
        withdrawals=WITHDRAWALS in granted,
        is_bound=fields.get("ipRestrict") is True,
        others=tuple(sorted(granted - {READING, WITHDRAWALS})),
    )


async def fetch_addresses(client: ExchangeClient) -> tuple[ListedAddress, ...]:
    """Where the account may withdraw to; raises a `BridgeError`."""
    return tuple(
        ListedAddress(
            READER.text(row, "address"),
            str(row.get("coin") or ""),
            str(row.get("network") or ""),
            row.get("whiteStatus") is True,
        )
        for row in READER.rows(await client.get(ADDRESSES), "addresses")
    )
