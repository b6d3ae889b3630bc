"""Connected chain, accessed through an ape account.

Apart from ape's command classes, this module alone uses ape, whose interface is partly untyped.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownArgumentType=false, reportUntypedFunctionDecorator=false

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import click
from ape.api.accounts import AccountAPI
from ape.api.providers import ProviderAPI
from ape.logging import CLICK_ECHO_KWARGS, LogLevel, logger
from ape.utils.basemodel import ManagerAccessMixin
from eth_typing import HexStr
from web3 import Web3
from web3.types import TxParams, TxReceipt

from scripts.deployment.chain import Artifact, Chain, packaged_access_manager
from scripts.deployment.signing_list import SigningList

# Ape logs to standard output, which is reserved for our results.
_remarks = cast("dict[str, dict[str, bool]]", CLICK_ECHO_KWARGS)
_remarks.update({level: {"err": True} for level in ("debug", "info", "success")})


def confirm(account: AccountAPI, signing: SigningList, *, yes: bool) -> None:
    """Show the signing list, ask once, then let the account sign without further prompts.

    An account that does not support this, such as a hardware wallet, asks for each transaction.

    Raises:
        click.ClickException: The signer refused, or there is no terminal to ask on.
    """
    for line in signing.lines:
        click.echo(line)
    click.echo(signing.summary)
    if not yes:
        try:
            click.confirm("Sign and send them?", abort=True)
        except click.Abort:
            raise click.ClickException("nothing was signed; --yes signs without asking") from None
    # Keystores read a passphrase once: from APE_ACCOUNTS_<alias>_PASSPHRASE, or from a prompt.
    sign_by_itself = getattr(account, "set_autosign", None)
    if sign_by_itself is not None:
        with _quiet_ape():
            sign_by_itself(enabled=True)


def ape_artifact(name: str) -> Artifact:
    """Return a contract compiled by ape-solidity."""
    if name == "AccessManager":
        return packaged_access_manager()
    compiled = ManagerAccessMixin.local_project.contracts[name].contract_type
    code = compiled.deployment_bytecode
    abi = [
        entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in compiled.abi
    ]
    return Artifact(abi, str(code.bytecode) if code else "")


def read_only_chain() -> Chain:
    """Return the connected chain without an account; sending is an error of the caller."""

    def refuse(_: TxParams) -> TxReceipt:
        raise click.UsageError("this command sends nothing")

    return Chain(_web3(), "0x" + "00" * 20, refuse, ape_artifact)


def chain_of(account: AccountAPI) -> Chain:
    """Return the connected chain with an ape account, which signs and sends."""
    web3, ecosystem = _web3(), _provider().network.ecosystem

    def submit(transaction: TxParams) -> TxReceipt:
        fields: dict[str, object] = {
            "sender": account.address,
            "data": transaction.get("data", b""),
        }
        if "to" in transaction:
            fields["receiver"] = transaction["to"]
        with _quiet_ape():
            receipt = account.call(ecosystem.create_transaction(**fields))
        return web3.eth.get_transaction_receipt(cast("HexStr", receipt.txn_hash))

    return Chain(web3, str(account.address), submit, ape_artifact)


@contextmanager
def _quiet_ape() -> Generator[None]:
    """Suppress ape's warnings that an unlocked account signs: the operator has confirmed it."""
    with logger.at_level(LogLevel.ERROR):
        yield


def _provider() -> ProviderAPI:
    provider = ManagerAccessMixin.network_manager.active_provider
    if provider is None:
        raise click.UsageError("not connected to a network; pass --network")
    return provider


def _web3() -> Web3:
    return cast("Web3", _provider().web3)


def network_name() -> str:
    """Return the name of the connected network; for a fork, the name of the forked network."""
    return _provider().network.name.removesuffix("-fork")
