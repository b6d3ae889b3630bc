"""The part of the preflight that is about the treasuries: their chains, and who carries between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keepers.config import Settings
from keepers.model.errors import BallastError
from keepers.runtime.process.nodes import node_of
from keepers.runtime.treasury.lanes import check_routes
from keepers.runtime.treasury.preflight.deployment import check_circle, check_deployment
from keepers.runtime.treasury.preflight.keeper import check_clock, check_keeper
from keepers.runtime.treasury.preflight.services import check_services
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup, set_up_treasury
from keepers.runtime.vault.preflight import (
    Check,
    check_code,
    check_contracts,
    check_nodes,
    check_signer,
)


async def check_treasuries(settings: Settings) -> list[Check]:
    """Look at each chain and at each bridge's service; one that fails hides no other."""
    try:
        setup = set_up_treasury(settings)
        check_routes(setup)
    except BallastError as error:
        return [Check("configuration", passed=False, detail=str(error))]
    names = ", ".join(setup.chains)
    off = ", ".join(setup.switched_off.values())
    names = f"{names}; switched off: {off}" if off else names
    checks = [Check("configuration", passed=True, detail=f"treasuries on {names}")]
    checks += [
        Check(f"{each.name}: treasury", passed=True, detail=each.deployment.treasury)
        for each in setup.chains.values()
    ]
    for each in setup.chains.values():
        found = await _of_chain(settings, setup, each)
        checks += [replace(check, name=f"{each.name}: {check.name}") for check in found]
    return checks + await check_services(settings, setup)


async def _of_chain(
    settings: Settings, setup: TreasurySetup, each: TreasuryChainSetup
) -> list[Check]:
    signer, keeper = check_signer(settings, each.treasury.signer)
    checks = [signer]
    try:
        checks += await check_nodes(each.chain)
        async with node_of(each.chain, each.addresses.multicall3, each.addresses.tokens) as node:
            checks.append(check_clock(await node.head(), each.chain))
            there = [
                *await check_contracts(each.deployment, node),
                *await check_code(node, _tokens(each), "assets and venues"),
            ]
            checks += _briefly("contracts", there)
            checks += await check_deployment(setup, each, node)
            if keeper is not None:
                checks += await check_keeper(setup, each, node, keeper)
                checks += await check_circle(each, node, keeper)
    except BallastError as error:
        checks.append(Check("chain", passed=False, detail=str(error)))
    return checks


def _tokens(each: TreasuryChainSetup) -> dict[str, str]:
    """Tokens and venues, which other people have deployed."""
    found = {name: token.address for name, token in each.deployment.assets.items()}
    venues = (venue for listed in each.deployment.venues.values() for venue in listed)
    return found | {f"venue {venue}": venue for venue in venues}


def _briefly(name: str, checks: Sequence[Check]) -> list[Check]:
    """What fails, or one line where all is well."""
    failed = [each for each in checks if not each.passed]
    return failed or [Check(name, passed=True, detail=f"all {len(checks)} as deployed")]
