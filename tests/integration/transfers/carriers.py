"""Bridges of the keepers on the local network, and helpers that send a transfer over one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any, TypeAlias

from pydantic import SecretStr
from web3.types import TxReceipt

from keepers.bridges.cctp.bridge import CctpBridge
from keepers.bridges.cctp.iris import Iris
from keepers.bridges.cctp.lane import CctpLane
from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.custodial.bridge import CustodialBridge, CustodialLane
from keepers.bridges.custodial.service import Custodian
from keepers.bridges.exchange.bridge import ExchangeBridge
from keepers.bridges.exchange.client import ExchangeClient
from keepers.bridges.exchange.lane import ExchangeLane
from keepers.bridges.http import JsonService
from keepers.bridges.oft.bridge import OftBridge
from keepers.bridges.oft.lane import OftLane
from keepers.bridges.oft.scan import Scan
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.model.bridge import CrossingRequest, Departure
from keepers.model.transfer import TransferTerms
from keepers.runtime.process.system_clock import SystemClock
from scripts.deployment.treasury.settings import word
from scripts.network.bridging.local import EXCHANGE_KEY, EXCHANGE_SECRET
from tests.integration.transfers.treasuries import Treasuries

Carrier: TypeAlias = CctpBridge | OftBridge | ExchangeBridge | CustodialBridge


@dataclass(frozen=True)
class Way:
    """Route from one chain to another, from the records of both."""

    source: dict[str, Any]
    destination: dict[str, Any]
    here: dict[str, Any]
    there: dict[str, Any]

    @property
    def base(self) -> dict[str, Any]:
        """Fields of every lane."""
        asset = self.here["asset"]
        return {
            "asset": asset,
            "source": self.source["chain_id"],
            "destination": self.destination["chain_id"],
            "source_route": self.here["address"],
            "destination_route": self.there["address"],
            "source_decimals": self.source["assets"][asset]["decimals"],
            "destination_decimals": self.destination["assets"][asset]["decimals"],
        }

    @property
    def inbox(self) -> dict[str, Any]:
        """Fields of a lane that ends in an inbox."""
        token = self.destination["assets"][self.here["asset"]]["address"]
        return self.base | {"token": token, "inbox": self.there["inbox"]}


def ways(treasuries: Treasuries, name: str) -> Iterator[Way]:
    """Yield the routes with this name in every direction."""
    records = [treasuries.record(chain) for chain in treasuries.chains]
    for source, destination in permutations(records, 2):
        there = {each["asset"]: each for each in destination["routes"] if each["name"] == name}
        for route in source["routes"]:
            if route["name"] == name:
                yield Way(source, destination, route, there[route["asset"]])


def cctp_lane(way: Way, *, fast: bool = False) -> CctpLane:
    """Return a lane of USDC over CCTP."""
    return CctpLane(
        **way.base,
        source_domain=way.here["domain"],
        destination_domain=way.there["domain"],
        transmitter=way.here["transmitter"],
        fast=fast,
    )


def oft_lane(way: Way) -> OftLane:
    """Return a lane of USDT over LayerZero."""
    return OftLane(**way.base, source_oft=way.here["oft"], destination_oft=way.there["oft"])


def exchange_lane(way: Way) -> ExchangeLane:
    """Return a lane through the exchange."""
    return ExchangeLane(
        **way.inbox,
        source_network=way.here["network"],
        destination_network=way.there["network"],
        deposit_address=way.here["deposit_address"],
    )


def custodial_lane(way: Way) -> CustodialLane:
    """Return a lane through the custodian."""
    return CustodialLane(**way.inbox)


@asynccontextmanager
async def open_carriers(
    treasuries: Treasuries, *, fast: bool = False
) -> AsyncGenerator[dict[str, Carrier]]:
    """Yield the four bridges by name."""
    bridges, clock = treasuries.bridges, SystemClock()
    rpcs = {chain.chain_id: Rpc(chain.url) for chain in treasuries.chains.values()}
    chains = {
        chain.chain_id: ChainReader(rpcs[chain.chain_id], chain.addresses.multicall3, Reverts({}))
        for chain in treasuries.chains.values()
    }
    urls = {name: JsonService(name=name, url=url) for name, url in bridges.urls.items()}
    client = ExchangeClient(
        SecretStr(EXCHANGE_KEY), SecretStr(EXCHANGE_SECRET), url=bridges.exchange.url
    )
    exchange = tuple(map(exchange_lane, ways(treasuries, "EXCHANGE")))
    custodial = tuple(map(custodial_lane, ways(treasuries, "CUSTODIAN")))
    cctp = tuple(cctp_lane(way, fast=fast) for way in ways(treasuries, "CCTP"))
    oft = tuple(map(oft_lane, ways(treasuries, "OFT")))
    try:
        yield {
            "CCTP": CctpBridge(Iris(urls["attestation"], clock), chains, cctp),
            "OFT": OftBridge(Scan(urls["scan"]), chains, oft),
            "EXCHANGE": ExchangeBridge(client, clock, chains, exchange),
            "CUSTODIAN": CustodialBridge(Custodian(urls["custodian"]), chains, custodial),
        }
    finally:
        await client.close()
        for rpc in rpcs.values():
            await rpc.close()


@dataclass(frozen=True)
class Order:
    """Transfer requested by a test; `wanted` is in units of the destination."""

    route: str
    asset: str
    source: str
    destination: str
    wanted: int
    nonce: int = 1

    def after(self, count: int) -> Order:
        """Return the same transfer with a nonce that is higher by `count`."""
        return replace(self, nonce=self.nonce + count)


@dataclass(frozen=True)
class Sent:
    """Transfer that was sent."""

    order: Order
    terms: TransferTerms
    departure: Departure
    options: bytes

    @property
    def transfer(self) -> tuple[object, ...]:
        """Transfer as an argument of the treasuries' functions."""
        return as_tuple(self.terms)


async def send(treasuries: Treasuries, carrier: Carrier, order: Order) -> Sent:
    """Quote the order, and send it from the source's treasury."""
    source, destination = (treasuries.chains[each] for each in (order.source, order.destination))
    quote = await carrier.quote(
        CrossingRequest(
            asset=order.asset,
            source=source.chain_id,
            destination=destination.chain_id,
            receive=order.wanted,
        )
    )
    assert not quote.unavailable, quote.unavailable
    terms = TransferTerms(
        source_chain=source.chain_id,
        source_treasury=treasuries.contract(order.source).address,
        destination_chain=destination.chain_id,
        destination_treasury=treasuries.contract(order.destination).address,
        asset=order.asset,
        amount=quote.send,
        min_received=quote.receive,
        route=order.route,
        nonce=order.nonce,
    )
    block = destination.web3.eth.block_number
    receipt = treasuries.send(
        order.source, "sendToBridge", as_tuple(terms), quote.options, value=quote.native_fee
    )
    departure = await departed(treasuries, order, terms, receipt, block)
    return Sent(order, terms, departure, quote.options)


async def departed(
    treasuries: Treasuries, order: Order, terms: TransferTerms, receipt: TxReceipt, block: int
) -> Departure:
    """Return the departure as a keeper reads it from the chain."""
    chain = treasuries.chains[order.source]
    rpc = Rpc(chain.url)
    try:
        reader = ChainReader(rpc, chain.addresses.multicall3, Reverts({}))
        found = await reader.receipt(receipt["transactionHash"].to_0x_hex())
    finally:
        await rpc.close()
    assert found is not None
    at = datetime.fromtimestamp(chain.timestamp(), UTC)
    return Departure(
        transfer_id=terms.transfer_id,
        terms=terms,
        receipt=found,
        at=at,
        destination_block=block,
    )


def as_tuple(terms: TransferTerms) -> tuple[object, ...]:
    """Return a transfer as an argument of contract functions."""
    return (
        terms.source_chain,
        terms.source_treasury,
        terms.destination_chain,
        terms.destination_treasury,
        word(terms.asset),
        terms.amount,
        terms.min_received,
        word(terms.route),
        terms.nonce,
    )
