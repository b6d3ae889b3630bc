"""The real node as the proxies see it, with rules of nodes that anvil does not apply."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import requests
from eth_account import Account
from eth_utils.crypto import keccak

from keepers.model.errors.signing import BadSignatureError
from keepers.signing.checked import Decoded, decode
from scripts.network.session import direct_session
from tests.integration.support.faults import UNDERPRICED, Dropped, Failure, Outcome, Result

SEND = "eth_sendRawTransaction"
BUMP_PERCENT = 10
SECONDS = 60

Ask = Callable[[str, list[Any]], Outcome]
"""Function from method and parameters to the node's outcome."""


def asking(url: str) -> Ask:
    """Return a function that asks a node; no response counts as a broken connection."""
    session = direct_session()
    session.headers["Connection"] = "close"  # a restarted node must not find old connections

    def ask(method: str, params: list[Any]) -> Outcome:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            said = session.post(url, json=request, timeout=SECONDS).json()
        except requests.RequestException:
            return Dropped()
        if "error" in said:
            error = said["error"]
            return Failure(error["code"], error["message"], error.get("data"))
        return Result(said["result"])

    return ask


class ReplacementRule:
    """Rule of geth that anvil lacks: both fees of a replacement are at least 10 % higher.

    The price to beat is that of the transaction in the node's pool, from any sender; transactions
    that are included or dropped do not count. Proxies before one node share a rule.
    """

    def __init__(self, ask: Ask) -> None:
        self.enabled = True
        self._ask = ask
        self._one_at_a_time = threading.Lock()

    def __call__(self, method: str, params: list[Any]) -> Outcome:
        if method != SEND or not self.enabled:
            return self._ask(method, params)
        with self._one_at_a_time:
            return UNDERPRICED if self._is_underpriced(params[0]) else self._ask(method, params)

    def _is_underpriced(self, raw: str) -> bool:
        signed = bytes.fromhex(raw.removeprefix("0x"))
        try:
            new = decode(signed)
        except BadSignatureError:
            return False  # the node has its own error for that
        pending = self._pending(sender_of(raw), new)
        if pending is None or pending["hash"] == f"0x{keccak(signed).hex()}":
            return False
        old = (pending["maxFeePerGas"], pending["maxPriorityFeePerGas"])
        offered = (new.maximum_fee, new.priority_fee)
        return any(new < least_bump(int(old, 16)) for old, new in zip(old, offered, strict=True))

    def _pending(self, sender: str, new: Decoded) -> dict[str, str] | None:
        pool = self._ask("txpool_content", [])
        assert isinstance(pool, Result), pool
        both = (pool.value["pending"], pool.value["queued"])
        found = [each.get(sender, {}).get(str(new.nonce)) for each in both]
        return next((each for each in found if each is not None), None)


def least_bump(fee: int) -> int:
    """Return the minimum fee that replaces another: 10 % more, rounded up."""
    return -(-fee * (100 + BUMP_PERCENT) // 100)


def sender_of(raw: str) -> str:
    """Return the signer of raw bytes, in lower case."""
    return cast("Any", Account).recover_transaction(raw).lower()
