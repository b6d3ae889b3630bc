"""Commands that act on a running network, to try a keeper on it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import click
from eth_utils.address import to_checksum_address
from web3.contract import Contract

from scripts.deployment.chain import forge_artifact
from scripts.deployment.local import LOCAL_DEPLOYMENTS
from scripts.deployment.treasury.neighbours import SUFFIX
from scripts.network.accounts import WHALE
from scripts.network.bridging.paying import ASSETS, decimals_of
from scripts.network.chain import LocalChain
from scripts.network.market import accrue, set_price, units
from scripts.network.paths import RUNNING
from scripts.network.running import attach
from scripts.network.specs import ALL, PRICES

_chain = click.option("--chain", type=click.Choice(ALL), default=ALL[0], show_default=True)


@click.command()
@_chain
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Deployments file of your own vault, as passed to the ape scripts.",
)
@click.argument("whole", type=int)
def deposit(chain: str, config: Path | None, whole: int) -> None:
    """Deposit WHOLE tokens of account 0 into the vault that the ape scripts deployed.

    They are USDT, or the settlement token of the vault in --config.
    """
    local = attach(RUNNING, chain)
    record = LOCAL_DEPLOYMENTS / f"{chain}.json" if config is None else config.with_suffix(".json")
    address = _deployed(record, "LiquidityVault", "ape run deploy")
    vault = _contract(local, "LiquidityVault", address)
    token = _contract(local, "ERC20", vault.functions.asset().call())
    symbol = next(name for name, at in local.addresses.tokens.items() if at == token.address)
    amount = units(symbol, whole)
    local.send(token.functions.approve(vault.address, amount))
    local.send(vault.functions.deposit(amount, WHALE))
    click.echo(f"deposited {whole} {symbol} into {address}")


@click.command()
@_chain
@click.argument("asset", type=click.Choice(ASSETS))
@click.argument("whole", type=int)
def fund(chain: str, asset: str, whole: int) -> None:
    """Send WHOLE tokens of account 0 to the treasury that the ape scripts deployed."""
    local = attach(RUNNING, chain)
    record = LOCAL_DEPLOYMENTS / f"{chain}{SUFFIX}"
    address = _deployed(record, "Treasury", "ape run treasury deploy")
    amount = whole * 10 ** decimals_of(local, asset)
    local.send(local.stablecoin(asset).functions.transfer(to_checksum_address(address), amount))
    click.echo(f"sent {whole} {asset} to {address}")


@click.command()
@_chain
@click.argument("symbol", type=click.Choice(sorted(PRICES)))
@click.argument("dollars", type=Decimal)
def price(chain: str, symbol: str, dollars: Decimal) -> None:
    """Set the price of SYMBOL to DOLLARS, in its feed and in every pool."""
    set_price(attach(RUNNING, chain), symbol, dollars)
    click.echo(f"{symbol} is at {dollars} dollars")


@click.command()
@_chain
@click.option("--hours", type=click.IntRange(min=0), default=0, show_default=True)
def refresh(chain: str, hours: int) -> None:
    """Advance time by HOURS, accrue interest, and refresh the price feeds."""
    seconds_per_hour = 3600
    accrue(attach(RUNNING, chain), hours * seconds_per_hour)
    click.echo("feeds are refreshed")


def _contract(local: LocalChain, name: str, address: str) -> Contract:
    return local.web3.eth.contract(to_checksum_address(address), abi=forge_artifact(name).abi)


def _deployed(record: Path, contract: str, command: str) -> str:
    """Return the address of a deployed contract; raise with the deploy command if missing."""
    if not record.is_file():
        raise click.ClickException(f"{record} does not exist: run `{command}` first")
    return json.loads(record.read_text())["contracts"][contract]["address"]
