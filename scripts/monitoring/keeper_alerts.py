"""Alerts about keepers, their keys, their nodes and their messages."""

from __future__ import annotations

from keepers.model.alarms import CRITICAL, Alarm
from keepers.telemetry import registry, vault_registry
from keepers.telemetry import registry as service
from scripts.monitoring.alert import Alert, Level

KEY = "key {{ $labels.sender }} on chain {{ $labels.chain }}"
SEEN = f"and on (chain, sender, job, instance) (time() - {registry.LAST_LOOK.name} < 900)"
"""Filter for keepers with a recent pass; series from before a takeover do not count."""

EACH = "sum by (chain, sender, alarm)"
SERIOUS = "|".join(sorted(CRITICAL))
OTHERS = "|".join(sorted(set(Alarm) - CRITICAL - {Alarm.PAUSED, Alarm.HEAD_STALLED}))
"""Pauses and the chain head have separate alerts."""

CHECKS = "sum by (vault, schedule)"
FAILED = f'{CHECKS} (increase({service.TICKS.name}{{outcome="failed"}}[30m]))'
SUCCEEDED = f'{CHECKS} (increase({service.TICKS.name}{{outcome=~"run|nothing"}}[30m]))'
"""Sum over all keepers, because any of them may run the vault's checks."""

KEEPER_ALERTS = (
    Alert(
        name="KeeperDown",
        level=Level.CRITICAL,
        when="Prometheus cannot scrape the job `ballast` for 2 minutes",
        expr='up{job="ballast"} == 0',
        lasting="2m",
        summary="keeper {{ $labels.instance }} does not respond",
        action="Start it again; open work resumes automatically. Its log states why it ended.",
    ),
    Alert(
        name="ChecksFailing",
        level=Level.WARNING,
        when="checks of a schedule failed more than twice within 30 minutes, and none succeeded",
        expr=f"{FAILED} > 2 unless on (vault, schedule) ({SUCCEEDED} > 0)",
        summary="{{ $labels.schedule }} checks of vault {{ $labels.vault }} fail",
        action="The log line `check_failed` gives the reason. For `events`, nodes may refuse "
        "`eth_getLogs`: deposits and price moves are not detected then.",
    ),
    Alert(
        name="KeyUnattended",
        level=Level.WARNING,
        when="no keeper has made a pass for a key for 15 minutes",
        expr=f"time() - max by (chain, sender) ({registry.LAST_LOOK.name}) > 900",
        summary=f"no keeper works for {KEY}",
        action="Is the keeper running, and can it read its database?",
    ),
    Alert(
        name="LeaseNotHeld",
        level=Level.WARNING,
        when="no keeper has the lease on a key for 10 minutes",
        expr=f"max by (chain, sender) ({registry.LEASE_HELD.name} {SEEN}) == 0",
        lasting="10m",
        summary=f"no keeper has the lease on {KEY}",
        action="A keeper that crashed holds it until it expires (`lease_seconds`). After that, "
        "find out why no keeper acquires it.",
    ),
    Alert(
        name="LeaseHeldTwice",
        level=Level.CRITICAL,
        when="two keepers report for 10 minutes that they have the lease on a key",
        expr=f"sum by (chain, sender) ({registry.LEASE_HELD.name} {SEEN}) > 1",
        lasting="10m",
        summary=f"two keepers hold {KEY}",
        action="They use two databases, so leases cannot exclude each other. Stop one of them.",
    ),
    Alert(
        name="AlarmCritical",
        level=Level.CRITICAL,
        when="the engine has raised a critical alarm within 10 minutes",
        expr=f'{EACH} (increase({registry.ALARMS.name}{{alarm=~"{SERIOUS}"}}[10m])) > 0',
        summary=f"{{{{ $labels.alarm }}}}: {KEY}",
        action="`ballast txs` and the log give the cause; [transactions](stuck-transactions.md) "
        "explains each alarm. Some alarms pause the key until you resume it.",
    ),
    Alert(
        name="AlarmGoesOn",
        level=Level.WARNING,
        when="the engine raises another alarm repeatedly for 10 minutes",
        expr=f'{EACH} (increase({registry.ALARMS.name}{{alarm=~"{OTHERS}"}}[10m])) > 0',
        lasting="10m",
        summary=f"{{{{ $labels.alarm }}}}: {KEY}",
        action="`ballast txs` and the log give the cause; [transactions](stuck-transactions.md) "
        "explains each alarm.",
    ),
    Alert(
        name="KeyPaused",
        level=Level.WARNING,
        when="a key is paused for 5 minutes",
        expr=f"max by (chain, sender) ({registry.PAUSED.name} {SEEN}) == 1",
        lasting="5m",
        summary=f"{KEY} is paused",
        action="`ballast status` shows who paused it and why; `ballast resume` resumes it.",
    ),
    Alert(
        name="TransactionStuck",
        level=Level.WARNING,
        when="the transaction with the lowest nonce of a key waits for more than 30 minutes",
        expr=f"max by (chain, sender) ({registry.LOWEST_PENDING.name} {SEEN}) > 1800",
        lasting="1m",
        summary=f"a transaction of {KEY} has waited for {{{{ $value | humanizeDuration }}}}",
        action="Fees may be above your limits, which `ballast txs` shows. Raise them, or bump "
        "or cancel the transaction.",
    ),
)
NODE_ALERTS = (
    Alert(
        name="HeadStalled",
        level=Level.CRITICAL,
        when="the newest block that keepers have read is older than 10 minutes, for 2 minutes",
        expr=f"min by (chain) ({registry.HEAD_AGE.name}) > 600",
        lasting="2m",
        summary="chain {{ $labels.chain }} has no new block",
        action="Has the chain stopped, or are your nodes behind? Compare with a public explorer. "
        "Signed transactions wait; none is lost.",
    ),
    Alert(
        name="NodeUnhealthy",
        level=Level.WARNING,
        when="a node fails, is behind or serves another chain, for 10 minutes",
        expr=f"max by (chain, node, role) ({registry.NODE_HEALTHY.name}) == 0",
        lasting="10m",
        summary="node {{ $labels.node }} of chain {{ $labels.chain }} is unusable",
        action="[Nodes](../reference/nodes.md) lists the requirements. Repair or remove it.",
    ),
    Alert(
        name="NodesAllUnhealthy",
        level=Level.CRITICAL,
        when="no node of a chain can be read, for 2 minutes",
        expr=f'max by (chain) ({registry.NODE_HEALTHY.name}{{role="reader"}}) == 0',
        lasting="2m",
        summary="no node of chain {{ $labels.chain }} can be read",
        action="The keeper does nothing without nodes. Repair them, or add another one.",
    ),
)
MESSAGE_ALERTS = (
    Alert(
        name="NotificationsStuck",
        level=Level.WARNING,
        when="the oldest waiting message is older than 15 minutes, for 5 minutes",
        expr=f"max({vault_registry.NOTIFICATIONS_OLDEST.name}) > 900",
        lasting="5m",
        summary="messages are not delivered",
        action="The log line `message_not_taken` names the failing kind of destination and the "
        "reason.",
    ),
    Alert(
        name="NotificationsLost",
        level=Level.WARNING,
        when="a message of the last day was dropped",
        expr=f"max({vault_registry.NOTIFICATIONS_FAILED.name}) > 0",
        summary="{{ $value }} messages were dropped",
        action="Repair the destination. Open conditions are reported again with the next reminder.",
    ),
)
