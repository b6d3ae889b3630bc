"""Lanes through the exchange: its networks, and quotes of a deposit and withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from keepers.bridges.arrival import InboxLane
from keepers.bridges.exchange.client import CONFIGURATION, NAME, ExchangeClient
from keepers.bridges.http import Reader
from keepers.bridges.lane import quote_tariff
from keepers.model.bridge import BridgeQuote, CrossingRequest, Tariff
from keepers.model.errors.transfers import BridgeRefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLane(InboxLane):
    """Lane through the exchange.

    Attributes:
        source_network: The exchange's name of the source, such as `ARBITRUM`.
        destination_network: The exchange's name of the destination, such as `ETH`.
        deposit_address: Address that our route on the source pays, as reported by the exchange.
        unlock_seconds: Usual time until a deposit can be withdrawn.
    """

    source_network: str
    destination_network: str
    deposit_address: str
    unlock_seconds: Fraction = Fraction(20 * 60)


READER = Reader(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One asset on one network; amounts in whole tokens.

    Attributes:
        deposits: Whether deposits are open, the default; likewise `withdrawals`.
        busy: Whether the network is reported as busy.
        step: Withdrawals are multiples of the step; 0 if there is none.
        fee: Fee of each withdrawal.
        note: The exchange's note about a suspension.
    """

    deposits: bool
    withdrawals: bool
    busy: bool
    fee: Fraction
    step: Fraction
    minimum: Fraction
    maximum: Fraction
    minutes: Fraction
    note: str


async def fetch_networks(client: ExchangeClient, asset: str) -> dict[str, Network]:
    """Return the networks of an asset by the exchange's names.

    Raises:
        BridgeRefusedError: The exchange does not list the asset.
    """
    rows = READER.rows(await client.get(CONFIGURATION), "coins")
    coins = [row for row in rows if row.get("coin") == asset]
    if not coins:
        raise BridgeRefusedError(NAME, "no coin", f"it does not know {asset}")
    listed = READER.rows(coins[0].get("networkList"), "networkList")
    return {READER.text(each, "network"): _network(each) for each in listed}


def _network(row: Mapping[str, Any]) -> Network:
    return Network(
        deposits=row.get("depositEnable") is not False,
        withdrawals=row.get("withdrawEnable") is not False,
        busy=row.get("busy") is True,
        fee=READER.number(row.get("withdrawFee"), "withdrawFee"),
        step=READER.number(row.get("withdrawIntegerMultiple", "0"), "withdrawIntegerMultiple"),
        minimum=READER.number(row.get("withdrawMin"), "withdrawMin"),
        maximum=READER.number(row.get("withdrawMax"), "withdrawMax"),
        minutes=READER.number(row.get("estimatedArrivalTime", 0), "estimatedArrivalTime"),
        note=str(row.get("withdrawDesc") or row.get("depositDesc") or "")[:120],
    )


def quote_exchange(
    lane: ExchangeLane,
    networks: dict[str, Network],
    request: CrossingRequest,
    left_today: Fraction,
    reason: str = "it does not list the network",
) -> BridgeQuote:
    """Quote a deposit that can be withdrawn whole and delivers the requested amount."""
    there = networks.get(lane.destination_network)
    here = networks.get(lane.source_network)
    if there is None or here is None:
        return _closed(reason)
    tariff = tariff_of(lane, there, left_today)
    return quote_tariff(
        lane,
        tariff,
        request,
        seconds=lane.unlock_seconds + there.minutes * 60,
        fallback=True,
        objection=lambda send: objection(here, there) or _too_little(send, tariff),
    )


def tariff_of(lane: ExchangeLane, there: Network, left_today: Fraction) -> Tariff:
    """Return the fee and bounds of a withdrawal, in units of the source, rounded against us."""
    unit = 10**lane.source_decimals
    step = there.step * unit
    minimum, fee = (-(-each * unit // 1) for each in (there.minimum, there.fee))
    return Tariff(
        fixed=int(fee),
        step=max(1, lane.common_step, int(-(-step // 1))),
        minimum=int(minimum),
        maximum=int(min(there.maximum, left_today) * unit // 1),
    )


def objection(here: Network, there: Network) -> str:
    """Return why the exchange cannot be used now; empty if it can."""
    if not here.deposits:
        return f"deposits are suspended{_because(here)}"
    if not there.withdrawals:
        return f"withdrawals are suspended{_because(there)}"
    if there.busy:
        return "the network is busy"
    return ""


def _too_little(send: int, tariff: Tariff) -> str:
    if send > 0 and send >= tariff.minimum:
        return ""
    return "the rest of the daily limit is below the minimum withdrawal"


def _because(network: Network) -> str:
    return f": {network.note}" if network.note else ""


def _closed(reason: str) -> BridgeQuote:
    return BridgeQuote(
        send=0,
        receive=0,
        fee=0,
        minimum=0,
        maximum=0,
        seconds=Fraction(0),
        whole=False,
        fallback=True,
        unavailable=reason,
    )
