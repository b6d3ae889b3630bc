"""The part of the preflight that is about one vault and its keeper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eth_utils.crypto import keccak

from keepers.chain.node import Node
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import ChainSettings, Settings
from keepers.config.deployment import ChainDeployment
from keepers.model.errors import BallastError
from keepers.model.errors.chain import ControllerPausedError, NotKeeperError
from keepers.model.left_out import LeftOut
from keepers.model.limits import Limit
from keepers.model.nodes import NodeHealth, NodeRole, NodeState
from keepers.model.numerals import format_units
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.tiers.request import request_of
from keepers.runs.tiers.tier_plan import plan_of
from keepers.runtime.process.nodes import members_of
from keepers.runtime.process.signers import make_signing
from keepers.runtime.vault.setup import VaultSetup
from keepers.runtime.vault.trading_status import read_trading
from keepers.store.journal import open_journal

COIN_DECIMALS = 18


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `detail` says what is there, or what to do.

    A warning did not pass, and stops nothing else.
    """

    name: str
    passed: bool
    detail: str
    is_warning: bool = False


async def check_vault(setup: VaultSetup, chain: VaultChain) -> list[Check]:
    """Can the vault be valued, and may this keeper act on it?"""
    try:
        snapshot = await chain.snapshot()
    except BallastError as error:
        return [Check("vault", passed=False, detail=str(error))]
    total = format_units(snapshot.total_assets, snapshot.settlement_decimals)
    worth = f"worth {total} {snapshot.settlement_symbol}"
    return [
        Check("vault", passed=True, detail=worth),
        _verdict("controller", str(ControllerPausedError()) if snapshot.paused else None, "open"),
        *_permission(snapshot),
        *_gas(setup, snapshot),
        *_bands(setup, snapshot),
        *[_holding(each) for each in (await read_trading(chain, snapshot)).left_out],
        *_concentrations(setup, snapshot),
    ]


def _holding(found: LeftOut) -> Check:
    return Check(f"holding {found.asset}", passed=False, detail=found.text, is_warning=True)


def _concentrations(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    """What is concentrated, and cannot be otherwise at the targets that the chain has."""
    config = setup.vault.tier_config(snapshot.settlement_decimals)
    request = request_of(snapshot, config, TriggerKind.THRESHOLD, weekly=False).canonical()
    for each in plan_of(request, snapshot).idle:
        yield Check("concentration", passed=False, detail=each, is_warning=True)


def _permission(snapshot: VaultSnapshot) -> Iterator[Check]:
    limits = snapshot.keeper_limits
    if limits is None:
        return
    problem = None if limits.allowed else str(NotKeeperError(limits.keeper))
    admits = (
        f"may put {_admitted(snapshot, limits.automatic)} at risk and take "
        f"{_admitted(snapshot, limits.reducing)} out of it"
    )
    yield _verdict("keeper", problem, admits)
    for what, budget in (
        ("adds", snapshot.loss_budgets.adding),
        ("reduces", snapshot.loss_budgets.reducing),
    ):
        advice = (
            f"there is none for what {what} risk, so no loss is admitted; set loss_budgets in the "
            "deployment's configuration and run the configure script"
        )
        admits = f"what {what} risk may lose {_admitted(snapshot, budget)}"
        yield _verdict("loss budget", None if budget.is_set else advice, admits)


def _admitted(snapshot: VaultSnapshot, limit: Limit) -> str:
    now, most = (
        format_units(each, snapshot.settlement_decimals) for each in (limit.available, limit.cap)
    )
    return f"{now} of {most} {snapshot.settlement_symbol} now"


def _gas(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    if snapshot.keeper is None:
        return
    balance, least = snapshot.keeper_balance_wei, setup.vault.minimum_gas_balance_wei
    has = f"{format_units(balance, COIN_DECIMALS)} of the chain's coin"
    needs = format_units(least, COIN_DECIMALS)
    problem = f"{has}, needs {needs}; send {snapshot.keeper} some" if balance < least else None
    yield _verdict("gas balance", problem, has)


def _bands(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    config = setup.vault.tier_config(snapshot.settlement_decimals)
    for tier in Tier:
        ours, theirs = config.band(tier), snapshot.bands[tier]
        chain = (theirs.minimum_bps, theirs.target_bps, theirs.maximum_bps)
        inside = chain[0] <= ours.minimum and ours.maximum <= chain[2]
        advice = (
            f"{tier.name} is planned in {ours.minimum} to {ours.maximum} bps, but the chain "
            f"enforces {chain[0]} to {chain[2]}; make the settings agree"
        )
        yield _verdict(f"band {tier.name}", None if inside else advice, "inside the chain's")


def _verdict(name: str, problem: str | None, fine: str) -> Check:
    return Check(name, problem is None, fine if problem is None else problem)


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
