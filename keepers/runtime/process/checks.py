"""Preflight checks shared by all owners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Self

from eth_utils.crypto import keccak

from keepers.chain.node import Node
from keepers.config import ChainSettings, Settings
from keepers.config.deployment import ChainDeployment
from keepers.model.chain import NodeHealth, NodeRole, NodeState
from keepers.model.errors import BallastError
from keepers.runtime.process.nodes import members_of
from keepers.runtime.process.signers import make_signing
from keepers.store.runs import open_runs

COIN_DECIMALS = 18
"""Decimals of a chain's native token."""


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check; `detail` describes the finding or the remedy.

    A warning is a check that did not pass, but stops nothing.
    """

    name: str
    passed: bool
    detail: str
    is_warning: bool = False

    @classmethod
    def of(cls, name: str, problem: str | None, fine: str) -> Self:
        """Return a failed check if there is a problem, otherwise a passed one."""
        return cls(name, problem is None, fine if problem is None else problem)


ChainCheck = Callable[[Node, str | None], Awaitable[Sequence[Check]]]
"""Checks that read a chain, with the keeper's account if its key can be read."""


async def check_chain(
    settings: Settings,
    chain: ChainSettings,
    signer: str,
    node: Callable[[], AbstractAsyncContextManager[Node]],
    parts: Sequence[ChainCheck],
) -> list[Check]:
    """Check a key and a chain's nodes, then each part; an unreadable chain ends the list.

    Args:
        settings: The effective settings.
        chain: The chain's settings.
        signer: Name of the signer.
        node: Opens the best of the chain's nodes.
        parts: Checks specific to the owner, in order.
    """
    key, keeper = check_signer(settings, signer)
    checks = [key]
    try:
        checks += await check_nodes(chain)
        async with node() as opened:
            for part in parts:
                checks += await part(opened, keeper)
    except BallastError as error:
        checks.append(Check("chain", passed=False, detail=str(error)))
    return checks


async def check_contracts(deployment: ChainDeployment, node: Node) -> list[Check]:
    """Check that every contract exists, with the deployed code.

    Raises:
        ChainError: The chain cannot be read.
    """
    checks: list[Check] = []
    for name, entry in deployment.contracts.items():
        code = await node.code(entry.address)
        matching = f"0x{keccak(code).hex()}" == entry.code_hash
        problem = "code differs from the deployment" if code else "no code"
        advice = f"{problem} at {entry.address}; check rpc_urls and the deployments file"
        checks.append(Check(f"contract {name}", matching, entry.address if matching else advice))
    checks += await check_code(node, deployment.external, "`external`")
    return checks


async def check_code(node: Node, addresses: Mapping[str, str], where: str) -> list[Check]:
    """Return a failed check for each named address without code; `where` is its table."""
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
    """Check that the database can be written."""
    try:
        open_runs(settings.database)
    except BallastError as error:
        return Check("database", passed=False, detail=str(error))
    return Check("database", passed=True, detail="can be written")


def check_signer(settings: Settings, name: str) -> tuple[Check, str | None]:
    """Check that the key of a signer can be used; return its account too."""
    try:
        address = make_signing(settings, name).address
    except BallastError as error:
        return Check("key", passed=False, detail=str(error)), None
    return Check("key", passed=True, detail=address), address


async def check_nodes(chain: ChainSettings) -> list[Check]:
    """Check that every node responds, is of this chain and up to date."""
    async with members_of(chain) as members:
        return [_node_check(each) for each in await members.inspect()]


def _node_check(health: NodeHealth) -> Check:
    name = f"{health.role.value.replace('_', ' ')} {health.node}"
    if health.state is not NodeState.HEALTHY:
        state = health.state.value.replace("_", " ")
        return Check(name, passed=False, detail=f"{state}: {health.reason}")
    if health.role is not NodeRole.READER:
        return Check(name, passed=True, detail="answers")
    behind = f", {health.behind} behind" if health.behind else ""
    return Check(name, passed=True, detail=f"block {health.head}{behind}")
