"""Commands that do to a running chain's CCTP what Circle can do to the real one."""

from __future__ import annotations

import click
from eth_utils.address import to_checksum_address
from web3.contract import Contract

from scripts.network.build.cctp import word
from scripts.network.chain import LocalChain
from scripts.network.paths import RUNNING
from scripts.network.running import attach
from scripts.network.specs import ALL

TRANSMITTER, MINTER = "transmitter", "minter"
_part = click.argument("part", type=click.Choice((TRANSMITTER, MINTER)))


@click.group()
@click.option("--chain", type=click.Choice(ALL), default=ALL[0], show_default=True)
@click.pass_context
def circle(context: click.Context, chain: str) -> None:
    """Pause CCTP, put accounts on its deny list, or remove its messengers."""
    context.obj = attach(RUNNING, chain)


@circle.command()
@_part
@click.pass_obj
def pause(chain: LocalChain, part: str) -> None:
    """Pause PART: nothing is sent or received, or nothing burnt or minted."""
    chain.send(pausable(chain, part).functions.pause())
    click.echo(f"the {part} on {chain.name} is paused")


@circle.command()
@_part
@click.pass_obj
def unpause(chain: LocalChain, part: str) -> None:
    """Let PART work again."""
    chain.send(pausable(chain, part).functions.unpause())
    click.echo(f"the {part} on {chain.name} works again")


@circle.command()
@click.argument("account")
@click.pass_obj
def deny(chain: LocalChain, account: str) -> None:
    """Put ACCOUNT on the deny list: it can neither burn nor sign a burn."""
    chain.send(messenger(chain).functions.denylist(to_checksum_address(account)))
    click.echo(f"{account} is on the deny list of {chain.name}")


@circle.command()
@click.argument("account")
@click.pass_obj
def allow(chain: LocalChain, account: str) -> None:
    """Take ACCOUNT off the deny list."""
    chain.send(messenger(chain).functions.unDenylist(to_checksum_address(account)))
    click.echo(f"{account} is on the deny list of {chain.name} no more")


@circle.command("remove-messenger")
@click.argument("other", type=click.Choice(ALL))
@click.pass_obj
def remove_messenger(chain: LocalChain, other: str) -> None:
    """Remove the messenger of the chain OTHER: nothing is burnt for it, nor minted from it."""
    domain = attach(RUNNING, other).addresses.cctp.domain
    chain.send(messenger(chain).functions.removeRemoteTokenMessenger(domain))
    click.echo(f"{chain.name} has no messenger of {other}")


@circle.command("add-messenger")
@click.argument("other", type=click.Choice(ALL))
@click.pass_obj
def add_messenger(chain: LocalChain, other: str) -> None:
    """Trust the messenger of the chain OTHER again."""
    there = attach(RUNNING, other).addresses.cctp
    remote = word(there.messenger)
    chain.send(messenger(chain).functions.addRemoteTokenMessenger(there.domain, remote))
    click.echo(f"{chain.name} has the messenger of {other} again")


def pausable(chain: LocalChain, part: str) -> Contract:
    """Transmitter or minter of a chain."""
    if part == TRANSMITTER:
        return chain.contract("CctpTransmitter", chain.addresses.cctp.transmitter)
    return chain.contract("CctpMinter", chain.addresses.cctp.minter)


def messenger(chain: LocalChain) -> Contract:
    """The token messenger of a chain, which has the deny list."""
    return chain.contract("CctpMessenger", chain.addresses.cctp.messenger)
