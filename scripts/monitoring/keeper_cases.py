"""Tests of the alerts about keepers, nodes and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.monitoring.case import Case, always, clock, once, rising, steps, stopping_clock

KEY = {"chain": "1", "sender": "0xaa"}
HOUR = 60
OF_KEY = 'chain="1",sender="0xaa"'
NODE = {"chain": "1", "node": "https://a", "role": "reader"}
OF_NODE = 'chain="1",node="https://a",role="reader"'


def keeper_cases() -> Iterator[Case]:
    """Yield all tests."""
    yield from _keepers()
    yield from _alarms()
    yield from _nodes()
    yield from _messages()


def _keepers() -> Iterator[Case]:
    up = {'up{job="ballast",instance="one"}': steps(1, 0)}
    labels = {"job": "ballast", "instance": "one"}
    yield Case(alert="KeeperDown", about="not answering", series=up, labels=labels)
    other = {'up{job="other",instance="one"}': always(0)}
    yield Case(alert="KeeperDown", about="another job", series=other, labels=None)
    yield from _checks()
    look = {f"ballast_last_look_timestamp_seconds{{{OF_KEY}}}": stopping_clock(900)}
    yield Case(alert="KeyUnattended", about="15 minutes", series=look, labels=KEY)
    held = f'ballast_lease_held{{{OF_KEY},instance="one"}}'
    also = f'ballast_lease_held{{{OF_KEY},instance="two"}}'
    looked = {_looked(name): clock(0) for name in ("one", "two")}
    series = {held: steps(1, 0), also: always(0)} | looked
    yield Case(alert="LeaseNotHeld", about="nobody has it", series=series, labels=KEY)
    series = {held: always(1), also: steps(0, 1)} | looked
    yield Case(alert="LeaseHeldTwice", about="two have it", series=series, labels=KEY)
    series = {
        held: always(1),
        also: always(1),
        _looked("one"): clock(900),
        _looked("two"): clock(0),
    }
    yield Case(alert="LeaseHeldTwice", about="one had it before", series=series, labels=None)
    yield from _of_a_key("KeyPaused", "ballast_paused", 0, 1)
    yield from _of_a_key("TransactionStuck", "ballast_lowest_pending_age_seconds", 1_800, 1_801)


def _checks() -> Iterator[Case]:
    """Yield tests with parts of one hour, of which the second half counts."""
    where, labels = 'vault="main",schedule="events"', {"vault": "main", "schedule": "events"}
    failed = f'ballast_ticks_total{{{where},outcome="failed"}}'
    nothing = f'ballast_ticks_total{{{where},outcome="nothing"}}'
    series = {failed: rising(HOUR)}
    yield Case(alert="ChecksFailing", about="all fail", series=series, labels=labels, minutes=HOUR)
    both = {failed: rising(HOUR), nothing: f"0+1x{3 * HOUR - 1}"}
    yield Case(alert="ChecksFailing", about="some fail", series=both, labels=None, minutes=HOUR)


def _looked(instance: str) -> str:
    return f'ballast_last_look_timestamp_seconds{{{OF_KEY},instance="{instance}"}}'


def _of_a_key(alert: str, metric: str, quiet: float, trouble: float) -> Iterator[Case]:
    """Yield tests of series that count until another keeper takes over."""
    series = f'{metric}{{{OF_KEY},instance="one"}}'
    now = {series: steps(quiet, trouble), _looked("one"): clock(0)}
    yield Case(alert=alert, about="its threshold", series=now, labels=KEY)
    then = {series: always(trouble), _looked("one"): clock(900)}
    yield Case(alert=alert, about="one stands by", series=then, labels=None)


def _alarms() -> Iterator[Case]:
    for alarm in ("finality_broken", "signer_wrong", "send_unknown"):
        yield _alarm("AlarmCritical", alarm, fires=True)
        yield _alarm("AlarmGoesOn", alarm, fires=False)
    for alarm in ("funds", "fee_cap", "nodes_unavailable"):
        yield _alarm("AlarmGoesOn", alarm, fires=True)
        yield _alarm("AlarmCritical", alarm, fires=False)
    for alert, alarm, labels in (
        ("AlarmGoesOn", "reorganised", None),
        ("AlarmCritical", "signer_wrong", {**KEY, "alarm": "signer_wrong"}),
    ):
        series = {f'ballast_alarms_total{{{OF_KEY},alarm="{alarm}"}}': once()}
        yield Case(alert=alert, about="came once", series=series, labels=labels)


def _alarm(alert: str, alarm: str, *, fires: bool) -> Case:
    series = {f'ballast_alarms_total{{{OF_KEY},alarm="{alarm}"}}': rising()}
    labels = {**KEY, "alarm": alarm} if fires else None
    return Case(alert=alert, about=alarm, series=series, labels=labels)


def _nodes() -> Iterator[Case]:
    yield _simple("HeadStalled", 'ballast_head_age_seconds{chain="1"}', 600, 601, {"chain": "1"})
    yield _simple("NodeUnhealthy", f"ballast_node_healthy{{{OF_NODE}}}", 1, 0, NODE)
    series = {
        f"ballast_node_healthy{{{OF_NODE}}}": steps(1, 0),
        'ballast_node_healthy{chain="1",node="https://b",role="reader"}': always(0),
        'ballast_node_healthy{chain="1",node="https://c",role="send_only"}': always(1),
    }
    yield Case(alert="NodesAllUnhealthy", about="no reader", series=series, labels={"chain": "1"})


def _messages() -> Iterator[Case]:
    yield _simple("NotificationsStuck", "ballast_notifications_oldest_seconds", 900, 901, {})
    yield _simple("NotificationsLost", "ballast_notifications_failed", 0, 1, {})


def _simple(
    alert: str, series: str, quiet: float, trouble: float, labels: Mapping[str, str]
) -> Case:
    values = {series: steps(quiet, trouble)}
    return Case(alert=alert, about="its threshold", series=values, labels=labels)
