"""All four bridges, each guarded, with their local services and simulated chains."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from pydantic import SecretStr

from keepers.bridges.cctp.bridge import CctpBridge
from keepers.bridges.cctp.iris import Iris
from keepers.bridges.custodial.bridge import CustodialBridge
from keepers.bridges.custodial.service import Custodian
from keepers.bridges.exchange.bridge import ExchangeBridge
from keepers.bridges.exchange.client import ExchangeClient
from keepers.bridges.http import JsonService
from keepers.bridges.oft.bridge import OftBridge
from keepers.bridges.oft.scan import Scan
from keepers.model.bridge import CrossingRequest, QuoteAnswer
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.treasury.guarded_bridge import GuardedBridge
from keepers.transfers.machine.dependencies import quote_of
from keepers.transfers.machine.ports import Bridge
from scripts.network.bridging.attestation import AttestationService
from scripts.network.bridging.custodian import CustodianService
from scripts.network.bridging.exchange import ExchangeService
from scripts.network.bridging.scan import ScanService
from scripts.network.bridging.server import Counterpart, running
from tests.integration.bridges import test_cctp, test_custodial, test_exchange, test_oft
from tests.support.bridging import (
    DESTINATION,
    INBOX,
    QUOTE,
    SOURCE,
    PaperChain,
    circle,
    quoting,
)

FOUR = ("CCTP", "OFT", "EXCHANGE", "CUSTODIAN")
LANES = {
    "CCTP": test_cctp.LANE,
    "OFT": test_oft.LANE,
    "EXCHANGE": test_exchange.LANE,
    "CUSTODIAN": test_custodial.LANE,
}
REQUEST_SECONDS = 2
"""Timeout of a request; a good one takes milliseconds, and more on a busy machine."""

ANSWER_SECONDS = 3 * REQUEST_SECONDS
"""Timeout of a bridge, as in the keeper."""

RECEIVE = 5_000_000_000


@dataclass
class Four:
    """The bridges, their services, and the chains that each of them reads.

    Attributes:
        gate: Opened at the end, for held responses.
    """

    bridges: dict[str, Bridge]
    services: dict[str, Counterpart]
    sources: dict[str, PaperChain]
    destinations: dict[str, PaperChain]
    gate: threading.Event = field(default_factory=threading.Event)

    @property
    def routes(self) -> dict[str, str]:
        """Our routes on the source."""
        return {name: lane.source_route for name, lane in LANES.items()}

    def obstruct(self, obstacle: int, *, far: bool) -> None:
        """Make the CCTP route of one chain report a reason why Circle would refuse."""
        lane = LANES["CCTP"]
        if far:
            circle(self.destinations["CCTP"], lane.destination_route, obstacle)
        else:
            circle(self.sources["CCTP"], lane.source_route, obstacle)

    async def quotes(self) -> dict[str, QuoteAnswer]:
        """Request quotes of all bridges at once."""
        asked = (quote_of(self.bridges[name], request_of(name)) for name in FOUR)
        return dict(zip(FOUR, await asyncio.gather(*asked), strict=True))


def request_of(name: str) -> CrossingRequest:
    """Return the request for an amount over a bridge."""
    asset = LANES[name].asset
    return CrossingRequest(asset=asset, source=SOURCE, destination=DESTINATION, receive=RECEIVE)


@asynccontextmanager
async def open_four() -> AsyncGenerator[Four]:
    """Open all four bridges without any fault."""
    async with AsyncExitStack() as stack:
        services = _services()
        for service in services.values():
            stack.enter_context(running(service))
        sources, destinations = ({name: PaperChain() for name in FOUR} for _ in range(2))
        client = ExchangeClient(
            SecretStr("key"),
            SecretStr("secret"),
            url=services["EXCHANGE"].url,
            seconds=REQUEST_SECONDS,
        )
        stack.push_async_callback(client.close)
        four = Four({}, services, sources, destinations)
        stack.callback(four.gate.set)
        clock = SystemClock()
        for each in _bridges(four, client):
            four.bridges[each.name] = GuardedBridge(each, clock, ANSWER_SECONDS)
        yield four


def _services() -> dict[str, Counterpart]:
    exchange = ExchangeService("key", "secret")
    for network in ("ETH", "ARBITRUM"):
        exchange.list_network("USDT", network)
    exchange.addresses["USDT", "ETH"] = test_exchange.DEPOSIT_ADDRESS
    exchange.list_address("USDT", "ARBITRUM", INBOX)
    return {
        "CCTP": AttestationService([Account.from_key(keccak(text="attester"))]),
        "OFT": ScanService(),
        "EXCHANGE": exchange,
        "CUSTODIAN": CustodianService(),
    }


def _bridges(four: Four, client: ExchangeClient) -> tuple[Bridge, ...]:
    clock = SystemClock()
    chains = {
        name: {SOURCE: four.sources[name], DESTINATION: four.destinations[name]} for name in FOUR
    }
    services = {
        name: JsonService(name=name, url=four.services[name].url, seconds=REQUEST_SECONDS)
        for name in FOUR
    }
    for name in ("CCTP", "OFT"):
        four.sources[name].on(LANES[name].source_route, QUOTE, quoting(lambda _: 0))
    for far in (False, True):
        four.obstruct(0, far=far)
    arrival, nothing = "arrivalOf(bytes32,uint256)", encode(["uint256"], [0])
    four.destinations["OFT"].on(LANES["OFT"].destination_route, arrival, lambda _: nothing)
    return (
        CctpBridge(Iris(services["CCTP"], clock), chains["CCTP"], (test_cctp.LANE,)),
        OftBridge(Scan(services["OFT"]), chains["OFT"], (test_oft.LANE,)),
        ExchangeBridge(client, clock, chains["EXCHANGE"], (test_exchange.LANE,)),
        CustodialBridge(
            Custodian(services["CUSTODIAN"]), chains["CUSTODIAN"], (test_custodial.LANE,)
        ),
    )
