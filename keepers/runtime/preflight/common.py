"""The part of the preflight that is about what a deployments file says is there."""

from __future__ import annotations

from collections.abc import Mapping

from eth_utils.crypto import keccak

from keepers.chain.node import Node
from keepers.config import ChainSettings, Settings
from keepers.config.deployment import ChainDeployment
from keepers.model.errors import BallastError
from keepers.model.nodes import NodeHealth, NodeRole, NodeState
from keepers.runtime.nodes import members_of
from keepers.runtime.signers import make_signing
from keepers.runtime.vault.preflight import Check
from keepers.store.journal import open_journal


async def check_contracts(deployment: ChainDeployment, node: Node) -> list[Check]:
    """Is every contract there, with the code that was deployed?

    Raises:
        ChainError: The chain cannot be read.
    """
    checks: list[Check] = []
    for name, entry in deployment.contracts.items():
        code = await node.code(entry.address)
        matching = f"0x{keccak(code).hex()}" == entry.code_hash
        problem = "other code than deployed" if code else "no code"
        advice = f"{problem} at {entry.address}; check rpc_urls and the deployments file"
        checks.append(Check(f"contract {name}", matching, entry.address if matching else advice))
    checks += await check_code(node, deployment.external, "`external`")
    return checks


async def check_code(node: Node, addresses: Mapping[str, str], where: str) -> list[Check]:
    """The addresses, by name, at which there is no code; `where` is their place in the file."""
    return [
        Check(
            f"contract {name}",
            passed=False,
            detail=f"no code at {address}; check {where} in the deployments file",
        )
        for name, address in addresses.items()
        if not await node.code(address)
    ]


def check_database(settings: Settings) -> Check:
    """Can the database be written?"""
    try:
        open_journal(settings.database)
    except BallastError as error:
        return Check("database", passed=False, detail=str(error))
    return Check("database", passed=True, detail="can be written")


def check_signer(settings: Settings, name: str) -> tuple[Check, str | None]:
    """Can the key of a signer be used, and which account is it of?"""
    try:
        address = make_signing(settings, name).address
    except BallastError as error:
        return Check("key", passed=False, detail=str(error)), None
    return Check("key", passed=True, detail=address), address


async def check_nodes(chain: ChainSettings) -> list[Check]:
    """Does every node answer, is it of this chain, and is it up to date?"""
    async with members_of(chain) as members:
        return [_check(each) for each in await members.inspect()]


def _check(health: NodeHealth) -> Check:
    name = f"{health.role.value.replace('_', ' ')} {health.node}"
    if health.state is not NodeState.HEALTHY:
        state = health.state.value.replace("_", " ")
        return Check(name, passed=False, detail=f"{state}: {health.reason}")
    if health.role is not NodeRole.READER:
        return Check(name, passed=True, detail="answers")
    behind = f", {health.behind} behind" if health.behind else ""
    return Check(name, passed=True, detail=f"block {health.head}{behind}")
