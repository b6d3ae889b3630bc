"""A bridge that cannot be asked: its transfer is where it was."""

from __future__ import annotations

from keepers.model.bridges.values import Pending, Wait
from keepers.model.errors.bridges import (
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeError,
    BridgeRefusedError,
    BridgeUnreachableError,
    ClockBehindError,
)

UNREADABLE = (
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeRefusedError,
    BridgeUnreachableError,
    ClockBehindError,
)


def told(error: BridgeError) -> Pending:
    """What a failure to ask says of a transfer: nothing.

    Raises:
        BridgeError: The error is about the transfer itself.
    """
    if not isinstance(error, UNREADABLE):
        raise error
    return Pending(Wait.UNREADABLE, str(error))
