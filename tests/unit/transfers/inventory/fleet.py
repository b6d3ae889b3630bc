"""Four simulated chains: two with a surplus, two with a deficit, and a fallback route."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from keepers.model.chain import ContractCall
from keepers.model.limits import Limit
from tests.unit.transfers.inventory.paper import UNIT, PaperInventory, PaperSimulator, TimedBridge
from tests.unit.transfers.paper_treasury import UNLIMITED, Books, read_call
from tests.unit.transfers.transfer_rig import ONE, TWO, Crash

TEN, BASE_CHAIN = 10, 8_453
GIVING, TAKING = (ONE, TEN), (TWO, BASE_CHAIN)
SHORT, SURPLUS = 60 * UNIT, 150 * UNIT
PATIENCE = 1_800
"""Seconds before the fallback is used."""


class PaperFleet(PaperInventory):
    """Chains ONE and TEN 150 above base, TWO and 8453 60 below; routes TIMED and FALL."""

    ids = (ONE, TEN, BASE_CHAIN, TWO)

    def __init__(self, file: Path, *, fallback: bool = False) -> None:
        super().__init__(file)
        self.settings = replace(self.settings, fallbacks=frozenset({"FALL"}), look_seconds=0.2)
        names = ("TIMED", "FALL") if fallback else ("TIMED",)
        for each in self.ids:
            self.shown[each]["route_limits"] = {("USDC", name): UNLIMITED for name in names}
        for each in GIVING:
            self.use(each, -SURPLUS)
        for each in TAKING:
            self.use(each, SHORT)
        self.start(Crash())

    def start(self, crash: Crash) -> None:
        """Start the keeper's process, with both bridges."""
        super().start(crash)
        if not hasattr(self, "fall"):
            self.fall = TimedBridge(
                "FALL", self.treasuries, clock=self.database_clock, fallback=True
            )
        machine = replace(self.world, bridges={"TIMED": self.timed, "FALL": self.fall})
        self.world = machine
        self.inventory = replace(self.inventory, machine=machine, settings=self.settings)

    def served(self) -> set[tuple[int, int, str]]:
        """Return sources, destinations and routes of all started transfers."""
        return {
            (each.terms.source_chain, each.terms.destination_chain, each.terms.route)
            for each in self.transfers.transfers()
        }

    def restrict(self, chain_id: int, available: int, route: str = "TIMED") -> None:
        """Set the amount that a route from a chain admits now in total."""
        limits = self.shown[chain_id]["route_limits"]
        limits[("USDC", route)] = Limit(10**30, available, 86_400)

    def switch_off(self, chain_id: int) -> None:
        """Disable a chain as the settings do: it is neither opened nor planned."""
        chains = {key: each for key, each in self.settings.chains.items() if key != chain_id}
        self.settings = replace(
            self.settings, chains=chains, switched_off={chain_id: f"paper-{chain_id}"}
        )
        open_chains = {key: each for key, each in self.chains.items() if key != chain_id}
        machine = replace(self.world, chains=open_chains)
        self.inventory = replace(self.inventory, machine=machine, settings=self.settings)

    def refuse_sending(self, source: int, destination: int | None = None) -> None:
        """Make the source revert sends to one destination, or to all."""
        simulator: PaperSimulator = self.simulators[source]
        treasury = simulator.chain.paper
        run_on = treasury.run_on

        def refuse(books: Books, call: ContractCall) -> None:
            said = read_call(call.calldata)
            if said["verb"] == "sent" and destination in {None, said["terms"]["destination_chain"]}:
                raise ValueError("CctpV2Route_Paused")
            run_on(books, call)

        treasury.run_on = refuse  # type: ignore[method-assign]
