"""Rows of the isolation matrix: a broken component, what then stops and what continues."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationRow:
    """Row of the isolation matrix.

    Attributes:
        row_id: Kind, component and fault, such as `B-CCTP-SILENT`.
        component: Name of the broken component.
        broken: Description of the fault.
        stops: Work that stops.
        goes_on: Work that continues.
    """

    row_id: str
    component: str
    broken: str
    stops: str
    goes_on: str
