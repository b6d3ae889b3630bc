"""What the ape scripts share: their options, and the connected chain seen through an ape account.

All contact with ape is here; its surface is only partly typed.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownArgumentType=false, reportUntypedFunctionDecorator=false

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import cast

import click
from ape.api.accounts import AccountAPI
from ape.api.providers import ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option
from ape.logging import CLICK_ECHO_KWARGS
from ape.utils.basemodel import ManagerAccessMixin
from eth_typing import HexStr
from web3 import Web3
from web3.types import TxParams, TxReceipt

from scripts.deployment.chain import Artifact, Chain, packaged_access_manager
from scripts.deployment.config import DeploymentConfig, load_config
from scripts.deployment.deployer import require_network
from scripts.deployment.differences import Deployment
from scripts.deployment.record import Record

# Ape prints its remarks on standard output; ours is for answers.
_remarks = cast("dict[str, dict[str, bool]]", CLICK_ECHO_KWARGS)
_remarks.update({level: {"err": True} for level in ("debug", "info", "success")})

FOLDER = Path("deployments")
_config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The intended state. Default: NETWORK.toml in deployments/local or deployments.",
)


def sending_command(
    *options: Callable[[FunctionType], FunctionType],
) -> Callable[[Callable[..., None]], click.Command]:
    """An ape script that signs and sends with `--account`; `options` are passed on by name."""

    def decorate(function: Callable[..., None]) -> click.Command:
        def command(account: AccountAPI, config_path: Path | None, **given: object) -> None:
            function(open_deployment(chain_of(account), config_path), **given)

        for option in (*options, _config_option, account_option()):
            command = option(command)
        return click.command(cls=ConnectedProviderCommand, help=function.__doc__)(command)

    return decorate


def reading_command(function: Callable[[Deployment, bool], None]) -> click.Command:
    """An ape script that only reads; `--json` is passed on."""

    @click.command(cls=ConnectedProviderCommand, help=function.__doc__)
    @_config_option
    @click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
    def command(*, config_path: Path | None, as_json: bool) -> None:
        function(open_deployment(read_only_chain(), config_path), as_json)

    return command


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
        receipt = account.call(ecosystem.create_transaction(**fields))
        return web3.eth.get_transaction_receipt(cast("HexStr", receipt.txn_hash))

    return Chain(web3, str(account.address), submit, ape_artifact)


def open_deployment(chain: Chain, config_path: Path | None) -> Deployment:
    """The configuration and the record of the connected network.

    Raises:
        DeploymentConfigError, WrongNetworkError: see there.
    """
    path = config_path or _default_path()
    config: DeploymentConfig = load_config(path)
    require_network(chain, config)
    return Deployment(chain, config, Record.load(path.with_suffix(".json"), config))


def _provider() -> ProviderAPI:
    provider = ManagerAccessMixin.network_manager.active_provider
    if provider is None:
        raise click.UsageError("not connected to a network; pass --network")
    return provider


def _web3() -> Web3:
    return cast("Web3", _provider().web3)


def _default_path() -> Path:
    name = _provider().network.name.removesuffix("-fork")
    local = FOLDER / "local" / f"{name}.toml"
    return local if local.exists() else FOLDER / f"{name}.toml"
