"""Bridges of the local network: carriers of the money, and their services.

with open_bridges(network.chains) as bridges:
    ...                         # a treasury sends
    bridges.deliver()           # all transfers advance
    bridges.switches.packets = True
    with bridges.serve():       # or in the background, for interactive use
        ...
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

import requests

from scripts.network.accounts import ATTESTERS, SIGNATURES, test_account
from scripts.network.bridging.attestation import AttestationService
from scripts.network.bridging.attester import Attester
from scripts.network.bridging.custodian import CustodianService
from scripts.network.bridging.custodian_desk import CustodianDesk
from scripts.network.bridging.exchange import ExchangeService
from scripts.network.bridging.exchange_desk import ExchangeDesk
from scripts.network.bridging.feed import Carrier, Feed
from scripts.network.bridging.paying import tokens_of
from scripts.network.bridging.relayer import Relayer
from scripts.network.bridging.scan import ScanService
from scripts.network.bridging.server import Counterpart, running
from scripts.network.bridging.switches import Switches
from scripts.network.chain import LocalChain
from scripts.network.specs import chain_spec

EXCHANGE_KEY, EXCHANGE_SECRET = "local-key", "local-secret"
MILLISECONDS = 1_000
AWAY = (requests.ConnectionError, requests.Timeout)
"""Errors of a node that has stopped or hangs."""


@dataclass
class LocalBridges:
    """Attesters, relayer, exchange and custodian, over running chains.

    Attributes:
        switches: Held-back items.
        now: The exchange's time, in seconds.
    """

    attester: Attester
    relayer: Relayer
    exchange_desk: ExchangeDesk
    custodian_desk: CustodianDesk
    switches: Switches
    feeds: tuple[Feed, ...]
    now: Callable[[], float] = time.time

    @property
    def attestation(self) -> AttestationService:
        """Circle's service of attestations."""
        return self.attester.service

    @property
    def scan(self) -> ScanService:
        """LayerZero's service."""
        return self.relayer.service

    @property
    def exchange(self) -> ExchangeService:
        """The exchange's interface."""
        return self.exchange_desk.service

    @property
    def custodian(self) -> CustodianService:
        """The custodian's interface."""
        return self.custodian_desk.service

    @property
    def services(self) -> dict[str, Counterpart]:
        """All four services by name."""
        return {
            "attestation": self.attestation,
            "scan": self.scan,
            "exchange": self.exchange,
            "custodian": self.custodian,
        }

    @property
    def urls(self) -> dict[str, str]:
        """URLs of the services."""
        return {name: service.url for name, service in self.services.items()}

    def step(self) -> int:
        """Read new events, execute what is possible now, and return the number of actions."""
        self.exchange.now = int(self.now() * MILLISECONDS)
        events = [event for feed in self.feeds for event in feed.fresh()]
        for carrier in self._carriers:
            for event in events:
                carrier.see(event)
        return sum(carrier.act() for carrier in self._carriers)

    def _step_responding_chains(self) -> None:
        """Step an interactive network, whose chains may hang or stop."""
        self.exchange.now = int(self.now() * MILLISECONDS)
        for feed in self.feeds:
            if not feed.answers():
                continue
            with suppress(*AWAY):
                for event in feed.fresh():
                    for carrier in self._carriers:
                        carrier.see(event)
        for carrier in self._carriers:
            with suppress(*AWAY):
                carrier.act()

    def deliver(self) -> int:
        """Step until there is no action left; return the number of actions."""
        moved = 0
        while (step := self.step()) > 0:
            moved += step
        return moved

    def reset(self) -> None:
        """Forget all events until now, after chains were reset."""
        self.switches.reset()
        for carrier in self._carriers:
            carrier.forget()
        for service in self.services.values():
            service.reset()
        for feed in self.feeds:
            feed.wind()

    @contextmanager
    def serve(self, seconds: float = 0.25) -> Generator[Future[None]]:
        """Step in the background at an interval until the context ends.

        A chain that does not respond is read again at the next step, and delays nothing else.
        The yielded future is done when a step failed otherwise; its error is raised at the end.
        """
        stopping = threading.Event()

        def run() -> None:
            while not stopping.wait(seconds):
                self._step_responding_chains()

        with ThreadPoolExecutor(1, "local-bridges") as pool:
            serving = pool.submit(run)
            try:
                yield serving
            finally:
                stopping.set()
        serving.result()

    @property
    def _carriers(self) -> tuple[Carrier, ...]:
        return (self.attester, self.relayer, self.exchange_desk, self.custodian_desk)


@contextmanager
def open_bridges(chains: Mapping[str, LocalChain]) -> Generator[LocalBridges]:
    """Open all bridges over running chains, with their services on free ports."""
    # Separate connections, because bridges run beside other users of the chains.
    own = [replace(chain) for chain in chains.values()]
    bridges = _assemble(own)
    with ExitStack() as stack:
        for service in bridges.services.values():
            stack.enter_context(running(service))
        yield bridges


def _assemble(chains: list[LocalChain]) -> LocalBridges:
    switches = Switches()
    attesters = [test_account(each) for each in ATTESTERS]
    by_eid = {chain.addresses.layer_zero.eid: chain for chain in chains}
    by_network = {chain_spec(chain.name).exchange_network: chain for chain in chains}
    by_id = {str(chain.chain_id): chain for chain in chains}
    exchange = ExchangeService(EXCHANGE_KEY, EXCHANGE_SECRET)
    return LocalBridges(
        attester=Attester(AttestationService(attesters, SIGNATURES), switches),
        relayer=Relayer(ScanService(), switches, by_eid),
        exchange_desk=ExchangeDesk(exchange, switches, by_network),
        custodian_desk=CustodianDesk(CustodianService(), switches, by_id),
        switches=switches,
        feeds=tuple(_feed(chain) for chain in chains),
    )


def _feed(chain: LocalChain) -> Feed:
    bridges = (chain.addresses.cctp.transmitter, chain.addresses.layer_zero.endpoint)
    return Feed(chain, (*bridges, *tokens_of(chain)))
