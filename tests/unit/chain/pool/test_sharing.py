"""C7: all users of a chain in one process share its nodes, its head and its requests."""

from __future__ import annotations

import asyncio

import pytest

from keepers.chain.pool.heads import Heads
from keepers.config import ChainSettings
from keepers.model.errors.chain import ChainUnreachableError, NodesBehindError
from keepers.runtime.process import nodes
from tests.unit.chain.pool.scripted import HEIGHT, SILENT, Chain, ScriptedNode, honest, members_of

CHAIN = {"chain_id": 1, "rpc_urls": ["http://127.0.0.1:1"], "deployments": "none.json"}
GET_BLOCK = "eth_getBlockByNumber"


class Connection(ScriptedNode):
    """Node created like a node of the settings that counts how often it was closed."""

    made: list[Connection]

    def __init__(self, url: str, *, timeout: float) -> None:
        del timeout
        super().__init__(Chain(), name=url)
        self.closed = 0
        self.made.append(self)

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    Connection.made = []
    monkeypatch.setattr(nodes, "Rpc", Connection)
    return Connection.made


async def test_members__several_users__one_connection_that_the_last_one_closes(
    made: list[Connection],
) -> None:
    chain = ChainSettings.model_validate(CHAIN)
    async with nodes.members_of(chain) as one:
        async with nodes.members_of(chain) as other:
            assert one is other
        assert [each.closed for each in made] == [0]
    assert [each.closed for each in made] == [1]
    async with nodes.members_of(chain) as later:
        assert later is not one
    assert [each.closed for each in made] == [1, 1]


async def test_members__other_quorum_or_urls__are_others(made: list[Connection]) -> None:
    several = CHAIN | {"rpc_urls": ["http://127.0.0.1:1", "http://127.0.0.1:2"]}
    async with (
        nodes.members_of(ChainSettings.model_validate(CHAIN)) as one,
        nodes.members_of(ChainSettings.model_validate(several)) as two,
        nodes.members_of(ChainSettings.model_validate(several | {"quorum": 2})) as strict,
    ):
        assert len({id(one), id(two), id(strict)}) == 3
    assert len(made) == 5


async def test_latest__asked_by_many_at_one_moment__each_node_is_asked_once() -> None:
    known = honest(3)
    members = members_of(known)
    found = await asyncio.gather(*(Heads(members).latest() for _ in range(5)))
    assert {each.header.number for each in found} == {HEIGHT}
    assert [node.count(GET_BLOCK) for node in known] == [1, 1, 1]


async def test_latest__asked_again__nodes_are_asked_again() -> None:
    (node,) = honest(1)
    heads = Heads(members_of([node]))
    await heads.latest()
    node.height += 1
    assert (await heads.latest()).header.number == HEIGHT + 1


async def test_hash__asked_by_many_at_one_moment__each_node_is_asked_once_for_each_block() -> None:
    (node,) = honest(1)
    members = members_of([node])
    found = await asyncio.gather(*(Heads(members).hash_at(block) for block in (7, 7, 8)))
    assert found == [node.chain.hash(7), node.chain.hash(7), node.chain.hash(8)]
    assert node.count(GET_BLOCK) == 2


async def test_latest__one_caller_is_cancelled__the_others_have_their_answer() -> None:
    (node,) = honest(1)
    said = asyncio.Event()
    ask = node.ask

    async def slow(method: str, *params: object) -> object:
        await said.wait()
        return await ask(method, *params)

    node.ask = slow  # type: ignore[method-assign]
    members = members_of([node])
    first, second = (asyncio.create_task(Heads(members).latest()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    said.set()
    assert (await second).header.number == HEIGHT


async def test_latest__request_fails__everybody_hears_it_and_the_next_one_asks_anew() -> None:
    (node,) = honest(1)
    node.down = True
    members = members_of([node])
    found = await asyncio.gather(
        *(Heads(members).latest() for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in found] == [ChainUnreachableError] * 3
    node.down = False
    assert (await Heads(members).latest()).header.number == HEIGHT


async def test_latest__another_user_saw_a_later_block__it_does_not_go_back_for_this_one() -> None:
    (node,) = honest(1)
    members = members_of([node])
    await Heads(members).latest()
    node.height -= 1
    with pytest.raises(NodesBehindError):
        await Heads(members).latest()


async def test_close__a_request_hangs__it_is_cancelled() -> None:
    (node,) = honest(1)
    node.says[GET_BLOCK] = SILENT
    members = members_of([node])
    waiting = asyncio.create_task(Heads(members).latest())
    await asyncio.sleep(0)
    await members.in_flight.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
