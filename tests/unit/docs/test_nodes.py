"""Tests that docs/reference/nodes.md lists every node state and every error of a node pool."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepers.chain.pool import PoolPolicy
from keepers.model.chain import NodeState
from keepers.model.errors import BallastError
from keepers.model.errors.chain import (
    NodesBehindError,
    NodesDisagreeError,
    NoQuorumError,
    NoRelayError,
)

DOCUMENT = (Path(__file__).parents[3] / "docs" / "reference" / "nodes.md").read_text(
    encoding="utf-8"
)


ERRORS = (NoQuorumError, NodesDisagreeError, NodesBehindError, NoRelayError)


@pytest.mark.parametrize("state", NodeState)
def test_nodes__every_state__is_there(state: NodeState) -> None:
    assert f"| `{state}` |" in DOCUMENT


def test_nodes__every_error__says_what_to_do() -> None:
    assert all(issubclass(each, BallastError) for each in ERRORS)
    assert [each for each in ERRORS if f"| `{each.__name__}` |" not in DOCUMENT] == []


@pytest.mark.parametrize("readers", [1, 2, 3, 5])
def test_nodes__quorums__are_the_codes(readers: int) -> None:
    assert f"| {readers} | {PoolPolicy().quorum_of(readers)} |" in DOCUMENT
