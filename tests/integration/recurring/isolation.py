"""The isolation matrix of recurring rebalancers: what is broken, how, and what still goes on.

Each row is a test of `test_isolation.py`, with the row's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Component(StrEnum):
    """What is broken."""

    EVENT = "contract that emitted FailedRecurringSchedule"
    HANDLER = "handler of records"
    JOB = "handler whose records have jobs that are stuck"
    RECORD = "handler of a booking that is due"
    TARGET = "target of a paid rebalancer"
    FUNDER = "contract that pays for a rebalancer"
    SUPERVISOR = "supervisor"
    PAGE = "node that is asked for a page of records"


class Way(StrEnum):
    """How it is broken; in the order of the contract `BurningHandler`."""

    REVERTS = "reverts"
    BURNS_GAS = "burns all gas"
    RETURNS_NOTHING = "returns nothing"
    GARBAGE = "returns garbage"
    MEGABYTE = "returns a megabyte"
    SLOW = "uses nearly all gas, then answers"
    LIES = "says yes to everything"


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        component: What is broken.
        way: How.
        count: How many of them there are.
    """

    component: Component
    way: Way
    count: int

    @property
    def id(self) -> str:
        """Its id."""
        return f"R-{self.component.name}-{self.way.name}"

    @property
    def stops(self) -> str:
        """What stops."""
        return STOPS[self.component]

    @property
    def goes_on(self) -> str:
        """What goes on."""
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
"""How many the findings had of them; of others there are two."""

ROWS = tuple(
    Row(component, way, COUNTS.get((component, way), 2))
    for component in Component
    for way in Way
    if component is not Component.PAGE or way is not Way.LIES
)
