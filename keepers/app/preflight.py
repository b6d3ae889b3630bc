"""Is everything there that a run needs? Each check says what to do when it fails."""

from __future__ import annotations

from pathlib import Path

from eth_utils.crypto import keccak

from keepers.adapters.chain.batch import Batch
from keepers.adapters.chain.contracts.oracle import PriceOracle
from keepers.adapters.chain.vault_chain import VaultChain
from keepers.adapters.store.journal import open_journal
from keepers.app.preflight_nodes import check_nodes
from keepers.app.preflight_vault import Check, check_vault
from keepers.app.settings import Settings, load_settings
from keepers.app.signers import make_signing
from keepers.app.wiring import VaultSetup, connected, set_up
from keepers.domain.errors import BallastError
from keepers.domain.errors_chain import (
    BadPriceError,
    CallRevertedError,
)
from keepers.domain.numerals import format_units

WAD_DECIMALS = 18
"""Decimals of the oracle's prices."""

NO_FEED = "PriceOracle_UnknownToken"


async def preflight(config: Path | None, vault: str | None) -> list[Check]:
    """Look at everything that can be looked at; what needs a failed check is left out."""
    try:
        settings = load_settings(config)
        setup = set_up(settings, vault)
    except BallastError as error:
        return [Check("configuration", passed=False, detail=str(error))]
    checks = [Check("configuration", passed=True, detail=f"vault {setup.name}")]
    checks.append(_database(settings))
    signer, keeper = _signer(settings, setup)
    checks.append(signer)
    async with connected(setup, keeper) as chain:
        try:
            checks += await check_nodes(setup.chain)
            checks += [await _node(chain)]
            checks += await _contracts(setup, chain)
            checks += await _feeds(chain)
            checks += await check_vault(setup, chain)
        except BallastError as error:
            checks.append(Check("chain", passed=False, detail=str(error)))
    return checks


def _database(settings: Settings) -> Check:
    try:
        open_journal(settings.database)
    except BallastError as error:
        return Check("database", passed=False, detail=str(error))
    return Check("database", passed=True, detail="can be written")


def _signer(settings: Settings, setup: VaultSetup) -> tuple[Check, str | None]:
    try:
        address = make_signing(settings, setup.vault.signer).address
    except BallastError as error:
        return Check("key", passed=False, detail=str(error)), None
    return Check("key", passed=True, detail=address), address


async def _node(chain: VaultChain) -> Check:
    head = await chain.node.head()
    return Check("node", passed=True, detail=f"chain {chain.node.chain_id}, block {head.number}")


async def _contracts(setup: VaultSetup, chain: VaultChain) -> list[Check]:
    checks: list[Check] = []
    for name, entry in setup.deployment.contracts.items():
        code = await chain.node.code(entry.address)
        matching = f"0x{keccak(code).hex()}" == entry.code_hash
        problem = "other code than deployed" if code else "no code"
        advice = f"{problem} at {entry.address}; check rpc_urls and the deployments file"
        checks.append(Check(f"contract {name}", matching, entry.address if matching else advice))
    for name, address in setup.deployment.external.items():
        if not await chain.node.code(address):
            detail = f"no code at {address}; check `external` in the deployments file"
            checks.append(Check(f"contract {name}", passed=False, detail=detail))
    return checks


async def _feeds(chain: VaultChain) -> list[Check]:
    """The price of every token that has a feed."""
    head = await chain.node.head()
    batch = Batch(chain.node, head.at)
    oracle = PriceOracle(chain.addresses.oracle)
    slots = {
        token.symbol: batch.add(oracle.price(address))
        for address, token in chain.addresses.tokens.items()
    }
    await batch.run(head.number)
    checks: list[Check] = []
    for symbol, slot in slots.items():
        try:
            price, updated_at = slot.value
            detail = f"{format_units(price, WAD_DECIMALS)} USD, {head.at - updated_at} old"
            checks.append(Check(f"price of {symbol}", passed=True, detail=detail))
        except CallRevertedError as error:
            if not (isinstance(error, BadPriceError) and error.error == NO_FEED):
                checks.append(Check(f"price of {symbol}", passed=False, detail=str(error)))
    return checks
