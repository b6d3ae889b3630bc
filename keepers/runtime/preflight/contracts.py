"""The part of the preflight that is about what a deployments file says is there."""

from __future__ import annotations

from collections.abc import Mapping

from eth_utils.crypto import keccak

from keepers.chain.node import Node
from keepers.config.deployment import ChainDeployment
from keepers.runtime.vault.preflight import Check


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
