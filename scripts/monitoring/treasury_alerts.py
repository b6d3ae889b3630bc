"""Alerts about treasuries, transfers between them, and bridges."""

from __future__ import annotations

from keepers.telemetry import treasury_registry as registry
from scripts.monitoring.alert import Alert, Level

FRESH = f"and on (job, instance) (time() - {registry.CHECKED.name} < 900)"
"""Filter for keepers that check the inventory; standby keepers do not count."""

ASKED = f"and on (route, job, instance) (time() - {registry.BRIDGE_ASKED.name} < 900)"
"""Filter for bridges in use; the state of an unused bridge is unknown."""

PLACE = "{{ $labels.asset }} on chain {{ $labels.chain }}"

TREASURY_ALERTS = (
    Alert(
        name="TransferStuck",
        level=Level.CRITICAL,
        when="a transfer waits for an operator's decision",
        expr=f"max by (route) ({registry.STUCK.name} {FRESH}) > 0",
        summary="{{ $value }} transfer(s) by {{ $labels.route }} are stuck",
        action="`ballast transfers --stuck` lists them, `ballast transfers show ID` gives the "
        "reason and the possible decisions; [transfers](stuck-transfers.md) explains each one. "
        "Nothing is sent again before you decide.",
    ),
    Alert(
        name="TransferOverdue",
        level=Level.WARNING,
        when="a transfer is on its bridge for more than twice its usual time plus 30 minutes",
        expr=f"max by (route) ({registry.OVERDUE.name} {FRESH}) > 0",
        lasting="1m",
        summary="{{ $value }} transfer(s) by {{ $labels.route }} are overdue",
        action="`ballast transfers` shows what each waits for. Check the bridge's own status "
        "page; the transfer continues once the bridge does.",
    ),
    Alert(
        name="BridgeUnreadable",
        level=Level.WARNING,
        when="a bridge has not responded to requests for 15 minutes",
        expr=f"max by (route) ({registry.BRIDGE_READABLE.name} {ASKED}) == 0",
        lasting="15m",
        summary="bridge {{ $labels.route }} does not respond",
        action="`ballast check --vault treasury` checks each service. Until it responds, nothing "
        "new is planned for the assets on it.",
    ),
    Alert(
        name="TreasuryBelowThreshold",
        level=Level.WARNING,
        when="a balance is at or below its threshold for 30 minutes, and no batch refills it",
        expr=f"max by (chain, asset) ({registry.TRIGGERED.name} {FRESH}) == 1",
        lasting="30m",
        summary=f"{PLACE} has been at or below its threshold for 30 minutes",
        action="`ballast status --vault treasury` and `ballast plan inventory --explain` show why: "
        "no surplus, no route, a limit, a pause, or a keeper that is not armed.",
    ),
    Alert(
        name="TriggerUncovered",
        level=Level.WARNING,
        when="no transfer can bring a chain back to its base, for 5 minutes",
        expr=f"max by (chain, asset) ({registry.UNCOVERED.name} {FRESH}) == 1",
        lasting="5m",
        summary=f"{PLACE} cannot be brought to its base",
        action="Send tokens to any of the chains, or open a route, a lane or a limit: "
        "`ballast plan inventory --explain` shows what is missing.",
    ),
    Alert(
        name="InventoryUnreadable",
        level=Level.WARNING,
        when="an asset is not planned for 15 minutes, because not all of it can be read",
        expr=f"max by (asset) ({registry.UNREADABLE.name} {FRESH}) == 1",
        lasting="15m",
        summary="nothing new is planned for {{ $labels.asset }}",
        action="`ballast status --vault treasury` shows what cannot be read: a chain, or a "
        "transfer on its bridge.",
    ),
    Alert(
        name="BatchApprovalDue",
        level=Level.WARNING,
        when="a batch waits for approval, and less than an hour is left",
        expr=f"(min ({registry.DEADLINE.name} {FRESH}) - time()) < 3600",
        summary="a batch is refused in {{ $value | humanizeDuration }} unless it is approved",
        action="`ballast approve` shows the plan and signs it. Without approval nothing of the "
        "batch is sent, and the next check plans again.",
    ),
    Alert(
        name="InventoryUnchecked",
        level=Level.CRITICAL,
        when="no keeper has checked the inventory for 15 minutes",
        expr=f"time() - max ({registry.CHECKED.name}) > 900",
        summary="no keeper has checked the inventory for {{ $value | humanizeDuration }}",
        action="Is the keeper of the treasuries running, and do its nodes respond? Its log "
        "states what it waits for.",
    ),
    Alert(
        name="TreasuryPaused",
        level=Level.WARNING,
        when="a treasury is paused on chain for 5 minutes",
        expr=f"max by (chain) ({registry.PAUSED.name} {FRESH}) == 1",
        lasting="5m",
        summary="the treasury on chain {{ $labels.chain }} is paused",
        action="Find out who paused it and why. Arrivals and divestments continue; a configurator "
        "unpauses it once the reason is resolved.",
    ),
    Alert(
        name="TreasuryCoinsLow",
        level=Level.WARNING,
        when="the key of a treasury has less for gas and messages than the settings require, for "
        "10 minutes",
        expr=f"min by (chain) ({registry.COINS.name} {FRESH})"
        f" < max by (chain) ({registry.COINS_NEEDED.name} {FRESH})",
        lasting="10m",
        summary="treasury key on chain {{ $labels.chain }}: {{ $value }} of native token left",
        action="Send native token to it. It is not topped up automatically.",
    ),
)
