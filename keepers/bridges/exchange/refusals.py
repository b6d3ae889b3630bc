"""What the exchange says when it does not do what it is asked for.

Only these codes are a refusal. After any other failure of a withdrawal nothing is known: it may be
under way, and is looked up until that is known.
"""

from __future__ import annotations

import re

from keepers.model.bridges.values import Wait

LOCKED = "RW00441"
"""The deposit counts, and may not be withdrawn yet."""

SUSPENDED = "031026"
"""No withdrawals on this network for now."""

REFUSALS: dict[str, Wait] = {
    LOCKED: Wait.LOCKED,
    SUSPENDED: Wait.SUSPENDED,
    "-1003": Wait.BUSY,
    "-1015": Wait.BUSY,
    "-1021": Wait.PROCESSING,
}
"""What passes: locked, suspended, too many requests, a clock that is off."""

FINAL: dict[str, str] = {
    "-1002": "we are not authorised",
    "-1022": "the signature is not accepted",
    "-2014": "the key is not accepted",
    "-2015": "the key may not withdraw, or not from this address",
}
"""A person has to change something."""

_CODE = re.compile(r'"code"\s*:\s*"?(-?[0-9A-Za-z]{3,12})"?')


def code_of(text: str) -> str:
    """The exchange's code in an error's text; empty where there is none."""
    found = _CODE.search(text)
    return found[1] if found else ""
