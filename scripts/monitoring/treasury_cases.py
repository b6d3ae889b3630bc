"""Tests of the alerts about treasuries. Numbers are copied from the source documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.monitoring.case import MINUTES, Case, always, clock, steps, stopping_clock

CHECKED = "ballast_inventory_check_timestamp_seconds"
PLACE = {"chain": "1", "asset": "USDC"}
OF_PLACE = 'chain="1",asset="USDC"'
ROUTE = {"route": "CCTP"}
OF_ROUTE = 'route="CCTP"'
HALF_HOUR = 35
"""A little more than half an hour, in minutes."""


def treasury_cases() -> Iterator[Case]:
    """Yield all tests."""
    yield from _gauge("TransferStuck", f"ballast_transfers_stuck{{{OF_ROUTE}}}", ROUTE)
    yield from _gauge("TransferOverdue", f"ballast_transfers_overdue{{{OF_ROUTE}}}", ROUTE)
    below = f"ballast_treasury_triggered{{{OF_PLACE}}}"
    yield from _gauge("TreasuryBelowThreshold", below, PLACE, HALF_HOUR)
    yield from _gauge("TriggerUncovered", f"ballast_inventory_uncovered{{{OF_PLACE}}}", PLACE)
    unreadable = 'ballast_inventory_unreadable{asset="USDC"}'
    yield from _gauge("InventoryUnreadable", unreadable, {"asset": "USDC"})
    yield from _gauge("TreasuryPaused", 'ballast_treasury_paused{chain="1"}', {"chain": "1"})
    yield from _bridges()
    yield from _batches()
    yield from _coins()
    series = {CHECKED: stopping_clock(900)}
    yield Case(alert="InventoryUnchecked", about="15 minutes", series=series, labels={})


def _gauge(
    alert: str, name: str, labels: Mapping[str, str], minutes: int = MINUTES
) -> Iterator[Case]:
    """Yield tests of gauges in which 1 fires, if the sample is fresh."""
    series = {name: steps(0, 1, minutes), CHECKED: clock(0, minutes)}
    yield Case(alert=alert, about="1", series=series, labels=labels, minutes=minutes)
    old = {name: always(1, minutes), CHECKED: clock(900, minutes)}
    yield Case(alert=alert, about="one stands by", series=old, labels=None, minutes=minutes)


def _bridges() -> Iterator[Case]:
    readable = f"ballast_bridge_readable{{{OF_ROUTE}}}"
    asked = f"ballast_bridge_asked_timestamp_seconds{{{OF_ROUTE}}}"
    series = {readable: steps(1, 0), asked: clock(0)}
    yield Case(alert="BridgeUnreadable", about="15 minutes", series=series, labels=ROUTE)
    series = {readable: always(0), asked: clock(900)}
    yield Case(alert="BridgeUnreadable", about="not asked any more", series=series, labels=None)


def _batches() -> Iterator[Case]:
    """Yield tests with two hours left, then half an hour, and then another batch."""
    first, second = 60 * (MINUTES - 1) + 3600, 60 * (2 * MINUTES - 1) + 1800
    third = 60 * (3 * MINUTES - 1) + 7200
    values = " ".join(f"{end}+0x{MINUTES - 1}" for end in (first, second, third))
    series = {"ballast_batch_deadline_timestamp_seconds": values, CHECKED: clock(0)}
    yield Case(alert="BatchApprovalDue", about="an hour", series=series, labels={})


def _coins() -> Iterator[Case]:
    where = {"chain": "1"}
    series = {
        'ballast_treasury_keeper_coins{chain="1"}': steps(0.07, 0.0699),
        'ballast_treasury_needed_coins{chain="1"}': always(0.07),
        CHECKED: clock(0),
    }
    yield Case(alert="TreasuryCoinsLow", about="what is needed", series=series, labels=where)
