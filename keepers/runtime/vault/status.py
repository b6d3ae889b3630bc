"""Status of a vault: holdings, limits, holdings left out, pauses and waits for gas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keepers.chain.contracts.approved_plans import VaultPlans
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import JsonRpcSigner, Settings
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.json_document import Json
from keepers.model.left_out import LeftOut, short
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.money import format_units
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import AUTO, TierPlan
from keepers.model.transaction_details import stops
from keepers.model.transaction_records import EVERYTHING, Pause
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.reports.status_text import print_vault
from keepers.reports.transaction_document import pause_document
from keepers.reports.vault_status import limit_document, status_document
from keepers.runs.tiers.offers import Offers, offers_in, reasons_untradable
from keepers.runs.tiers.tier_plan import plan_of, request_of
from keepers.runtime.process.database import has_database, opened
from keepers.runtime.process.owner import OwnerStatus, SenderSetup
from keepers.runtime.process.price_waits import new_waits, price_waits
from keepers.runtime.vault.sender import sender_of_vault
from keepers.runtime.vault.setup import VaultSetup, connected, set_up
from keepers.store.pauses import read_pauses
from keepers.store.transaction_queries import senders_of


async def vault_status(settings: Settings, name: str) -> OwnerStatus:
    """Read tiers, holdings, limits, pauses and waits of a vault at the newest block."""
    setup = set_up(settings, name)
    async with connected(setup, None) as chain:
        snapshot, document = await read_document(setup, chain)
        head = await chain.node.head(snapshot.block_number)
    document |= pauses_document(settings, setup)
    document |= vault_price_waits(settings, sender_of_vault(setup), head.base_fee)
    return OwnerStatus(document, lambda console: print_vault(console, document))


async def read_document(
    setup: VaultSetup, chain: VaultChain
) -> tuple[VaultSnapshot, dict[str, Json]]:
    """Read a vault, with the limits of its keepers and its tradable holdings."""
    snapshot = await chain.snapshot()
    keepers = await chain.limits(setup.deployment.keepers, snapshot.block_number)
    trading = await read_trading(chain, snapshot)
    tiers = setup.vault.tier_config(snapshot.settlement_decimals)
    document = status_document(snapshot, tiers, keepers)
    return snapshot, document | trading_document(snapshot, tiers, trading, keepers)


@dataclass(frozen=True, slots=True)
class Trading:
    """Holdings of a vault that can be traded now.

    Attributes:
        offers: Holdings with the largest sale and purchase of each.
        planned: Limits of planned purchases of each asset, by symbol.
    """

    offers: Offers
    planned: Mapping[str, Limit] | None = None

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Holdings that no plan trades, with reasons."""
        return self.offers.left_out


async def read_trading(chain: VaultChain, snapshot: VaultSnapshot) -> Trading:
    """Ask the market and the controller about every holding of a snapshot."""
    market = VaultMarket(chain.node, chain.addresses, chain.reads)
    rooms = await market.room(snapshot.positions, snapshot.block_number)
    plans = VaultPlans(chain.node, chain.addresses.controller)
    limits = await plans.limits([each.asset for each in snapshot.positions])
    symbols = (each.symbol for each in snapshot.positions)
    return Trading(offers_in(snapshot, rooms), dict(zip(symbols, limits, strict=True)))


def trading_document(
    snapshot: VaultSnapshot,
    config: TierConfig,
    trading: Trading,
    keepers: Sequence[KeeperLimits],
) -> dict[str, Json]:
    """Return holdings left out of trades, limits of planned purchases, and when a plan passes."""
    planned = trading.planned or {}
    return {
        "left_out": [_left_out(each) for each in trading.left_out],
        "planned_limits": [
            {"asset": symbol, **limit_document(limit, snapshot.settlement_decimals, snapshot.at)}
            for symbol, limit in planned.items()
        ],
        "plan": _plan(snapshot, config, trading, keepers),
    }


def _left_out(found: LeftOut) -> Json:
    kind = None if found.kind is None else str(found.kind)
    return {
        "asset": found.asset,
        "kind": kind,
        "reason": short(found.reason),
        "text": found.text,
    }


def _plan(
    snapshot: VaultSnapshot,
    config: TierConfig,
    trading: Trading,
    keepers: Sequence[KeeperLimits],
) -> Json:
    """Return the purchases planned now, their approvals, and when limits allow them.

    `untradable` states why nothing of the plan can be traded now; empty if something can.
    """
    plan = plan_of(request_of(snapshot, config, AUTO, weekly=False).canonical(), snapshot).plan
    buys = sum(each.amount for each in plan.actions if each.to_tier is not Tier.L1)
    approvals = plan.approval.required
    if not buys:
        return None
    if approvals:
        waits = list(_waits_of_assets(plan, snapshot.positions, trading.planned or {}))
    else:
        waits = [_soonest(each.automatic.wait_for(buys) for each in keepers)]
    known = [each for each in waits if each is not None]
    passes_at = snapshot.at + max(known, default=timedelta()) if len(known) == len(waits) else None
    return {
        "buys": format_units(buys, snapshot.settlement_decimals),
        "approvals": approvals,
        "passes_at": None if passes_at is None else passes_at.isoformat(),
        "untradable": list(_untradable(snapshot, config, trading, plan)),
    }


def _untradable(
    snapshot: VaultSnapshot, config: TierConfig, trading: Trading, plan: TierPlan
) -> tuple[str, ...]:
    if snapshot.paused and all(each.to_tier is not Tier.L1 for each in plan.actions):
        return ("the controller is paused: nothing is bought until a configurator unpauses it",)
    return reasons_untradable(plan, trading.offers, config.rebalance_min_amount)


def _waits_of_assets(
    plan: TierPlan, positions: Sequence[VaultPosition], planned: Mapping[str, Limit]
) -> Iterator[timedelta | None]:
    """Yield the time until each asset's limit allows its share of its tier's purchases."""
    for leg in plan.actions:
        inside = [each for each in positions if each.tier == leg.to_tier]
        weights = sum(each.target_bps for each in inside)
        for each in inside:
            if weights and each.target_bps and each.symbol in planned:
                yield planned[each.symbol].wait_for(leg.amount * each.target_bps // weights)


def _soonest(waits: Iterator[timedelta | None]) -> timedelta | None:
    return min((each for each in waits if each is not None), default=None)


def pauses_of(settings: Settings, setup: VaultSetup) -> tuple[Pause, ...]:
    """Return the pauses that stop a vault; no key is read and no database is created.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    if not has_database(settings):
        return ()
    chain_id = setup.chain.chain_id
    signer = settings.signers[setup.vault.signer]
    with opened(settings) as database:
        senders = {*database.read(lambda c: senders_of(c, setup.name, chain_id))}
        if isinstance(signer, JsonRpcSigner):
            senders.add(signer.address)
        senders.update(setup.deployment.keepers)
        found = database.read(read_pauses)
    return tuple(each for each in found if _stops_any(each, chain_id, senders))


def pauses_document(settings: Settings, setup: VaultSetup) -> dict[str, Json]:
    """Return the pauses that stop a vault, or the reason why they cannot be read."""
    try:
        found = pauses_of(settings, setup)
    except StoreUnavailableError as error:
        return {"pauses": None, "pauses_problem": str(error)}
    return {"pauses": [pause_document(each) for each in found]}


def _stops_any(pause: Pause, chain_id: int, senders: set[str]) -> bool:
    return pause.scope == EVERYTHING or any(stops(pause, chain_id, each) for each in senders)


def vault_price_waits(settings: Settings, sender: SenderSetup, base_fee: int) -> dict[str, Json]:
    """Return a vault's work that waits for gas; None if the database cannot be read."""
    found: list[Json] | None = None
    try:
        if has_database(settings):
            with opened(settings) as database:
                found = price_waits(database, sender, base_fee)
        else:
            found = list[Json](new_waits(sender, base_fee))
    except StoreUnavailableError:
        pass  # `pauses_problem` of the same document has the reason
    return {"base_fee_wei": str(base_fee), "waiting_for_gas": found}
