"""Treasuries of a few chains, their settings, and records of open movements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

from keepers.model.inventory import InFlight
from keepers.model.inventory_state import AssetSettings, ChainInventory, InventorySettings
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.transaction_states import StepState
from keepers.model.transfer import CROSS
from keepers.model.transfer_record import PlacementRecord, TransferRecord, TransferWork
from keepers.model.treasury import SizeBands, TreasuryHolding, TreasuryView, VenuePosition

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNLIMITED = Limit(cap=10**30, available=10**30, period_seconds=86_400)


def view(
    chain_id: int, idle: int, *positions: VenuePosition, automatic: int = 10**30, **more: Any
) -> TreasuryView:
    limits = KeeperLimits("0x", Limit(10**30, automatic, 86_400), UNLIMITED)
    usual: dict[str, Any] = {
        "legs": {},
        "route_limits": {},
        "venue_limits": {},
        "bands": SizeBands(single_above=10**30, dual_above=10**30, maximum_plan_seconds=1),
        "paused": False,
    }
    return TreasuryView(
        chain_id=chain_id,
        block_number=1,
        block_hash="0x",
        at=NOW,
        holdings={"USDC": TreasuryHolding(idle, positions)},
        keeper_limits=limits,
        epoch=0,
        keeper_balance_wei=0,
        **(usual | more),
    )


def venue(shares: int, value: int, name: str = "0x") -> VenuePosition:
    return VenuePosition(venue=name, shares=shares, value=value, withdrawable=value)


def settings_of(
    bases: Mapping[int, int | None], decimals: int = 2, **more: Any
) -> InventorySettings:
    """Return settings of one asset on a few chains, from its base by chain id."""
    chains = {
        chain_id: ChainInventory(
            ledger="0x",
            assets={"USDC": AssetSettings(token="0x", decimals=decimals, base=base, **more)},
            maximum_native_fee=0,
            gas_reserve=0,
        )
        for chain_id, base in bases.items()
    }
    return InventorySettings(trigger_percentage=Fraction(1, 2), chains=chains)


def flight(source: int, destination: int, amount: int, **more: Any) -> InFlight:
    usual: dict[str, Any] = {"arriving": amount, "debited": False, "credited": False}
    return InFlight(
        asset="USDC",
        source=f"EVM-{source}",
        destination=f"EVM-{destination}",
        amount=amount,
        **(usual | more),
    )


def transfer(**more: Any) -> TransferRecord:
    """Return a transfer of 100 from chain 1 to 2 that is on its bridge; 90 must arrive."""
    terms = SimpleNamespace(
        asset="USDC", source_chain=1, destination_chain=2, amount=100, min_received=90
    )
    states = {TransferWork.INVEST: more.pop("state", StepState.PENDING)}
    invest = more.pop("invest", None)
    usual: dict[str, Any] = {
        "transfer_id": "0xa",
        "terms": terms,
        "position": CROSS[1],
        "received": None,
        "arriving": None,
        "states": states,
        "trouble": None,
        "has_ended": False,
        "new": SimpleNamespace(
            invest=None if invest is None else SimpleNamespace(amount=invest), run_id="r"
        ),
    }
    return cast("TransferRecord", SimpleNamespace(**(usual | more)))


def placement(verb: str, state: StepState, amount: int = 50, **more: Any) -> PlacementRecord:
    new = SimpleNamespace(
        verb=verb, move=SimpleNamespace(amount=amount), chain_id=1, asset="USDC", placement_id="0xb"
    )
    usual: dict[str, Any] = {"new": new, "state": state, "reason": None, "has_ended": False}
    return cast("PlacementRecord", SimpleNamespace(**(usual | more)))
