"""Whose key sends on which chain: a vault's, or that of a chain's treasury."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from keepers.audit.policy import Policy
from keepers.chain.addresses import Token
from keepers.chain.pool import Members
from keepers.chain.pool.pool import LeastGas
from keepers.config import ChainSettings, Settings
from keepers.config.signers import SendingSettings
from keepers.model.transfer_record import TREASURY
from keepers.runtime.keys import chosen_owner
from keepers.runtime.recurring.addresses import batch_gas
from keepers.runtime.treasury.outcomes import treasury_judges
from keepers.runtime.treasury.policy import treasury_policy
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup, set_up_treasury
from keepers.runtime.vault.default_policy import default_policy
from keepers.runtime.vault.outcomes import judges_of
from keepers.runtime.vault.setup import VaultSetup, connected, set_up
from keepers.transactions.ports import ReceiptInterpreter

Judges = Mapping[str, ReceiptInterpreter]


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSetup:
    """What an engine is made of, whoever its key works for.

    Attributes:
        name: For people, and for the lock that keeps other processes away.
        owner: In whose name runs are kept: a vault's, or that of the treasuries.
        chain: Where it sends.
        limits: With which key, audited by whom, at what cost.
        tokens: What errors call addresses.
        policy: What an account may sign unless the settings name a policy.
        least_gas: Makes what says how much gas a call must have, where estimates say too little.
        judges: What receipts mean, for as long as it is open.
    """

    name: str
    owner: str
    chain: ChainSettings
    limits: SendingSettings
    tokens: Mapping[str, Token]
    policy: Callable[[str], Policy]
    least_gas: Callable[[Members], LeastGas | None] | None = None
    judges: Callable[[], AbstractAsyncContextManager[Judges]]


def sender_of_vault(setup: VaultSetup) -> SenderSetup:
    """The sender that works for a vault."""
    return SenderSetup(
        name=f"vault {setup.name}",
        owner=setup.name,
        chain=setup.chain,
        limits=setup.vault,
        tokens=setup.addresses.tokens,
        policy=partial(default_policy, setup),
        least_gas=partial(batch_gas, setup),
        judges=partial(_vault_judges, setup),
    )


def sender_of_treasury(setup: TreasurySetup, chain: TreasuryChainSetup) -> SenderSetup:
    """The sender that works for a chain's treasury."""
    return SenderSetup(
        name=f"treasury on {chain.name}",
        owner=TREASURY,
        chain=chain.chain,
        limits=chain.treasury,
        tokens=chain.addresses.tokens,
        policy=partial(treasury_policy, setup, chain),
        judges=partial(_treasury_judges, chain),
    )


def senders_named(settings: Settings, owner: str | None) -> tuple[SenderSetup, ...]:
    """The sender of a vault, or all of the treasuries; chosen as `chosen_owner` does.

    Raises:
        InputError: There is no such vault, or several and none is named.
        DeploymentError: A deployments file cannot be used.
    """
    name = chosen_owner(settings, owner)
    if name != TREASURY or settings.treasury is None:
        return (sender_of_vault(set_up(settings, name)),)
    setup = set_up_treasury(settings)
    return tuple(sender_of_treasury(setup, each) for each in setup.chains.values())


@asynccontextmanager
async def _vault_judges(setup: VaultSetup) -> AsyncGenerator[Judges]:
    async with connected(setup, None) as chain:
        yield judges_of(chain, setup)


@asynccontextmanager
async def _treasury_judges(chain: TreasuryChainSetup) -> AsyncGenerator[Judges]:
    yield treasury_judges(chain.deployment.treasury)
