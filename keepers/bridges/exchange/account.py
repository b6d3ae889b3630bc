"""The account at the exchange: the rights of its key, and its withdrawal addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from keepers.bridges.exchange.client import NAME, ExchangeClient
from keepers.bridges.exchange.lane import ExchangeLane
from keepers.bridges.http import Reader
from keepers.bridges.lane import Condition

RESTRICTIONS = "account/apiRestrictions"
ADDRESSES = "capital/withdraw/address/list"
READING, WITHDRAWALS = "enableReading", "enableWithdrawals"
RIGHTS = ("enable", "permits")
"""Prefixes of field names that are rights."""

READER = Reader(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """Rights of a key.

    Attributes:
        is_bound: Whether it works only from listed IP addresses.
        others: The exchange's names of rights other than reading and withdrawing.
    """

    reading: bool
    withdrawals: bool
    is_bound: bool
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """Withdrawal address in the account's address book.

    Attributes:
        coin: Coin of the address; empty for all.
        network: The exchange's network name; empty for all.
        is_trusted: Whether it is on the list that withdrawals are restricted to.
    """

    address: str
    coin: str
    network: str
    is_trusted: bool


async def fetch_rights(client: ExchangeClient) -> KeyRights:
    """Return the rights of the key; may raise a `BridgeError`."""
    fields = READER.fields(await client.get(RESTRICTIONS), "rights")
    granted = {name for name, value in fields.items() if name.startswith(RIGHTS) and value is True}
    return KeyRights(
        reading=READING in granted,
        withdrawals=WITHDRAWALS in granted,
        is_bound=fields.get("ipRestrict") is True,
        others=tuple(sorted(granted - {READING, WITHDRAWALS})),
    )


async def fetch_addresses(client: ExchangeClient) -> tuple[ListedAddress, ...]:
    """Return the withdrawal addresses of the account; may raise a `BridgeError`."""
    return tuple(
        ListedAddress(
            READER.text(row, "address"),
            str(row.get("coin") or ""),
            str(row.get("network") or ""),
            row.get("whiteStatus") is True,
        )
        for row in READER.rows(await client.get(ADDRESSES), "addresses")
    )


async def exchange_conditions(
    client: ExchangeClient, ours: Sequence[ExchangeLane], used: Sequence[ExchangeLane]
) -> tuple[Condition, ...]:
    """Check the rights of the key, and the list of withdrawal addresses.

    Args:
        client: Client of the exchange.
        ours: All lanes through the exchange; only their inboxes may be on the list.
        used: The lanes in use; their inboxes must be on the list.

    Raises:
        BridgeError: The exchange does not respond.
    """
    rights, listed = await asyncio.gather(fetch_rights(client), fetch_addresses(client))
    return rights_condition(rights), addresses_condition(ours, used, listed)


def rights_condition(rights: KeyRights) -> Condition:
    """Check that a key can read and withdraw, only from our machines, and do nothing else."""
    problems: list[str] = []
    if not rights.reading or not rights.withdrawals:
        problems.append("the key lacks the right to read or to withdraw; grant both")
    if not rights.is_bound:
        problems.append("the key works from any address; restrict it to the keepers' addresses")
    if rights.others:
        names = ", ".join(rights.others)
        problems.append(f"the key has more rights than required; remove {names}")
    return Condition("; ".join(problems), "the key may only read and withdraw")


def addresses_condition(
    ours: Sequence[ExchangeLane], used: Sequence[ExchangeLane], listed: Sequence[ListedAddress]
) -> Condition:
    """Check that withdrawals, even with a stolen key, can go only to our inboxes."""
    wanted = {(each.inbox.lower(), each.asset, each.destination_network) for each in used}
    missing = sorted(
        f"{inbox} for {asset} on {network}"
        for inbox, asset, network in wanted
        if not any(_is_for(each, inbox, asset, network) for each in listed)
    )
    inboxes = {each.inbox.lower() for each in ours}
    unknown = sorted({each.address for each in listed if each.address.lower() not in inboxes})
    problems: list[str] = []
    if missing:
        problems.append(f"its withdrawal addresses lack our inboxes {', '.join(missing)}; add them")
    if unknown:
        problems.append(
            f"it may withdraw to {', '.join(unknown)}, which is not one of our inboxes; remove it"
        )
    fine = f"its withdrawal addresses are exactly our {len(inboxes)} inboxes"
    return Condition("; ".join(problems), fine)


def _is_for(listed: ListedAddress, inbox: str, asset: str, network: str) -> bool:
    return (
        listed.is_trusted
        and listed.address.lower() == inbox
        and listed.coin in {"", asset}
        and listed.network in {"", network}
    )
