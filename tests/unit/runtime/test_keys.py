"""Tests of the owner chosen by name: a vault or the treasuries."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from keepers.runtime.owners import chosen_owner
from keepers.runtime.treasury.owner import TreasuryOwner


def settings(*vaults: str, treasury: bool) -> Any:
    return SimpleNamespace(vaults=dict.fromkeys(vaults), treasury=object() if treasury else None)


@pytest.mark.parametrize(
    ("given", "name", "meant"),
    [
        (settings("treasury", treasury=False), None, False),
        (settings("treasury", treasury=False), "treasury", False),
        (settings("main", treasury=True), None, False),
        (settings("main", treasury=True), "treasury", True),
        (settings(treasury=True), None, True),
    ],
)
def test_chosen_owner__is_not_the_treasuries_where_a_vault_has_their_name(
    monkeypatch: pytest.MonkeyPatch, given: Any, name: str | None, *, meant: bool
) -> None:
    monkeypatch.delenv("BALLAST_VAULT", raising=False)
    assert isinstance(chosen_owner(given, name), TreasuryOwner) is meant
