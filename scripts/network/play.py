"""Commands that act on a running network, for a person who tries the keeper on it."""

from __future__ import annotations

import json
from decimal import Decimal

import click
from eth_utils.address import to_checksum_address
from web3.contract import Contract

from scripts.deployment.chain import forge_artifact
from scripts.deployment.local import LOCAL_DEPLOYMENTS
from scripts.deployment.treasury.neighbours import SUFFIX
from scripts.network.accounts import WHALE
from scripts.network.bridging.paying import ASSETS, decimals_of
from scripts.network.market import accrue, set_price, units
from scripts.network.paths import RUNNING
from scripts.network.running import attach
from scripts.network.specs import ALL, PRICES

_chain = click.option("--chain", type=click.Choice(ALL), default=ALL[0], show_default=True)


@click.command()
@_chain
@click.argument("whole", type=int)
def deposit(chain: str, whole: int) -> None:
    """Deposit WHOLE USDT of account 0 into the vault that the ape scripts deployed."""
    local = attach(RUNNING, chain)
    abi, amount = forge_artifact("LiquidityVault").abi, units("USDT", whole)
    address = _deployed(f"{chain}.json", "LiquidityVault", "ape run deploy")
    vault: Contract = local.web3.eth.contract(to_checksum_address(address), abi=abi)
    local.send(local.token("USDT").functions.approve(vault.address, amount))
    local.send(vault.functions.deposit(amount, WHALE))
    click.echo(f"deposited {whole} USDT into {address}")


@click.command()
@_chain
@click.argument("asset", type=click.Choice(ASSETS))
@click.argument("whole", type=int)
def fund(chain: str, asset: str, whole: int) -> None:
    """Give WHOLE tokens of account 0 to the treasury that the ape scripts deployed."""
    local = attach(RUNNING, chain)
    address = _deployed(f"{chain}{SUFFIX}", "Treasury", "ape run treasury deploy")
    amount = whole * 10 ** decimals_of(local, asset)
    local.send(local.stablecoin(asset).functions.transfer(to_checksum_address(address), amount))
    click.echo(f"gave {whole} {asset} to {address}")


@click.command()
@_chain
@click.argument("symbol", type=click.Choice(sorted(PRICES)))
@click.argument("dollars", type=Decimal)
def price(chain: str, symbol: str, dollars: Decimal) -> None:
    """Move SYMBOL to DOLLARS, in its feed and in every pool."""
    set_price(attach(RUNNING, chain), symbol, dollars)
    click.echo(f"{symbol} is at {dollars} dollars")


@click.command()
@_chain
@click.option("--hours", type=click.IntRange(min=0), default=0, show_default=True)
def refresh(chain: str, hours: int) -> None:
    """Let HOURS pass, interest with them, and bring the price feeds up to date."""
    seconds_per_hour = 3600
    accrue(attach(RUNNING, chain), hours * seconds_per_hour)
    click.echo("feeds are fresh")


def _deployed(file: str, contract: str, command: str) -> str:
    """Address of a contract that the ape scripts deployed; without one, says how to do it."""
    record = LOCAL_DEPLOYMENTS / file
    if not record.is_file():
        raise click.ClickException(f"{record} is not there: run `{command}` first")
    return json.loads(record.read_text())["contracts"][contract]["address"]
