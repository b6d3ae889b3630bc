"""What of earlier deposits the exchange still has, when withdrawals take the oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from keepers.bridges.exchange.client import DEPOSITS, WITHDRAWALS, ExchangeClient
from keepers.bridges.exchange.deposits import DONE, LOCKED
from keepers.bridges.exchange.lane import READER
from keepers.bridges.exchange.withdrawals import BROKEN

MOST_DAYS = timedelta(days=89)
"""The exchange looks at no longer time in one answer."""

PER_TOKEN = 10**8
"""Amounts here are in hundred-millionths of a token, the finest that the exchange writes."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """Something that came in: by which network, and how much of it is there."""

    network: str
    amount: int


def outstanding(deposits: Sequence[Deposit], withdrawn: int) -> tuple[Deposit, ...]:
    """What is left of each deposit.

    Args:
        deposits: Oldest first.
        withdrawn: The sum of all withdrawals.
    """
    left: list[Deposit] = []
    for deposit in deposits:
        taken = min(deposit.amount, withdrawn)
        withdrawn -= taken
        if taken < deposit.amount:
            left.append(replace(deposit, amount=deposit.amount - taken))
    return tuple(left)


async def fetch_outstanding(
    client: ExchangeClient, asset: str, now: datetime
) -> tuple[Deposit, ...]:
    """What the exchange still has of an asset's deposits of the last months, for people."""
    since = int((now - MOST_DAYS).timestamp() * 1000)
    query = {"coin": asset, "startTime": since}
    came = READER.rows(await client.get(DEPOSITS, query), "deposits")
    went = READER.rows(await client.get(WITHDRAWALS, query), "withdrawals")
    counted = sorted(
        (row for row in came if row.get("status") in {DONE, LOCKED}),
        key=lambda row: READER.whole(row.get("insertTime"), "insertTime"),
    )
    deposits = [Deposit(READER.text(row, "network"), _amount(row, "amount")) for row in counted]
    gone = [row for row in went if row.get("status") not in BROKEN]
    withdrawn = sum(_amount(row, "amount") + _amount(row, "transactionFee") for row in gone)
    return outstanding(deposits, withdrawn)


def _amount(row: Mapping[str, Any], name: str) -> int:
    return int(READER.number(row.get(name, 0), name) * PER_TOKEN)
