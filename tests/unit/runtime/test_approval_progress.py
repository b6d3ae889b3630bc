"""Tests of approval progress: collected weight, and Safes with signatures of some owners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from keepers.model.approval import GivenApproval, Signature, TicketRecord
from keepers.runs.approvals.ports import ApprovalDependencies
from keepers.runtime.approvals.requests import weighed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALICE, SAFE = "0x" + "0a" * 20, "0x" + "05" * 20
OWNERS = ["0x" + f"{each:02x}" * 20 for each in (0x11, 0x12, 0x13)]


class Plans:
    """Account of weight 1, and a Safe of weight 2 that needs two of its three owners."""

    async def threshold(self, signer: str) -> int:
        return {SAFE: 2}[signer]

    async def owners(self, signer: str) -> frozenset[str]:
        return frozenset({SAFE: OWNERS}[signer])

    async def weights(self, plan: object, signatures: Sequence[Signature]) -> tuple[int, ...]:
        del plan
        return tuple({ALICE: 1, SAFE: 2}[each.signer] for each in signatures)


def given(signer: str, owner: str | None = None) -> GivenApproval:
    return GivenApproval(signer=signer, owner=owner or signer, signature="0xaa", given_at=NOON)


@pytest.mark.parametrize(
    ("approvals", "told"),
    [
        ((), "0 of 2"),
        ((given(ALICE),), "1 of 2"),
        ((given(ALICE), given(SAFE, OWNERS[0])), f"1 of 2; Safe {SAFE}: 1 of its 2 owners"),
        (
            (given(SAFE, OWNERS[0]), given(SAFE, OWNERS[2])),
            "2 of 2: the keeper opens it at its next check",
        ),
    ],
)
async def test_progress__counts_weights_and_names_half_signed_safes(
    approvals: tuple[GivenApproval, ...], told: str
) -> None:
    """T9: the progress of an approval request."""
    ticket: Any = SimpleNamespace(required=2, plan=None)
    record = cast("TicketRecord", SimpleNamespace(ticket=ticket, approvals=approvals))
    desk = ApprovalDependencies("treasury on EVM-1", cast("Any", None), cast("Any", Plans()))
    assert await weighed(desk, record) == told
