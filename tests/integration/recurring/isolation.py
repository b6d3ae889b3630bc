"""Isolation matrix of recurring rebalancers: broken component, fault, and work that continues.

Each row is a test of `test_isolation.py`, with the row's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Component(StrEnum):
    """Broken component."""

    EVENT = "contract that emitted FailedRecurringSchedule"
    HANDLER = "handler of records"
    JOB = "handler whose records have jobs that are stuck"
    RECORD = "handler of a booking that is due"
    TARGET = "target of a paid rebalancer"
    FUNDER = "contract that pays for a rebalancer"
    SUPERVISOR = "supervisor"
    PAGE = "node that is asked for a page of records"


class Way(StrEnum):
    """Fault of a component, in the order of the contract `BurningHandler`."""

    REVERTS = "reverts"
    BURNS_GAS = "burns all gas"
    RETURNS_NOTHING = "returns nothing"
    GARBAGE = "returns garbage"
    MEGABYTE = "returns a megabyte"
    SLOW = "uses nearly all gas, then answers"
    LIES = "says yes to everything"


@dataclass(frozen=True)
class Row:
    """Row of the matrix.

    Attributes:
        component: Broken component.
        way: Its fault.
        count: Number of broken components.
    """

    component: Component
    way: Way
    count: int

    @property
    def id(self) -> str:
        """Id of the row."""
        return f"R-{self.component.name}-{self.way.name}"

    @property
    def stops(self) -> str:
        """Work that stops."""
        return STOPS[self.component]

    @property
    def goes_on(self) -> str:
        """Work that continues."""
        return GOES_ON


GOES_ON = (
    "in the same tick: every other booking that is due is executed, every other rebalancer that "
    "is stuck is booked, the place in the events advances; `ballast recurring status` shows all"
)
STOPS = {
    Component.EVENT: "nothing: the contract is left out, and not asked again",
    Component.HANDLER: "its own records",
    Component.JOB: "fixes of its own records",
    Component.RECORD: "its own bookings",
    Component.TARGET: "its own runs, which are told as failed",
    Component.FUNDER: "bookings of the rebalancers that it pays for",
    Component.SUPERVISOR: "its ticks",
    Component.PAGE: "nothing: the page is halved until the node answers",
}
COUNTS = {
    (Component.EVENT, Way.BURNS_GAS): 3,
    (Component.EVENT, Way.MEGABYTE): 20,
    (Component.HANDLER, Way.BURNS_GAS): 250,
    (Component.JOB, Way.SLOW): 40,
}
"""Numbers of broken components in the findings; the others have two."""

ROWS = tuple(
    Row(component, way, COUNTS.get((component, way), 2))
    for component in Component
    for way in Way
    if component is not Component.PAGE or way is not Way.LIES
)
