"""Conditions of a custodian's lane: that it is open."""

from __future__ import annotations

from keepers.bridges.condition import Condition
from keepers.bridges.custodial.service import LaneTerms


def lane_condition(terms: LaneTerms) -> Condition:
    """What the custodian says of a lane."""
    return Condition("" if terms.open else terms.reason, "open")
