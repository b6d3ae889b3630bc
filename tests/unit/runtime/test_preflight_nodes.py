"""Tests of the checks of nodes by `ballast check`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from keepers.chain.pool import Members
from keepers.config.model import ChainSettings
from keepers.model.chain import NodeRole
from keepers.runtime.process import checks as preflight_nodes
from keepers.runtime.process.checks import Check
from keepers.runtime.process.nodes import members_of
from tests.unit.chain.pool.scripted import HEIGHT, Chain, ScriptedNode, honest
from tests.unit.chain.pool.scripted import members_of as scripted_members

SETTINGS = ChainSettings(
    chain_id=1,
    rpc_urls=["http://a/v3/secret-key", "http://b"],
    send_only_urls=["http://c"],
    private_relay_urls=["http://d"],
    quorum=2,
    deployments=Path("deployments.json"),
)


async def checks_of(
    monkeypatch: pytest.MonkeyPatch,
    readers: Sequence[ScriptedNode],
    send_only: Sequence[ScriptedNode] = (),
) -> list[Check]:
    @asynccontextmanager
    async def made(_: ChainSettings) -> AsyncGenerator[Members]:
        yield scripted_members(readers, send_only=send_only)

    monkeypatch.setattr(preflight_nodes, "members_of", made)
    return await preflight_nodes.check_nodes(SETTINGS)


async def test_check_nodes__each__has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = honest(3)
    readers[0].height = HEIGHT - 1
    readers[1].height = HEIGHT - 31
    readers[2].height = HEIGHT
    send_only = ScriptedNode(Chain(), name="send")
    found = await checks_of(monkeypatch, [*readers, *honest(1)], [send_only])
    assert [(each.name, each.passed) for each in found] == [
        ("reader http://node0", True),
        ("reader http://node1", False),
        ("reader http://node2", True),
        ("reader http://node0", True),
        ("send only http://send", True),
    ]
    assert found[1].detail.startswith("behind: it is 30 blocks behind")
    assert (found[2].detail, found[4].detail) == (f"block {HEIGHT}", "answers")


async def test_check_nodes__down_and_of_another_chain__fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readers = honest(2)
    readers[0].down = True
    readers[1].says["eth_chainId"] = "0x5"
    first, second = await checks_of(monkeypatch, readers)
    assert (first.passed, second.passed) == (False, False)
    assert first.detail.startswith("failing: ")
    assert second.detail.startswith("wrong chain: ")


async def test_members_of__settings__have_every_node_in_its_role() -> None:
    async with members_of(SETTINGS) as members:
        shown = [(each.shown_url, each.role) for each in members.all]
        assert shown == [
            ("http://a/***", NodeRole.READER),
            ("http://b", NodeRole.READER),
            ("http://c", NodeRole.SEND_ONLY),
            ("http://d", NodeRole.RELAY),
        ]
        assert (members.quorum, members.policy.request_seconds) == (2, 10)
