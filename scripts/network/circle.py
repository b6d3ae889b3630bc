"""Commands with Circle's powers over CCTP, for a running local chain."""

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
_chain = click.option("--chain", type=click.Choice(ALL), default=ALL[0], show_default=True)
_part = click.argument("part", type=click.Choice((TRANSMITTER, MINTER)))


@click.group()
def circle() -> None:
    """Pause CCTP, put accounts on its deny list, or remove its messengers."""


@circle.command()
@_part
@_chain
def pause(chain: str, part: str) -> None:
    """Pause PART: sending and receiving, or burning and minting, revert."""
    local = attach(RUNNING, chain)
    local.send(pausable(local, part).functions.pause())
    click.echo(f"the {part} on {chain} is paused")


@circle.command()
@_part
@_chain
def unpause(chain: str, part: str) -> None:
    """Unpause PART."""
    local = attach(RUNNING, chain)
    local.send(pausable(local, part).functions.unpause())
    click.echo(f"the {part} on {chain} is unpaused")


@circle.command()
@click.argument("account")
@_chain
def deny(chain: str, account: str) -> None:
    """Put ACCOUNT on the deny list: it can neither burn nor sign a burn."""
    local = attach(RUNNING, chain)
    local.send(messenger(local).functions.denylist(to_checksum_address(account)))
    click.echo(f"{account} is on the deny list of {chain}")


@circle.command()
@click.argument("account")
@_chain
def allow(chain: str, account: str) -> None:
    """Remove ACCOUNT from the deny list."""
    local = attach(RUNNING, chain)
    local.send(messenger(local).functions.unDenylist(to_checksum_address(account)))
    click.echo(f"{account} is no longer on the deny list of {chain}")


@circle.command("remove-messenger")
@click.argument("other", type=click.Choice(ALL))
@_chain
def remove_messenger(chain: str, other: str) -> None:
    """Remove the messenger of the chain OTHER: nothing is burnt for it, nor minted from it."""
    local = attach(RUNNING, chain)
    domain = attach(RUNNING, other).addresses.cctp.domain
    local.send(messenger(local).functions.removeRemoteTokenMessenger(domain))
    click.echo(f"{chain} has no messenger of {other}")


@circle.command("add-messenger")
@click.argument("other", type=click.Choice(ALL))
@_chain
def add_messenger(chain: str, other: str) -> None:
    """Trust the messenger of the chain OTHER again."""
    local = attach(RUNNING, chain)
    there = attach(RUNNING, other).addresses.cctp
    remote = word(there.messenger)
    local.send(messenger(local).functions.addRemoteTokenMessenger(there.domain, remote))
    click.echo(f"{chain} has the messenger of {other} again")


def pausable(chain: LocalChain, part: str) -> Contract:
    """Return the transmitter or minter of a chain."""
    if part == TRANSMITTER:
        return chain.contract("CctpTransmitter", chain.addresses.cctp.transmitter)
    return chain.contract("CctpMinter", chain.addresses.cctp.minter)


def messenger(chain: LocalChain) -> Contract:
    """Return the token messenger of a chain, which has the deny list."""
    return chain.contract("CctpMessenger", chain.addresses.cctp.messenger)
