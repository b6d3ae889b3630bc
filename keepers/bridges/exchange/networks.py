"""Assets and networks of the exchange, as it says they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from keepers.bridges.exchange.client import CONFIGURATION, NAME, ExchangeClient
from keepers.bridges.responses import Reader
from keepers.model.errors.bridges import BridgeRefusedError

READER = Reader(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One asset on one network; amounts in whole tokens.

    Attributes:
        deposits: Whether deposits are admitted; so they are where it does not say, as withdrawals.
        busy: Whether the exchange says that the network is busy.
        step: Withdrawals are whole multiples of it; 0 where it does not say.
        fee: Taken from each withdrawal.
        note: What it tells its customers of a suspension.
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
    """The networks of an asset by the exchange's names for them.

    Raises:
        BridgeRefusedError: It does not have the asset.
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
