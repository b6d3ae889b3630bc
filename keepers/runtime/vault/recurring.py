"""Contracts of recurring rebalancers, as a deployments file has them."""

from __future__ import annotations

from keepers.chain.addresses import RecurringAddresses
from keepers.chain.node import Node
from keepers.chain.pool import Members
from keepers.chain.recurring.gas import BatchGas
from keepers.chain.recurring.jobs import RecurringJobs
from keepers.config import Deployment
from keepers.config.errors import DeploymentError
from keepers.config.service import RecurringSettings
from keepers.model.errors import InputError
from keepers.runtime.vault.setup import VaultSetup, vault_node

NAMES = (
    "TransactionScheduler",
    "PaidRebalancerRegistry",
    "RebalanceSupervisor",
    "SchedulerLens",
)


def recurring_addresses(deployment: Deployment) -> RecurringAddresses | None:
    """Return their addresses; None where they are not deployed."""
    if any(name not in deployment.contracts for name in NAMES):
        return None
    return RecurringAddresses(*map(deployment.address, NAMES))


def required_addresses(setup: VaultSetup) -> RecurringAddresses:
    """Return their addresses for work with them.

    Raises:
        InputError: The settings do not say that this vault's key is for that.
        DeploymentError: A contract is not deployed.
    """
    if setup.recurring is None:
        raise InputError("recurring.vault", "is not set; name the vault whose key is to be used")
    found = recurring_addresses(setup.deployment)
    if found is None:
        missing = next(name for name in NAMES if name not in setup.deployment.contracts)
        problem = "is missing; add [recurring] to its configuration and run `ape run deploy`"
        raise DeploymentError(setup.chain.deployments, f"contracts.{missing}", problem)
    return found


def batch_gas(setup: VaultSetup, members: Members) -> BatchGas | None:
    """Return the gas that batches must have; None where there are none."""
    places = recurring_addresses(setup.deployment)
    if places is None:
        return None
    gas = (setup.recurring or RecurringSettings()).fix_gas
    return BatchGas(vault_node(setup, members), places, gas)


def recurring_jobs(setup: VaultSetup, node: Node) -> RecurringJobs:
    """Return the scheduler's records; raises as `required_addresses`."""
    places = required_addresses(setup)
    assert setup.recurring is not None  # noqa: S101 - required
    return RecurringJobs(node, places, setup.recurring.page_size)
