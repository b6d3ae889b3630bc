"""Do those answer who are asked about crossings, and do they admit what a keeper asks?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from keepers.adapters.bridges.cctp import bridge as cctp
from keepers.adapters.bridges.custodial import bridge as custodial
from keepers.adapters.bridges.exchange import bridge as exchange
from keepers.adapters.bridges.exchange.account import (
    KeyRights,
    ListedAddress,
    fetch_addresses,
    fetch_rights,
)
from keepers.adapters.bridges.oft import bridge as oft
from keepers.app.preflight_vault import Check
from keepers.app.settings import Settings
from keepers.app.settings.treasury import BridgeSettings
from keepers.app.treasury.lanes import ways_of
from keepers.app.treasury.services import custodian_of, exchange_of, iris_of, scan_of
from keepers.app.treasury.setup import TreasurySetup, Way
from keepers.domain.errors import BallastError
from keepers.domain.inventory_state import state_machine_id

NO_MESSAGE = "0x" + "00" * 32
"""Of this id there is no message, so any answer at all will do."""


async def check_services(
    settings: Settings, setup: TreasurySetup, environment: Mapping[str, str] = os.environ
) -> list[Check]:
    """Ask the services of all routes that lead anywhere; one that fails hides no other."""
    services = BridgeSettings() if settings.treasury is None else settings.treasury.bridges
    desk = _Desk(setup, services, environment)
    asked = {
        cctp.NAME: desk.cctp,
        oft.NAME: desk.oft,
        exchange.NAME: desk.exchange,
        custodial.NAME: desk.custodian,
    }
    found = await asyncio.gather(
        *(
            _of_route(name, ask(ways))
            for name, ask in asked.items()
            if (ways := tuple(ways_of(setup, name)))
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


def _check(name: str, problem: str, fine: str) -> Check:
    return Check(f"bridge {name}", not problem, problem or fine)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Asks the services of one configuration."""

    setup: TreasurySetup
    services: BridgeSettings
    environment: Mapping[str, str]

    async def cctp(self, ways: Sequence[Way]) -> AsyncIterator[Check]:
        iris = iris_of(self.services.CCTP)
        keys = await iris.attesters()
        problem = "" if keys else "the attestation service names no keys, so nothing can be proven"
        yield _check(cctp.NAME, problem, f"{len(keys)} attestation keys")
        source, destination = ways[0].leaving.domain, ways[0].arriving.domain
        assert source is not None  # noqa: S101 - the loader has looked
        assert destination is not None  # noqa: S101
        fees = await iris.fees(source, destination)
        yield _check(cctp.NAME, "" if fees else "it quotes no fees", f"quotes {len(fees)} fees")

    async def oft(self, ways: Sequence[Way]) -> AsyncIterator[Check]:
        del ways
        said = await scan_of(self.services.OFT).message(NO_MESSAGE)
        yield _check(oft.NAME, "", f"the scan service answers: {said.words}")

    async def exchange(self, ways: Sequence[Way]) -> AsyncIterator[Check]:
        table = self.services.EXCHANGE
        if table is None:
            yield _unserved(exchange.NAME)
            return
        client = exchange_of(table, self.environment)
        try:
            yield _rights(await fetch_rights(client))
            yield _addresses(ways, await fetch_addresses(client))
        finally:
            await client.close()

    async def custodian(self, ways: Sequence[Way]) -> AsyncIterator[Check]:
        table = self.services.CUSTODIAN
        if table is None:
            yield _unserved(custodial.NAME)
            return
        client = custodian_of(table, self.environment)
        closed: list[str] = []
        for way in ways:
            source, destination = way.source.chain.chain_id, way.destination.chain.chain_id
            terms = await client.terms(way.leaving.asset, source, destination)
            if not terms.open:
                ends = f"{state_machine_id(source)} to {state_machine_id(destination)}"
                closed.append(f"{way.leaving.asset} from {ends}: {terms.reason}")
        problem = f"the custodian has closed {'; '.join(closed)}" if closed else ""
        yield _check(custodial.NAME, problem, f"all {len(ways)} lanes are open")


def _unserved(name: str) -> Check:
    text = f"not configured, so nothing goes by it; [treasury.bridges.{name}] would change that"
    return _check(name, "", text)


def _rights(rights: KeyRights) -> Check:
    """Reading and withdrawing, from our machines, and nothing else."""
    problems: list[str] = []
    if not rights.reading or not rights.withdrawals:
        problems.append("the key may not both read and withdraw; grant it that")
    if not rights.is_bound:
        problems.append("the key is good from any machine; restrict it to the keepers' addresses")
    if rights.others:
        names = ", ".join(rights.others)
        problems.append(f"the key may do more than it has to; take {names} from it")
    return _check(exchange.NAME, "; ".join(problems), "the key may read and withdraw, no more")


def _addresses(ways: Sequence[Way], listed: Sequence[ListedAddress]) -> Check:
    """Our inboxes, and nothing else: what a stolen key could withdraw to."""
    inboxes = {
        (str(way.arriving.inbox).lower(), way.arriving.asset, str(way.arriving.network))
        for way in ways
    }
    missing = sorted(
        f"{inbox} for {asset} on {network}"
        for inbox, asset, network in inboxes
        if not any(_is_for(each, inbox, asset, network) for each in listed)
    )
    ours = {inbox for inbox, _, _ in inboxes}
    strange = sorted({each.address for each in listed if each.address.lower() not in ours})
    problems: list[str] = []
    if missing:
        problems.append(f"its withdrawal addresses lack our inboxes {', '.join(missing)}; add them")
    if strange:
        problems.append(f"it may withdraw to {', '.join(strange)}, no inbox of ours; remove that")
    fine = f"its withdrawal addresses are our {len(ours)} inboxes and no other"
    return _check(exchange.NAME, "; ".join(problems), fine)


def _is_for(listed: ListedAddress, inbox: str, asset: str, network: str) -> bool:
    return (
        listed.is_trusted
        and listed.address.lower() == inbox
        and listed.coin in {"", asset}
        and listed.network in {"", network}
    )
