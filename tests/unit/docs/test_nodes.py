"""docs/nodes.md knows every state of a node, and every error of several."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepers.chain.pool import PoolPolicy
from keepers.model.errors import BallastError
from keepers.model.errors import nodes as errors_nodes
from keepers.model.node_health import NodeState

DOCUMENT = (Path(__file__).parents[3] / "docs" / "nodes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", NodeState)
def test_nodes__every_state__is_there(state: NodeState) -> None:
    assert f"| `{state}` |" in DOCUMENT


def test_nodes__every_error__says_what_to_do() -> None:
    classes = [value for value in vars(errors_nodes).values() if isinstance(value, type)]
    own = {each.__name__ for each in classes if each.__module__ == errors_nodes.__name__}
    assert len(own) == 4
    assert all(issubclass(each, BallastError) for each in classes)
    assert [name for name in own if f"| `{name}` |" not in DOCUMENT] == []


@pytest.mark.parametrize("readers", [1, 2, 3, 5])
def test_nodes__quorums__are_the_codes(readers: int) -> None:
    assert f"| {readers} | {PoolPolicy().quorum_of(readers)} |" in DOCUMENT
