"""Is everything there that a run needs? Each check says what to do when it fails."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from keepers.chain.batch import ReadBatch
from keepers.chain.contracts.market import PriceOracle
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import Settings, load_settings
from keepers.model.errors import BallastError
from keepers.model.errors.chain import (
    BadPriceError,
    CallRevertedError,
)
from keepers.model.numerals import format_units
from keepers.model.transfer_record import TREASURY
from keepers.runtime.keys import chosen_owner
from keepers.runtime.treasury.preflight.checks import check_treasuries
from keepers.runtime.vault.preflight import (
    Check,
    check_contracts,
    check_database,
    check_nodes,
    check_signer,
    check_vault,
)
from keepers.runtime.vault.setup import VAULT_VARIABLE, connected, set_up

WAD_DECIMALS = 18
"""Decimals of the oracle's prices."""

NO_FEED = "PriceOracle_UnknownToken"


async def preflight(config: Path | None, vault: str | None) -> list[Check]:
    """Look at everything that can be looked at; what needs a failed check is left out.

    Without a name every vault is looked at, and the treasuries.
    """
    try:
        settings = load_settings(config)
        owners = _owners(settings, vault)
    except BallastError as error:
        return [Check("configuration", passed=False, detail=str(error))]
    found = {each: await _of_owner(settings, each) for each in owners}
    if len(found) == 1:
        return [check for checks in found.values() for check in checks]
    return [
        replace(check, name=f"{owner}: {check.name}")
        for owner, checks in found.items()
        for check in checks
    ]


def _owners(settings: Settings, name: str | None) -> tuple[str, ...]:
    """Whom to look at: the one named, or everybody."""
    everybody = (*settings.vaults, *([] if settings.treasury is None else [TREASURY]))
    if name is None and VAULT_VARIABLE not in os.environ and len(everybody) > 1:
        return everybody
    return (chosen_owner(settings, name),)


async def _of_owner(settings: Settings, owner: str) -> list[Check]:
    if owner == TREASURY and settings.treasury is not None:
        return [check_database(settings), *await check_treasuries(settings)]
    return await _of_vault(settings, owner)


async def _of_vault(settings: Settings, name: str) -> list[Check]:
    try:
        setup = set_up(settings, name)
    except BallastError as error:
        return [Check("configuration", passed=False, detail=str(error))]
    checks = [Check("configuration", passed=True, detail=f"vault {setup.name}")]
    checks.append(check_database(settings))
    signer, keeper = check_signer(settings, setup.vault.signer)
    checks.append(signer)
    async with connected(setup, keeper) as chain:
        try:
            checks += await check_nodes(setup.chain)
            checks += [await _node(chain)]
            checks += await check_contracts(setup.deployment, chain.node)
            checks += await _feeds(chain)
            checks += await check_vault(setup, chain)
        except BallastError as error:
            checks.append(Check("chain", passed=False, detail=str(error)))
    return checks


async def _node(chain: VaultChain) -> Check:
    head = await chain.node.head()
    return Check("node", passed=True, detail=f"chain {chain.node.chain_id}, block {head.number}")


async def _feeds(chain: VaultChain) -> list[Check]:
    """The price of every token that has a feed."""
    head = await chain.node.head()
    batch = ReadBatch(chain.node, head.at)
    oracle = PriceOracle(chain.addresses.oracle)
    slots = {
        token.symbol: batch.add(oracle.price(address))
        for address, token in chain.addresses.tokens.items()
    }
    await batch.run(head.number)
    settlement = (await chain.settlement()).symbol
    checks: list[Check] = []
    for symbol, slot in slots.items():
        try:
            price, updated_at = slot.value
            detail = f"{format_units(price, WAD_DECIMALS)} USD, {head.at - updated_at} old"
            checks.append(Check(f"price of {symbol}", passed=True, detail=detail))
        except CallRevertedError as error:
            if not (isinstance(error, BadPriceError) and error.error == NO_FEED):
                name, detail = f"price of {symbol}", str(error)
                is_warning = symbol != settlement  # without that one nothing has a price
                checks.append(Check(name, passed=False, detail=detail, is_warning=is_warning))
    return checks
