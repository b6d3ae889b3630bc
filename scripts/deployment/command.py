"""What the ape scripts share: their options, and the connected chain seen through an ape account.

All contact with ape is here; its surface is only partly typed.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownArgumentType=false, reportUntypedFunctionDecorator=false

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any, Generic, TypeVar, cast

import click
from ape.api.accounts import AccountAPI
from ape.api.providers import ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option
from ape.logging import CLICK_ECHO_KWARGS, LogLevel, logger
from ape.utils.basemodel import ManagerAccessMixin
from eth_typing import HexStr
from eth_utils.address import is_address, to_checksum_address
from web3 import Web3
from web3.types import TxParams, TxReceipt

from scripts.deployment.chain import Artifact, Chain, packaged_access_manager
from scripts.deployment.config import load_config
from scripts.deployment.deployer import require_network
from scripts.deployment.differences import Deployment
from scripts.deployment.managed import ManagedDeployment
from scripts.deployment.managed_config import ManagedConfig
from scripts.deployment.record import Record
from scripts.deployment.signing_list import SigningList

# Ape prints its remarks on standard output; ours is for answers.
_remarks = cast("dict[str, dict[str, bool]]", CLICK_ECHO_KWARGS)
_remarks.update({level: {"err": True} for level in ("debug", "info", "success")})

FOLDER = Path("deployments")
D = TypeVar("D", bound=ManagedDeployment[ManagedConfig])


def open_vault(chain: Chain, path: Path) -> Deployment:
    """The vault that a file intends, with its record beside the file.

    Raises:
        DeploymentConfigError: The file, or the record, cannot be used.
    """
    config = load_config(path)
    return Deployment(chain, config, Record.load(path.with_suffix(".json"), config))


@dataclass(frozen=True)
class Kind(Generic[D]):
    """A kind of deployment: how its file ends, and how it is opened."""

    suffix: str
    open: Callable[[Chain, Path], D]

    def opened(self, chain: Chain, config_path: Path | None) -> D:
        """The deployment on the connected network.

        Raises:
            DeploymentConfigError, WrongNetworkError: see there.
        """
        deployment = self.open(chain, config_path or _default_path(self.suffix))
        require_network(chain, deployment.config)
        return deployment


VAULT = Kind(".toml", open_vault)


def sending_command(
    kind: Kind[Any],
    *options: Callable[[FunctionType], FunctionType],
) -> Callable[[Callable[..., None]], click.Command]:
    """An ape script that signs and sends with `--account`, once its list is confirmed.

    The function gets what to ask for that, and `options` by name.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        def command(
            account: AccountAPI,
            config_path: Path | None,
            *,
            yes: bool,
            **given: object,
        ) -> None:
            approve = partial(_confirm, account, yes=yes)
            function(kind.opened(chain_of(account), config_path), approve, **given)

        for option in (*options, _config_option(kind), _yes_option, account_option()):
            command = option(command)
        return click.command(
            name=function.__name__, cls=ConnectedProviderCommand, help=function.__doc__
        )(command)

    return decorate


_yes_option = click.option(
    "--yes", is_flag=True, help="Sign what the list says without asking; for programs."
)


def _confirm(account: AccountAPI, signing: SigningList, *, yes: bool) -> None:
    """Show what is to be signed, ask once, and let the account sign without further questions.

    An account that cannot do that, as one on a hardware wallet, asks for each transaction.

    Raises:
        click.ClickException: The person refused, or there is nobody to ask.
    """
    for line in signing.lines:
        click.echo(line)
    click.echo(signing.summary)
    if not yes:
        try:
            click.confirm("Sign and send them?", abort=True)
        except click.Abort:
            raise click.ClickException("nothing was signed; --yes signs without asking") from None
    # Keystores take a passphrase once: from APE_ACCOUNTS_<alias>_PASSPHRASE, or by asking.
    sign_by_itself = getattr(account, "set_autosign", None)
    if sign_by_itself is not None:
        with _quiet_ape():
            sign_by_itself(enabled=True)


def reading_command(
    kind: Kind[Any],
) -> Callable[[Callable[..., None]], click.Command]:
    """An ape script that only reads; `--json` is passed on."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @click.command(name=function.__name__, cls=ConnectedProviderCommand, help=function.__doc__)
        @_config_option(kind)
        @click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
        def command(*, config_path: Path | None, as_json: bool) -> None:
            function(kind.opened(read_only_chain(), config_path), as_json)

        return command

    return decorate


def batch_command(
    kind: Kind[Any],
    *options: Callable[[FunctionType], FunctionType],
) -> Callable[[Callable[..., None]], click.Command]:
    """An ape script that writes down what a Safe is to send; `options` are passed on by name."""

    def decorate(function: Callable[..., None]) -> click.Command:
        def command(config_path: Path | None, *, safe: str, output: Path, **given: object) -> None:
            chain = replace(read_only_chain(), sender=safe)
            function(kind.opened(chain, config_path), output, **given)

        for option in (*options, _config_option(kind), *_batch_options):
            command = option(command)
        return click.command(
            name=function.__name__, cls=ConnectedProviderCommand, help=function.__doc__
        )(command)

    return decorate


def _address(_: click.Context, __: click.Parameter, value: str) -> str:
    if not is_address(value):
        raise click.BadParameter(f"{value!r} is not an address")
    return to_checksum_address(value)


_batch_options = (
    click.option("--safe", required=True, callback=_address, help="Address of the Safe."),
    click.option(
        "--output",
        required=True,
        type=click.Path(path_type=Path, dir_okay=False, writable=True),
        help="File for the Transaction Builder.",
    ),
)


def _config_option(kind: Kind[Any]) -> Callable[[Any], Any]:
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"The intended state. Default: NETWORK{kind.suffix} in deployments/local or "
        "deployments.",
    )


def ape_artifact(name: str) -> Artifact:
    """A contract as ape-solidity compiled it."""
    if name == "AccessManager":
        return packaged_access_manager()
    compiled = ManagerAccessMixin.local_project.contracts[name].contract_type
    code = compiled.deployment_bytecode
    abi = [
        entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in compiled.abi
    ]
    return Artifact(abi, str(code.bytecode) if code else "")


def read_only_chain() -> Chain:
    """The connected chain without an account; sending is an error of the caller's."""

    def refuse(_: TxParams) -> TxReceipt:
        raise click.UsageError("this command sends nothing")

    return Chain(_web3(), "0x" + "00" * 20, refuse, ape_artifact)


def chain_of(account: AccountAPI) -> Chain:
    """The connected chain through an ape account, which signs and sends."""
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
    """Without ape's warnings that an unlocked account signs: that was confirmed."""
    with logger.at_level(LogLevel.ERROR):
        yield


def _provider() -> ProviderAPI:
    provider = ManagerAccessMixin.network_manager.active_provider
    if provider is None:
        raise click.UsageError("not connected to a network; pass --network")
    return provider


def _web3() -> Web3:
    return cast("Web3", _provider().web3)


def _default_path(suffix: str) -> Path:
    name = f"{_provider().network.name.removesuffix('-fork')}{suffix}"
    local = FOLDER / "local" / name
    return local if local.exists() else FOLDER / name
