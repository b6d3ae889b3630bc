"""Conditions of LayerZero's routes: that somebody can say where a message is."""

from __future__ import annotations

from keepers.bridges.condition import Condition
from keepers.bridges.oft.scan import Scan

NO_MESSAGE = "0x" + "00" * 32
"""Of this id there is no message, so any answer at all will do."""


async def scan_condition(scan: Scan) -> Condition:
    """Ask the scan service for a message that there is not.

    Raises:
        BridgeError: It does not answer.
    """
    said = await scan.message(NO_MESSAGE)
    return Condition("", f"the scan service answers: {said.words}")
