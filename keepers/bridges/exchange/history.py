"""History of the account: our deposits, and withdrawals by order id.

The exchange restricts a search by id to seven days, by default the last seven. A search therefore
covers all weeks since the deposit, so that after a long downtime no order seems "never requested".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from eth_utils.crypto import keccak

from keepers.bridges.exchange.client import DEPOSITS, NAME, WITHDRAWALS, ExchangeClient
from keepers.bridges.exchange.lane import READER, ExchangeLane
from keepers.chain.codec import same
from keepers.model.bridge import Departure, Pending, Stuck, Wait
from keepers.model.errors import NumberError
from keepers.model.errors.transfers import BadBridgeAnswerError, ClockBehindError
from keepers.model.money import format_units, parse_units

WEEK = timedelta(days=7) - timedelta(seconds=1)
BEFORE = timedelta(hours=1)
ID_LENGTH = 32
COMPLETED = 6
CANCELLED, REJECTED, FAILED = 1, 3, 5
BROKEN = frozenset({CANCELLED, REJECTED, FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """One withdrawal; amounts in units of the destination.

    Attributes:
        amount: Amount that arrives.
        fee: Fee that the exchange charges.
        transaction: Transaction hash, empty until known; an internal withdrawal has none.
        internal: Whether it stays inside the exchange.
    """

    remote_id: str
    status: int
    amount: int
    fee: int
    transaction: str
    address: str
    network: str
    internal: bool
    note: str


def order_id(client_key: str) -> str:
    """Return the withdrawal id of a key: 32 letters and digits, deterministic."""
    return keccak(text=client_key).hex()[:ID_LENGTH]


async def find_withdrawals(
    client: ExchangeClient, lane: ExchangeLane, order: str, since: datetime, now: datetime
) -> tuple[Withdrawal, ...]:
    """Return all withdrawals with an id since a time.

    Raises:
        ClockBehindError: The local clock is before that time.
    """
    if since > now + BEFORE:
        raise ClockBehindError(since - now)
    found: dict[str, Withdrawal] = {}
    for start, end in _weeks(since - BEFORE, now + BEFORE):
        query = {
            "coin": lane.asset,
            "withdrawOrderId": order,
            "startTime": _milliseconds(start),
            "endTime": _milliseconds(end),
        }
        for row in READER.rows(await client.get(WITHDRAWALS, query), "withdrawals"):
            if row.get("withdrawOrderId") == order:
                each = _withdrawal(row, lane)
                found[each.remote_id] = each
    return tuple(found.values())


def _weeks(since: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield periods of a week, newest first, where a withdrawal usually is."""
    end = now
    while end > since:
        start = max(since, end - WEEK)
        yield start, end
        end = start


def _withdrawal(row: Mapping[str, Any], lane: ExchangeLane) -> Withdrawal:
    try:
        amount = parse_units(str(row.get("amount")), lane.destination_decimals)
        fee = parse_units(str(row.get("transactionFee", "0")), lane.destination_decimals)
    except NumberError as error:
        raise BadBridgeAnswerError("the exchange", f"amount {error.problem}") from None
    return Withdrawal(
        remote_id=READER.text(row, "id"),
        status=READER.whole(row.get("status"), "status"),
        amount=amount,
        fee=fee,
        transaction=str(row.get("txId") or ""),
        address=str(row.get("address", "")),
        network=str(row.get("network", "")),
        internal=row.get("transferType") in {1, "1"},
        note=str(row.get("info") or "")[:120],
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


SEEN, DONE, DEPOSIT_REJECTED, LOCKED, WRONG, UNANSWERED = 0, 1, 2, 6, 7, 8
CLOCK_SKEW = timedelta(hours=1)
"""Tolerated difference between the exchange's clock and the local clock."""

ASK = "Ask the exchange's support, with the deposit's transaction hash."


async def deposit_obstacle(
    client: ExchangeClient, lane: ExchangeLane, departure: Departure
) -> Pending | Stuck | None:
    """Return what prevents withdrawing a deposit, or None."""
    since = int((departure.at - CLOCK_SKEW).timestamp() * 1000)
    query = {"coin": lane.asset, "startTime": since}
    rows = READER.rows(await client.get(DEPOSITS, query), "deposits")
    hash_ = departure.receipt.transaction_hash
    ours = [row for row in rows if same(str(row.get("txId", "")), hash_)]
    if not ours:
        return Pending(Wait.UNSEEN, f"{NAME} has not seen the deposit")
    amount = departure.terms.amount
    equal = [row for row in ours if _deposited(row, lane) == amount]
    if not equal:
        amounts = ", ".join(str(row.get("amount")) for row in ours)[:80]
        shown = format_units(amount, lane.source_decimals)
        return Stuck(f"{NAME} reports {amounts}, but {shown} was deposited", ASK)
    return _deposit_state(equal[0], lane)


def _deposit_state(row: Mapping[str, Any], lane: ExchangeLane) -> Pending | Stuck | None:
    if row.get("network") != lane.source_network or not same(
        str(row.get("address", "")), lane.deposit_address
    ):
        return Stuck(f"{NAME} booked the deposit on a different network or address", ASK)
    shown = str(row.get("confirmTimes", ""))[:20]
    status = READER.whole(row.get("status"), "status")
    states: dict[int, Pending | Stuck | None] = {
        DONE: None,
        LOCKED: Pending(Wait.LOCKED, f"credited, but not withdrawable yet ({shown})"),
        SEEN: Pending(Wait.CONFIRMING, f"the deposit has {shown} confirmations"),
        UNANSWERED: Stuck(
            f"{NAME} waits for its customer's confirmation", "Confirm it at the exchange."
        ),
        WRONG: Stuck(f"{NAME} reports a wrong deposit", ASK),
        DEPOSIT_REJECTED: Stuck(f"{NAME} has rejected the deposit", ASK),
    }
    other = Pending(Wait.PROCESSING, f"{NAME} reports deposit status {status}")
    return states.get(status, other)


def _deposited(row: Mapping[str, Any], lane: ExchangeLane) -> int | None:
    try:
        return parse_units(str(row.get("amount")), lane.source_decimals)
    except NumberError:
        return None
