"""Preflight checks of the bridge services."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from keepers.bridges.cctp import bridge as cctp
from keepers.bridges.cctp.lane import service_conditions
from keepers.bridges.custodial import bridge as custodial
from keepers.bridges.custodial.service import lane_condition
from keepers.bridges.exchange import bridge as exchange
from keepers.bridges.exchange.account import exchange_conditions
from keepers.bridges.lane import Condition
from keepers.bridges.oft import bridge as oft
from keepers.bridges.oft.scan import scan_condition
from keepers.config import Settings
from keepers.config.treasury import BridgeSettings
from keepers.model.errors import BallastError
from keepers.model.inventory_state import state_machine_id
from keepers.runtime.process.checks import Check
from keepers.runtime.treasury.bridges import custodian_of, exchange_of, iris_of, scan_of
from keepers.runtime.treasury.lanes import exchange_lane, lanes_of
from keepers.runtime.treasury.setup import LaneSetup, TreasurySetup


async def check_services(
    settings: Settings, setup: TreasurySetup, environment: Mapping[str, str] = os.environ
) -> list[Check]:
    """Check the services of all routes that have lanes; a failure hides no other."""
    services = BridgeSettings() if settings.treasury is None else settings.treasury.bridges
    services_of = _Services(setup, services, environment)
    asked = {
        cctp.NAME: services_of.cctp,
        oft.NAME: services_of.oft,
        exchange.NAME: services_of.exchange,
        custodial.NAME: services_of.custodian,
    }
    found = await asyncio.gather(
        *(
            _of_route(name, ask(setups))
            for name, ask in asked.items()
            if (setups := tuple(lanes_of(setup, name)))
        )
    )
    return [check for checks in found for check in checks]


async def _of_route(name: str, asked: AsyncIterator[Check]) -> list[Check]:
    checks: list[Check] = []
    try:
        checks += [check async for check in asked]
    except BallastError as error:
        checks.append(Check(f"bridge {name}", passed=False, detail=str(error)))
    return checks


def _check(name: str, condition: Condition) -> Check:
    problem = condition.problem
    return Check(f"bridge {name}", not problem, problem or condition.fine)


@dataclass(frozen=True, slots=True)
class _Services:
    """Services of one configuration."""

    setup: TreasurySetup
    services: BridgeSettings
    environment: Mapping[str, str]

    async def cctp(self, setups: Sequence[LaneSetup]) -> AsyncIterator[Check]:
        source, destination = (
            setups[0].source_route.domain,
            setups[0].destination_route.domain,
        )
        assert source is not None  # noqa: S101 - checked by the loader
        assert destination is not None  # noqa: S101
        _, conditions = await service_conditions(iris_of(self.services.CCTP), source, destination)
        for each in conditions:
            yield _check(cctp.NAME, each)

    async def oft(self, setups: Sequence[LaneSetup]) -> AsyncIterator[Check]:
        del setups
        yield _check(oft.NAME, await scan_condition(scan_of(self.services.OFT)))

    async def exchange(self, setups: Sequence[LaneSetup]) -> AsyncIterator[Check]:
        table = self.services.EXCHANGE
        if table is None:
            yield _unserved(exchange.NAME)
            return
        client = exchange_of(table, self.environment)
        try:
            lanes = tuple(exchange_lane(lane, table) for lane in setups)
            for each in await exchange_conditions(client, lanes, lanes):
                yield _check(exchange.NAME, each)
        finally:
            await client.close()

    async def custodian(self, setups: Sequence[LaneSetup]) -> AsyncIterator[Check]:
        table = self.services.CUSTODIAN
        if table is None:
            yield _unserved(custodial.NAME)
            return
        client = custodian_of(table, self.environment)
        closed: list[str] = []
        for lane in setups:
            source, destination = lane.source.chain.chain_id, lane.destination.chain.chain_id
            terms = await client.terms(lane.source_route.asset, source, destination)
            if problem := lane_condition(terms).problem:
                ends = f"{state_machine_id(source)} to {state_machine_id(destination)}"
                closed.append(f"{lane.source_route.asset} from {ends}: {problem}")
        problem = f"the custodian has closed {'; '.join(closed)}" if closed else ""
        yield _check(custodial.NAME, Condition(problem, f"all {len(setups)} lanes are open"))


def _unserved(name: str) -> Check:
    text = f"not configured, so no transfer uses it; to enable it, add [treasury.bridges.{name}]"
    return _check(name, Condition("", text))
