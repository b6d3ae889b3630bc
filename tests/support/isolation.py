"""Rows of the isolation matrix: a component, broken in a way, what that stops and what goes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationRow:
    """One row.

    Attributes:
        row_id: Kind, component and way, as `B-CCTP-SILENT`.
        component: What is broken, in words.
        broken: How.
        stops: What then stops.
        goes_on: What does not.
    """

    row_id: str
    component: str
    broken: str
    stops: str
    goes_on: str
