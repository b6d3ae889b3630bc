"""What an exchange would deliver: a fixed fee, whole steps, and whether it works at all now."""

from __future__ import annotations

from fractions import Fraction

from keepers.bridges.exchange.lane import ExchangeLane
from keepers.bridges.exchange.networks import Network
from keepers.model.bridges.gross_up import Tariff, to_units, to_units_down
from keepers.model.bridges.values import BridgeQuote, CrossingRequest


def quote_exchange(
    lane: ExchangeLane,
    networks: dict[str, Network],
    request: CrossingRequest,
    left_today: Fraction,
    reason: str = "it does not have the network",
) -> BridgeQuote:
    """What to deposit, so that all of it can be withdrawn and enough arrives."""
    there = networks.get(lane.destination_network)
    here = networks.get(lane.source_network)
    if there is None or here is None:
        return _closed(reason)
    tariff = tariff_of(lane, there, left_today)
    wanted = to_units(request.receive, lane.destination_decimals, lane.source_decimals)
    most = tariff.most()
    send = tariff.least_for(wanted)
    whole = most is None or send <= most
    send = send if most is None or whole else most
    receive = to_units_down(tariff.arriving(send), lane.source_decimals, lane.destination_decimals)
    return BridgeQuote(
        send=send,
        receive=receive,
        fee=tariff.fee(send),
        minimum=tariff.minimum,
        maximum=most,
        seconds=lane.unlock_seconds + there.minutes * 60,
        whole=whole,
        fallback=True,
        unavailable=objection(here, there) or _too_little(send, tariff),
    )


def tariff_of(lane: ExchangeLane, there: Network, left_today: Fraction) -> Tariff:
    """What a withdrawal takes and admits, in units of the source, rounded against us."""
    unit = 10**lane.source_decimals
    step = there.step * unit
    coarse = 10 ** max(0, lane.source_decimals - lane.destination_decimals)
    minimum, fee = (-(-each * unit // 1) for each in (there.minimum, there.fee))
    return Tariff(
        fixed=int(fee),
        step=max(1, coarse, int(-(-step // 1))),
        minimum=int(minimum),
        maximum=int(min(there.maximum, left_today) * unit // 1),
    )


def objection(here: Network, there: Network) -> str:
    """Why the exchange cannot be used now; empty if it can."""
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
    return "what is left of the day's limit is below the least withdrawal"


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
