"""Preflight checks of a treasury against its deployments file and those of its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from keepers.bridges.cctp.lane import CircleObstacle, Side
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.contracts.treasury import (
    CctpV2Route,
    CustodialRoute,
    OftRoute,
    RawLane,
    Treasury,
)
from keepers.chain.node import Node
from keepers.config.deployment import DeployedToken
from keepers.config.treasury_deployment import DeployedRoute, RouteKind
from keepers.model.inventory_state import state_machine_id
from keepers.runtime.process.checks import Check
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup

COMPARE = "compare the deployments file with the chain"
CONFIGURE = "run the configure script"
Compare = Callable[[], str | None]
"""Returns the problem of one comparison, if any."""


async def check_deployment(
    setup: TreasurySetup, each: TreasuryChainSetup, node: Node
) -> list[Check]:
    """Check ledger, assets, routes, lanes and venues, in one read at the newest block.

    Raises:
        ChainError: The chain cannot be read, or there is no treasury at the address.
    """
    head = await node.head()
    batch = ReadBatch(node, head.at)
    comparison = _Comparison(setup, each, batch)
    comparison.collect()
    await batch.run(head.number)
    return list(comparison.checks())


@dataclass(slots=True)
class _Comparison:
    """Comparisons of one treasury, by their subject."""

    setup: TreasurySetup
    each: TreasuryChainSetup
    batch: ReadBatch
    comparisons: dict[str, list[Compare]] = field(default_factory=dict[str, list[Compare]])

    def collect(self) -> None:
        """Add all reads to the batch."""
        deployment, treasury = self.each.deployment, Treasury(self.each.deployment.treasury)
        ledger = deployment.contracts["PlanLedger"].address
        self._same("ledger", "the ledger", ledger, self.batch.add(treasury.ledger()))
        for name, token in deployment.assets.items():
            said = self.batch.add(treasury.asset(name))
            self._compare("assets", lambda n=name, t=token, s=said: _asset(n, t, s))
        for asset, venues in deployment.venues.items():
            for venue in venues:
                said = self.batch.add(treasury.venue(venue))
                self._compare("venues", lambda v=venue, a=asset, s=said: _venue(v, a, s))
        for route in deployment.routes:
            self._collect_route(treasury, route)

    def _collect_route(self, treasury: Treasury, route: DeployedRoute) -> None:
        name = f"route {route.name} of {route.asset}"
        found = self.batch.add(treasury.route(route.asset, route.name))
        self._same("routes", name, route.address, found)
        for what, known, slot in self._facts(route):
            self._same("routes", f"{what} of {name}", known, slot)
        for chain_id in route.lanes:
            lane = self.batch.add(treasury.lane(route.address, chain_id))
            self._compare("lanes", lambda r=route, c=chain_id, s=lane: self._lane(r, c, s))

    def _facts(self, route: DeployedRoute) -> Iterator[tuple[str, object, ReadSlot[Any]]]:
        """Yield facts of a route's contract that the file repeats."""
        match route.kind:
            case RouteKind.CCTP:
                cctp = CctpV2Route(route.address)
                yield "max_fee_bps", route.max_fee_bps, self.batch.add(cctp.max_fee())
                yield "transmitter", route.transmitter, self.batch.add(cctp.transmitter())
            case RouteKind.OFT:
                yield "oft", route.oft, self.batch.add(OftRoute(route.address).oft())
            case RouteKind.CUSTODIAL:
                custody = CustodialRoute(route.address)
                address = self.batch.add(custody.deposit_address())
                yield "deposit_address", route.deposit_address, address
                yield "inbox", route.inbox, self.batch.add(custody.inbox())

    def checks(self) -> Iterator[Check]:
        """Yield one check for each subject, or one for each problem with it."""
        for about, comparisons in self.comparisons.items():
            problems = [problem for each in comparisons if (problem := each()) is not None]
            yield from (Check(about, passed=False, detail=each) for each in problems)
            if not problems:
                yield Check(about, passed=True, detail=f"{len(comparisons)} as the file says")

    def _same(self, about: str, what: str, known: object, slot: ReadSlot[Any]) -> None:
        def compare() -> str | None:
            said = slot.value
            if said == known:
                return None
            return f"{what} is {said}, but {known} in the file; {COMPARE}"

        self._compare(about, compare)

    def _compare(self, about: str, compare: Compare) -> None:
        self.comparisons.setdefault(about, []).append(compare)

    def _lane(self, route: DeployedRoute, chain_id: int, slot: ReadSlot[RawLane]) -> str | None:
        lane, there = slot.value, self.setup.of_chain(chain_id)
        name = f"{route.asset} by {route.name} to {state_machine_id(chain_id)}"
        if int(lane.treasury, 16) == 0:
            return f"{name}: there is no such lane; {CONFIGURE}"
        if not lane.is_open:
            return f"{name}: the lane is closed; a configurator must open it"
        if there is None:
            return None
        if lane.treasury != there.deployment.treasury:
            known = f"the file of {there.name} has {there.deployment.treasury}"
            return f"{name}: it leads to treasury {lane.treasury}, but {known}; {COMPARE}"
        token = there.deployment.assets.get(route.asset)
        if token is None or token.decimals != lane.decimals:
            has = "none" if token is None else str(token.decimals)
            return (
                f"{name}: its token has {lane.decimals} decimals, but {has} on the other chain; "
                f"{COMPARE}"
            )
        return None


def _asset(name: str, token: DeployedToken, slot: ReadSlot[tuple[str, int]]) -> str | None:
    address, decimals = slot.value
    if (address, decimals) == (token.address, token.decimals):
        return None
    known = f"{token.address} with {token.decimals}"
    return f"{name} is {address} with {decimals} decimals, but {known} in the file; {COMPARE}"


def _venue(venue: str, asset: str, slot: ReadSlot[tuple[str, bool]]) -> str | None:
    known, is_open = slot.value
    if known != asset:
        of = f"a venue of {known}" if known else "not listed"
        return f"{venue} is {of} on chain, but one of {asset} in the file; {COMPARE}"
    if not is_open:
        return (
            f"{venue} of {asset} is closed, so nothing can be invested; a configurator must open it"
        )
    return None


NAME = "Circle"


async def check_circle(each: TreasuryChainSetup, node: Node, keeper: str) -> list[Check]:
    """Check pause, minter, messengers and deny list, as in the quotes of the route.

    Raises:
        ChainError: The chain cannot be read.
    """
    sides = [
        Side(each.chain.chain_id, other, route.address, keeper)
        for route in each.deployment.routes
        if route.kind is RouteKind.CCTP
        for other in route.lanes
    ]
    if not sides:
        return []
    batch = ReadBatch(node)
    said = [batch.add(CctpV2Route(side.route).obstacle(side.other, keeper)) for side in sides]
    await batch.run((await node.head()).number)
    found = (
        side.text_of(CircleObstacle(slot.value)) for side, slot in zip(sides, said, strict=True)
    )
    problems = [each for each in dict.fromkeys(found) if each]
    if problems:
        return [Check(NAME, passed=False, detail=problem) for problem in problems]
    return [Check(NAME, passed=True, detail=f"burns and mints for all {len(sides)} lanes")]
