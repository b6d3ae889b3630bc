"""Whether the exchange has our deposit, and whether it can be withdrawn yet.

Raw status 6 is "credited but cannot be withdrawn", which others take for done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from keepers.bridges.exchange.client import DEPOSITS, NAME, ExchangeClient
from keepers.bridges.exchange.lane import READER, ExchangeLane
from keepers.chain.codec import same
from keepers.model.bridges.values import Departure, Pending, Stuck, Wait
from keepers.model.errors import NumberError
from keepers.model.numerals import format_units, parse_units

SEEN, DONE, REJECTED, LOCKED, WRONG, UNANSWERED = 0, 1, 2, 6, 7, 8
BEFORE = timedelta(hours=1)
"""The exchange's clock is not ours."""

ASK = "Ask the exchange's support, with the deposit's transaction hash."


async def deposit_obstacle(
    client: ExchangeClient, lane: ExchangeLane, departure: Departure
) -> Pending | Stuck | None:
    """Why a deposit cannot be withdrawn yet; None when it can."""
    since = int((departure.at - BEFORE).timestamp() * 1000)
    query = {"coin": lane.asset, "startTime": since}
    rows = READER.rows(await client.get(DEPOSITS, query), "deposits")
    hash_ = departure.receipt.transaction_hash
    ours = [row for row in rows if same(str(row.get("txId", "")), hash_)]
    if not ours:
        return Pending(Wait.UNSEEN, f"{NAME} has not seen the deposit")
    amount = departure.terms.amount
    equal = [row for row in ours if _units(row, lane) == amount]
    if not equal:
        said = ", ".join(str(row.get("amount")) for row in ours)[:80]
        shown = format_units(amount, lane.source_decimals)
        return Stuck(f"{NAME} says {said} where {shown} was deposited", ASK)
    return _judged(equal[0], lane)


def _judged(row: Mapping[str, Any], lane: ExchangeLane) -> Pending | Stuck | None:
    if row.get("network") != lane.source_network or not same(
        str(row.get("address", "")), lane.deposit_address
    ):
        return Stuck(f"{NAME} booked the deposit on another network or address", ASK)
    shown = str(row.get("confirmTimes", ""))[:20]
    status = READER.whole(row.get("status"), "status")
    states: dict[int, Pending | Stuck | None] = {
        DONE: None,
        LOCKED: Pending(Wait.LOCKED, f"credited, not to be withdrawn yet ({shown})"),
        SEEN: Pending(Wait.CONFIRMING, f"the deposit has {shown} confirmations"),
        UNANSWERED: Stuck(f"{NAME} waits for its customer's confirmation", "Confirm it there."),
        WRONG: Stuck(f"{NAME} calls the deposit wrong", ASK),
        REJECTED: Stuck(f"{NAME} has rejected the deposit", ASK),
    }
    other = Pending(Wait.PROCESSING, f"{NAME} gives the deposit status {status}")
    return states.get(status, other)


def _units(row: Mapping[str, Any], lane: ExchangeLane) -> int | None:
    try:
        return parse_units(str(row.get("amount")), lane.source_decimals)
    except NumberError:
        return None
