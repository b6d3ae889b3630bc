"""What a message that is not attested yet waits for."""

from __future__ import annotations

from keepers.bridges.cctp.iris import IrisMessage
from keepers.model.bridges.values import Pending, Wait

DELAYS = {
    "insufficient_fee": Wait.FEE_TOO_LOW,
    "amount_above_max": Wait.TOO_LARGE,
    "insufficient_allowance_available": Wait.NO_ALLOWANCE,
}


def pending_for(message: IrisMessage) -> Pending:
    """A state of the service in our words; a reason that is new is told as it is."""
    if not message.delay:
        return Pending(Wait.CONFIRMING, f"the attestation service says {message.status[:40]}")
    wait = DELAYS.get(message.delay, Wait.PROCESSING)
    return Pending(wait, f"the fast way is delayed by {message.delay[:60]}")
