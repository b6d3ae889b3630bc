"""The part of the preflight that is about one vault and its keeper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from keepers.adapters.chain.vault_chain import VaultChain
from keepers.app.wiring import VaultSetup
from keepers.domain.errors import BallastError
from keepers.domain.errors_chain import ControllerPausedError, NotKeeperError
from keepers.domain.numerals import format_units
from keepers.domain.tier import Tier
from keepers.domain.vault import VaultSnapshot

COIN_DECIMALS = 18


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `detail` says what is there, or what to do."""

    name: str
    passed: bool
    detail: str


async def check_vault(setup: VaultSetup, chain: VaultChain) -> list[Check]:
    """Can the vault be valued, and may this keeper act on it?"""
    try:
        snapshot = await chain.snapshot()
    except BallastError as error:
        return [Check("vault", passed=False, detail=str(error))]
    total = format_units(snapshot.total_assets, snapshot.settlement_decimals)
    worth = f"worth {total} {snapshot.settlement_symbol}"
    return [
        Check("vault", passed=True, detail=worth),
        _verdict("controller", str(ControllerPausedError()) if snapshot.paused else None, "open"),
        *_permission(snapshot),
        *_gas(setup, snapshot),
        *_bands(setup, snapshot),
    ]


def _permission(snapshot: VaultSnapshot) -> Iterator[Check]:
    if snapshot.keeper is not None:
        problem = None if snapshot.keeper_allowed else str(NotKeeperError(snapshot.keeper))
        yield _verdict("keeper", problem, "allowed")


def _gas(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    if snapshot.keeper is None:
        return
    balance, least = snapshot.keeper_balance_wei, setup.vault.minimum_gas_balance_wei
    has = f"{format_units(balance, COIN_DECIMALS)} of the chain's coin"
    needs = format_units(least, COIN_DECIMALS)
    problem = f"{has}, needs {needs}; send {snapshot.keeper} some" if balance < least else None
    yield _verdict("gas balance", problem, has)


def _bands(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    config = setup.vault.tier_config(snapshot.settlement_decimals)
    for tier in Tier:
        ours, theirs = config.band(tier), snapshot.bands[tier]
        chain = (theirs.minimum_bps, theirs.target_bps, theirs.maximum_bps)
        inside = chain[0] <= ours.minimum and ours.maximum <= chain[2]
        advice = (
            f"{tier.name} is planned in {ours.minimum} to {ours.maximum} bps, but the chain "
            f"enforces {chain[0]} to {chain[2]}; make the settings agree"
        )
        yield _verdict(f"band {tier.name}", None if inside else advice, "inside the chain's")


def _verdict(name: str, problem: str | None, fine: str) -> Check:
    return Check(name, problem is None, fine if problem is None else problem)
