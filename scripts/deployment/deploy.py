"""Deployment of missing contracts: if all are recorded, a second run sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eth_utils.address import to_checksum_address
from web3.types import Nonce, TxReceipt
from web3.utils.address import get_create_address

from scripts.deployment.chain import Chain
from scripts.deployment.config import (
    ManagedConfig,
    require_real_accounts,
    require_separate_accounts,
)
from scripts.deployment.deployment import AnyDeployment, Blueprint, require_prerequisites
from scripts.deployment.errors import DeploymentError, WrongNetworkError
from scripts.deployment.record import DeployedContract, Record
from scripts.deployment.signing_list import (
    Approve,
    SigningList,
    argument_text,
    at_once,
    names_by_address,
)

EMPTY_CODE_HASH = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
Progress = Callable[[str], None]


def deploy(deployment: AnyDeployment, progress: Progress, approve: Approve = at_once) -> list[str]:
    """Deploy contracts missing in the record or on the chain; return their names.

    Contracts of another deployment are only recorded. The record is saved after each contract, so
    an interrupted run resumes where it stopped.
    """
    chain, config, record = deployment.chain, deployment.config, deployment.record
    require_real_accounts(config)
    require_network(chain, config)
    if any(not _is_deployed(chain, record, name) for name in deployment.names):
        require_separate_accounts(config)
        require_prerequisites(deployment, anew=True)
        approve(_signing_list(deployment))
    deployed: list[str] = []
    for name in deployment.names:
        if _is_deployed(chain, record, name):
            progress(f"{name}: already at {record.contracts[name].address}")
            continue
        if name in deployment.given:
            record.contracts[name] = _taken(chain, name, deployment.given[name])
            record.save(config)
            progress(f"{name}: using the contract at {record.contracts[name].address}")
            continue
        record.contracts[name] = _deploy(chain, deployment.blueprint(name, chain.sender))
        record.save(config)
        deployed.append(name)
        progress(f"{name}: deployed to {record.contracts[name].address}")
    record.save(config)
    return deployed


def require_network(chain: Chain, config: ManagedConfig) -> None:
    """Raise WrongNetworkError unless the node serves the configured chain."""
    if (actual := chain.web3.eth.chain_id) != config.chain_id:
        raise WrongNetworkError(
            f"the node serves chain {actual}, but the configuration of {config.network} is for "
            f"chain {config.chain_id}; pass the right --network"
        )


def _is_deployed(chain: Chain, record: Record, name: str) -> bool:
    """Return whether it is recorded and on chain; other code there is an error, never replaced."""
    entry = record.contracts.get(name)
    if entry is None:
        return False
    actual = chain.code_hash(entry.address)
    if actual == EMPTY_CODE_HASH:
        raise DeploymentError(
            f"{name} is recorded at {entry.address}, but the chain has no code there; "
            f"if the chain was created again, remove {record.path}"
        )
    if actual != entry.code_hash:
        raise DeploymentError(
            f"{name} at {entry.address} has other code ({actual}) than recorded ({entry.code_hash})"
        )
    return True


def _signing_list(deployment: AnyDeployment) -> SigningList:
    """Return the deployments to sign, with constructor arguments, at the predicted addresses."""
    chain, record = deployment.chain, deployment.record
    sender = to_checksum_address(chain.sender)
    nonce = chain.web3.eth.get_transaction_count(sender)
    known = dict(record.contracts)
    expected = replace(deployment, record=replace(record, contracts=known))
    lines: list[str] = []
    for name in deployment.names:
        if name in known:
            continue
        given = deployment.given.get(name)
        plan = None if given else expected.blueprint(name, chain.sender)
        address = given or get_create_address(sender, Nonce(nonce + len(lines)))
        if plan is not None:
            names = names_by_address(expected.record.addresses)
            arguments = ", ".join(argument_text(each, names) for each in plan.arguments)
            lines.append(f"{name}: new {plan.artifact}({arguments})")
        known[name] = DeployedContract(address, "", 0, [], "")
    return SigningList(tuple(lines), len(lines), len(lines), chain.sender)


def _deploy(chain: Chain, plan: Blueprint) -> DeployedContract:
    receipt: TxReceipt = chain.deploy(plan.artifact, plan.arguments)
    address = receipt["contractAddress"]
    if address is None:
        raise DeploymentError(f"{plan.artifact}: the receipt names no contract")
    return DeployedContract(
        address=address,
        transaction=receipt["transactionHash"].to_0x_hex(),
        block=receipt["blockNumber"],
        arguments=list(plan.arguments),
        code_hash=chain.code_hash(address),
    )


def _taken(chain: Chain, name: str, address: str) -> DeployedContract:
    """Return the record entry of a contract of another deployment.

    Raises:
        DeploymentError: There is no contract at the address.
    """
    code_hash = chain.code_hash(address)
    if code_hash == EMPTY_CODE_HASH:
        raise DeploymentError(
            f"{name}: the chain has no contract at {address}; correct the configuration"
        )
    return DeployedContract(
        address=address,
        transaction="",
        block=chain.web3.eth.block_number,
        arguments=[],
        code_hash=code_hash,
    )
