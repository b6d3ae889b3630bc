"""One run of a vault's upkeep with everything that it needs."""

from __future__ import annotations

from contextlib import closing

from keepers.adapters.chain.chores import ChoreReader
from keepers.adapters.chain.upkeep_events import read_claim, read_fulfilment
from keepers.adapters.chain.vault_chain import VaultChain
from keepers.adapters.store.ledger.holding import HeldLease
from keepers.adapters.store.upkeep import SqlUpkeepJournal
from keepers.adapters.telemetry.metrics import Metrics
from keepers.app.rebalance import MARGIN_SECONDS, alone, opened, policy_of
from keepers.app.sending import engine_of, holder_of
from keepers.app.settings import Settings
from keepers.app.signers import make_signing
from keepers.app.system_clock import SystemClock
from keepers.app.telemetry import KeeperTelemetry
from keepers.app.wiring import connected, set_up, settlement_of
from keepers.domain.chain import Receipt
from keepers.domain.run import RunRecord
from keepers.domain.upkeep import CLAIM, FULFIL, UpkeepEvent
from keepers.engine.policy import RunPolicy
from keepers.engine.ports import Progress
from keepers.engine.upkeep import UpkeepWorld, upkeep
from keepers.engine.upkeep.judging import UpkeepJudge


async def keep_up(
    settings: Settings,
    vault: str | None,
    *,
    arm: bool,
    say: Progress,
    metrics: Metrics | None = None,
) -> RunRecord | None:
    """Do what is due, once, as the only keeper of the vault and of its key.

    Args:
        settings: The settings in force.
        vault: The vault's name, None for the only one.
        arm: Whether to send, which the settings may also say.
        say: Where progress goes.
        metrics: What is counted and measured.

    Returns:
        The run; None where nothing was due.
    """
    setup = set_up(settings, vault)
    signer = make_signing(settings, setup.vault.signer)
    armed = arm or settings.armed
    seconds = setup.chain.confirmation_timeout_seconds + MARGIN_SECONDS
    with alone(settings, setup, signer.address), opened(settings) as ledger:
        lease = HeldLease(ledger, f"vault:{setup.name}", holder_of(settings.database), seconds)
        with closing(SqlUpkeepJournal(ledger, lease)) as journal:
            async with connected(setup, signer.address) as chain:
                counted = Metrics() if metrics is None else metrics
                telemetry = KeeperTelemetry(counted, setup.chain.chain_id, signer.address, say)
                judges = upkeep_judges(chain)
                async with engine_of(
                    settings, setup, ledger, signer, telemetry, judges=judges, armed=armed
                ) as engine:
                    policy = policy_of(setup, (await settlement_of(chain)).decimals)
                    world = UpkeepWorld(
                        vault=setup.name,
                        chain_id=setup.chain.chain_id,
                        journal=journal,
                        chain=chain,
                        chores=chores_of(chain, policy),
                        keeper=signer.address,
                        transactions=engine,
                        clock=SystemClock(),
                        policy=policy,
                        say=say,
                    )
                    return await upkeep(world, armed=armed)


def upkeep_judges(chain: VaultChain) -> dict[str, UpkeepJudge]:
    """The judges of the kinds of chores."""
    addresses = chain.addresses

    def fulfilment(receipt: Receipt) -> UpkeepEvent | None:
        return None if addresses.queue is None else read_fulfilment(receipt, addresses.queue)

    def claim(receipt: Receipt) -> UpkeepEvent | None:
        return read_claim(receipt, addresses.controller)

    return {FULFIL: UpkeepJudge(fulfilment), CLAIM: UpkeepJudge(claim)}


def chores_of(chain: VaultChain, policy: RunPolicy) -> ChoreReader:
    """What finds the chores of a vault."""
    return ChoreReader(chain.node, chain.addresses, policy.tiers.rebalance_min_amount)
