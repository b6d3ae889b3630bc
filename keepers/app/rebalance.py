"""One run of the rebalance pipeline with everything that it needs."""

from __future__ import annotations

from keepers.adapters.chain.market import VaultMarket
from keepers.adapters.chain.simulation import NodeSimulator
from keepers.adapters.chain.vault_chain import VaultChain
from keepers.adapters.signing.signer import Signer
from keepers.adapters.store.journal import open_journal
from keepers.app.lock import only_keeper
from keepers.app.settings import Settings
from keepers.app.signers import make_signer
from keepers.app.system_clock import SystemClock
from keepers.app.wiring import VaultSetup, connected, set_up, settlement_of
from keepers.domain.run import RunRecord
from keepers.domain.tier_plan import TriggerChoice
from keepers.engine.policy import RunPolicy
from keepers.engine.ports import Journal, Progress
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.world import World


async def rebalance(
    settings: Settings, vault: str | None, trigger: TriggerChoice, *, arm: bool, say: Progress
) -> RunRecord:
    """Run once, as the only keeper of the vault and of its key.

    Args:
        settings: The settings in force.
        vault: The vault's name, None for the only one.
        trigger: What to judge.
        arm: Whether to send, which the settings may also say.
        say: Where progress goes.
    """
    setup = set_up(settings, vault)
    signer = make_signer(settings, setup.vault.signer)
    key = f"key {setup.chain.chain_id} {signer.address}"
    with (
        only_keeper(settings.database, f"vault {setup.name}"),
        only_keeper(settings.database, key),
    ):
        journal = open_journal(settings.database)
        async with connected(setup, signer.address) as chain:
            world = await _world(setup, chain, signer, journal, say)
            return await run_once(world, trigger, armed=arm or settings.armed)


async def _world(
    setup: VaultSetup, chain: VaultChain, signer: Signer, journal: Journal, say: Progress
) -> World:
    settlement = await settlement_of(chain)
    return World(
        vault=setup.name,
        chain_id=setup.chain.chain_id,
        journal=journal,
        chain=chain,
        market=VaultMarket(chain.node, chain.addresses),
        simulator=NodeSimulator(chain.node, chain.addresses.controller),
        signer=signer,
        clock=SystemClock(),
        policy=policy_of(setup, settlement.decimals),
        say=say,
    )


def policy_of(setup: VaultSetup, decimals: int) -> RunPolicy:
    """What the settings allow a run to do."""
    vault, chain = setup.vault, setup.chain
    return RunPolicy(
        tiers=vault.tier_config(decimals),
        minimum_output_tolerance_bps=vault.minimum_output_tolerance_bps,
        warn_slippage_bps=vault.warn_slippage_bps,
        block_slippage_bps=vault.block_slippage_bps,
        verification_tolerance_bps=vault.verification_tolerance_bps,
        plan_expiry_seconds=vault.plan_expiry_seconds,
        gas_limit=vault.gas_limit,
        minimum_gas_balance=vault.minimum_gas_balance_wei,
        confirmations=chain.confirmations,
        confirmation_timeout_seconds=float(chain.confirmation_timeout_seconds),
        poll_interval_seconds=float(chain.poll_interval_seconds),
    )
