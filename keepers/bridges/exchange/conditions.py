"""Conditions of an account at the exchange: what its key may do, and where it may withdraw to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from keepers.bridges.condition import Condition
from keepers.bridges.exchange.account import (
    KeyRights,
    ListedAddress,
    fetch_addresses,
    fetch_rights,
)
from keepers.bridges.exchange.client import ExchangeClient
from keepers.bridges.exchange.lane import ExchangeLane


async def exchange_conditions(
    client: ExchangeClient, ours: Sequence[ExchangeLane], used: Sequence[ExchangeLane]
) -> tuple[Condition, ...]:
    """Ask the exchange about its key and its list of withdrawal addresses.

    Args:
        client: Who is asked.
        ours: All lanes through the exchange; their inboxes may be on the list, and nothing else.
        used: The lanes of interest; their inboxes must be on it.

    Raises:
        BridgeError: The exchange does not answer.
    """
    rights, listed = await asyncio.gather(fetch_rights(client), fetch_addresses(client))
    return rights_condition(rights), addresses_condition(ours, used, listed)


def rights_condition(rights: KeyRights) -> Condition:
    """Reading and withdrawing, from our machines, and nothing else."""
    problems: list[str] = []
    if not rights.reading or not rights.withdrawals:
        problems.append("the key may not both read and withdraw; grant it that")
    if not rights.is_bound:
        problems.append("the key is good from any machine; restrict it to the keepers' addresses")
    if rights.others:
        names = ", ".join(rights.others)
        problems.append(f"the key may do more than it has to; take {names} from it")
    return Condition("; ".join(problems), "the key may read and withdraw, no more")


def addresses_condition(
    ours: Sequence[ExchangeLane], used: Sequence[ExchangeLane], listed: Sequence[ListedAddress]
) -> Condition:
    """Our inboxes, and nothing else: what a stolen key could withdraw to."""
    wanted = {(each.inbox.lower(), each.asset, each.destination_network) for each in used}
    missing = sorted(
        f"{inbox} for {asset} on {network}"
        for inbox, asset, network in wanted
        if not any(_is_for(each, inbox, asset, network) for each in listed)
    )
    inboxes = {each.inbox.lower() for each in ours}
    strange = sorted({each.address for each in listed if each.address.lower() not in inboxes})
    problems: list[str] = []
    if missing:
        problems.append(f"its withdrawal addresses lack our inboxes {', '.join(missing)}; add them")
    if strange:
        problems.append(f"it may withdraw to {', '.join(strange)}, no inbox of ours; remove that")
    fine = f"its withdrawal addresses are our {len(inboxes)} inboxes and no other"
    return Condition("; ".join(problems), fine)


def _is_for(listed: ListedAddress, inbox: str, asset: str, network: str) -> bool:
    return (
        listed.is_trusted
        and listed.address.lower() == inbox
        and listed.coin in {"", asset}
        and listed.network in {"", network}
    )
