"""Implementation of `ballast recurring`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from keepers.chain.codec import Call
from keepers.chain.contracts.recurring import (
    PaidRebalancerRegistry,
    RecurringRebalancer,
    TransactionScheduler,
)
from keepers.chain.node import Node
from keepers.chain.recurring.gas import run_gas
from keepers.chain.recurring.last_runs import LastRuns
from keepers.chain.simulation import DryRun
from keepers.config import Settings
from keepers.model.chain import ContractCall
from keepers.model.errors import InputError
from keepers.model.ports import Progress
from keepers.model.recurring import MANAGE, JobRow
from keepers.model.run import RunRecord
from keepers.runs.recurring import (
    RecurringDependencies,
    RecurringResult,
    RecurringScope,
    recurring_tick,
)
from keepers.runs.recurring.run import Batch, driver_of, run_batches
from keepers.runtime.vault.runtime import vault_runtime
from keepers.runtime.vault.setup import (
    VaultSetup,
    connected,
    recurring_jobs,
    required_addresses,
    set_up,
)

Check = Callable[[Node, str], Awaitable[str | None]]
"""Reads a node for a keeper's account; returns why a call's result would not work, or None."""


@dataclass(frozen=True, slots=True)
class Managed:
    """Result of a request: the call, why it would fail, and its run, if any."""

    call: ContractCall
    problem: str | None
    record: RunRecord | None


async def tick(
    settings: Settings, wanted: RecurringScope, *, arm: bool, progress: Progress
) -> RecurringResult:
    """Make one tick of the keeper, as the only one with its key."""
    setup = _setup(settings)
    async with vault_runtime(settings, setup.name, arm=arm, progress=progress) as runtime:
        return await recurring_tick(_required(runtime.recurring), wanted, armed=runtime.armed)


async def statuses(settings: Settings) -> tuple[JobRow, ...]:
    """Return every record of the scheduler; nothing is signed or sent."""
    setup = _setup(settings)
    async with connected(setup, None) as chain:
        rows = await recurring_jobs(setup, chain.node).rows()
        return await LastRuns(chain.node, required_addresses(setup)).add(rows)


async def earnings(settings: Settings, account: str) -> int:
    """Return the wei that an executor has earned and not withdrawn."""
    setup = _setup(settings)
    scheduler = TransactionScheduler(required_addresses(setup).scheduler)
    async with connected(setup, None) as chain:
        return await chain.node.read(scheduler.balance(account))


async def create(settings: Settings, target: str, *, arm: bool, progress: Progress) -> Managed:
    """Create the paid rebalancer of a target, with the key that has the right to.

    Refused if its runs would fail: five failed runs would be paid before it is halted.
    """
    registry = _registry(settings)

    async def check(node: Node, keeper: str) -> str | None:
        effort, force = await node.read(registry.default_terms())
        booking = await node.read(registry.booking_gas())
        found = await run_gas(
            node,
            target,
            force=force,
            callers=(registry.address, keeper),
            effort=effort,
            booking=booking,
        )
        return found.problem

    reason = f"create {target}"
    return await _manage(
        settings, registry.create(target), reason, check, arm=arm, progress=progress
    )


async def close(
    settings: Settings, target: str, rebalancer: str | None, *, arm: bool, progress: Progress
) -> Managed:
    """Delete the paid rebalancer of a target, or close a separate rebalancer permanently."""
    if rebalancer is not None:
        call = RecurringRebalancer(rebalancer).close()
        return await _manage(settings, call, f"close {rebalancer}", arm=arm, progress=progress)
    registry = _registry(settings)
    async with connected(_setup(settings), None) as chain:
        handle = await chain.node.read(registry.handle_of(target))
    if handle == 0:
        raise InputError("TARGET", f"{target} has no paid rebalancer")
    return await _manage(
        settings, registry.delete(handle), f"close {target}", arm=arm, progress=progress
    )


async def configure(
    settings: Settings,
    target: str,
    rebalancer: str | None,
    config: tuple[Any, ...],
    *,
    arm: bool,
    progress: Progress,
) -> Managed:
    """Set the schedule and payer of a target's rebalancer; `config` is in the contracts' form."""
    if rebalancer is not None:
        call = RecurringRebalancer(rebalancer).set_config(config)
    else:
        call = _registry(settings).update_config(target, config)
    reason = f"configure {rebalancer or target}"
    return await _manage(settings, call, reason, arm=arm, progress=progress)


async def _manage(
    settings: Settings,
    call: Call[Any],
    reason: str,
    check: Check | None = None,
    *,
    arm: bool,
    progress: Progress,
) -> Managed:
    """Simulate a call with the keeper's key and, if armed and successful, send it once."""
    setup, made = _setup(settings), call.contract_call
    async with (
        connected(setup, None) as chain,
        vault_runtime(settings, setup.name, arm=arm, progress=progress) as runtime,
    ):
        recurring = _required(runtime.recurring)
        (answer,) = (await DryRun(chain.node, []).run(recurring.keeper, [made])).answers
        if not answer.succeeded:
            return Managed(made, str(chain.node.reverts.read(answer.data)), None)
        problem = None if check is None else await check(chain.node, recurring.keeper)
        if problem is not None or not runtime.armed:
            return Managed(made, problem, None)
        await driver_of(recurring).recover(armed=runtime.armed)
        batch = Batch(kind=MANAGE, call=made, count=1, request=reason)
        return Managed(made, None, await run_batches(recurring, [batch], armed=runtime.armed))


def _required(found: RecurringDependencies | None) -> RecurringDependencies:
    assert found is not None  # noqa: S101 - settings and contracts are present
    return found


def _registry(settings: Settings) -> PaidRebalancerRegistry:
    return PaidRebalancerRegistry(required_addresses(_setup(settings)).registry)


def _setup(settings: Settings) -> VaultSetup:
    """Return the vault whose key is used, after checking that all contracts are deployed."""
    if settings.recurring.vault is None:
        raise InputError("recurring.vault", "is not set; name the vault whose key is to be used")
    setup = set_up(settings, settings.recurring.vault)
    required_addresses(setup)
    return setup
