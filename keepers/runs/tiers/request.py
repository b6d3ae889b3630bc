"""From a snapshot of the chain to what the planner reads."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.model.money import WHOLE_BPS
from keepers.model.order import AssetPosition
from keepers.model.quote import TradingRoom
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import TriggerChoice
from keepers.model.tier_state import Event, Settlement, TierHolding, TierState
from keepers.model.vault import HoldingKind, VaultPosition, VaultSnapshot
from keepers.planning.files.tiers_input import TiersRequest

CAP_MARGIN_BPS = 50
"""Part of an asset's cap that plans leave, since the vault loses a little by each trade."""

METHODS = {
    HoldingKind.ERC4626: "ERC4626",
    HoldingKind.VENUE: "SWAP",
    HoldingKind.ASYNC: "ERC7540",
}


def request_of(
    snapshot: VaultSnapshot,
    config: TierConfig,
    trigger: TriggerChoice,
    *,
    weekly: bool,
    events: Sequence[Event] = (),
) -> TiersRequest:
    """The planner's request; assets go by their symbols, of which each has one."""
    state = TierState(
        settlement=Settlement(snapshot.settlement_symbol, snapshot.settlement_decimals),
        values=snapshot.tier_values,
        redemptions_due=snapshot.redemptions_due,
        holdings=tuple(
            TierHolding(each.symbol, Tier(each.tier), each.value) for each in snapshot.positions
        ),
        events=tuple(events),
    )
    return TiersRequest(state, config, trigger, weekly)


def tradable(position: VaultPosition, room: TradingRoom, total: int) -> AssetPosition:
    """A position with what it can give and take now, in a vault that is worth a total.

    A swap's costs are estimated by its bound, a fund's by nothing. The asset's cap on chain is of
    what the vault is worth then, so some of it is left unused.
    """
    most = total * position.cap_bps // WHOLE_BPS
    cap = most - most * CAP_MARGIN_BPS // WHOLE_BPS
    is_swap = position.kind is HoldingKind.VENUE
    return AssetPosition(
        asset=position.symbol,
        tier=Tier(position.tier),
        method=METHODS[position.kind],
        value=position.value,
        balance=position.balance,
        target_weight=position.target_bps,
        exit_cost=position.maximum_loss_bps if is_swap else 0,
        exit_liquidity=position.value if room.exit is None else min(room.exit, position.value),
        cap=cap if room.entry is None else min(cap, position.value + room.entry),
    )
