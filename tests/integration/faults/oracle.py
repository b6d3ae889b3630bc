"""Invariants for every fault, checked on chain, nodes and database after every test."""

from __future__ import annotations

from collections import Counter
from typing import Any

from keepers.model.transaction_states import AttemptKind
from tests.integration.faults.rig import Rig
from tests.unit.store.ledger.consistency import Picture, check, picture


def judge(rig: Rig) -> None:
    """Check that no call ran twice, all sent bytes were stored, and final states match receipts."""
    with rig.database.reading() as connection:
        now = picture(connection)
    check(now)
    stored = {row["raw"]: row for row in now.attempts.values()}
    _nothing_unstored(rig, stored)
    _no_call_twice(rig)
    if rig.keeps_finality:
        _ends_are_receipts(rig, now)


def _nothing_unstored(rig: Rig, stored: dict[str, Any]) -> None:
    for node in rig.nodes:
        for raw in node.sent:
            assert raw in stored, "bytes left that are not stored"
            assert stored[raw]["sealed_at"] is not None, "bytes left that were not validated"


def _no_call_twice(rig: Rig) -> None:
    executed = Counter(each["input"] for each in included(rig) if each["to"] == rig.target.lower())
    assert all(count == 1 for count in executed.values()), f"executed twice: {executed}"


def _ends_are_receipts(rig: Rig, now: Picture) -> None:
    for row in now.attempts.values():
        if row["state"] != "FINAL":
            continue
        receipt = rig.chain.rpc("eth_getTransactionReceipt", row["transaction_hash"])
        assert receipt["blockHash"] == row["block_hash"]
        assert (int(receipt["status"], 16) == 1) == row["succeeded"]
        end = now.intents[now.slots[row["slot_id"]]["intent_id"]]["state"]
        cancelled = row["kind"] == AttemptKind.CANCEL
        assert end == ("CANCELLED" if cancelled else "FINAL" if row["succeeded"] else "REVERTED")


def included(rig: Rig) -> list[dict[str, Any]]:
    """Return the key's included transactions, oldest first."""
    found: list[dict[str, Any]] = []
    for number in range(rig.first_block, rig.chain.head + 1):
        block = rig.chain.rpc("eth_getBlockByNumber", hex(number), True)
        found += [each for each in block["transactions"] if each["from"] == rig.sender.lower()]
    return found
