"""Number of queries of a pass to nodes and store; fewer queries miss no event."""

from __future__ import annotations

import pytest

from tests.unit.transactions.paper_engine import EngineOnPaper

FOLLOWED = 5


@pytest.fixture
def followed(rig: EngineOnPaper) -> EngineOnPaper:
    """Engine with several intents, each included in its own block, none of them safe."""
    rig.restart(trust_tags=False, finality_blocks=40)
    for _ in range(FOLLOWED):
        rig.submit()
        rig.run()
        rig.mine()
    assert states(rig) == ["INCLUDED"] * FOLLOWED
    rig.run()  # the first pass that checks the newest block
    rig.nodes.asked.clear()
    return rig


def states(rig: EngineOnPaper) -> list[str]:
    return [rig.intent(each + 1).state for each in range(FOLLOWED)]


def test_blocks__same_head__are_not_asked_for_again(followed: EngineOnPaper) -> None:
    followed.run(3)
    assert followed.nodes.asked.count("block_hash") == 0


def test_blocks__new_head__the_newest_answers_for_all(followed: EngineOnPaper) -> None:
    followed.mine(3)
    assert followed.nodes.asked.count("block_hash") == 3


@pytest.mark.parametrize("depth", range(1, FOLLOWED + 1))
def test_reorganised__some_of_the_blocks__just_these_are_taken_back(
    followed: EngineOnPaper, depth: int
) -> None:
    followed.chain.reorganise(depth)
    followed.run()
    stay = FOLLOWED - depth
    assert states(followed) == ["INCLUDED"] * stay + ["BROADCAST"] * depth
    followed.mine()
    assert states(followed) == ["INCLUDED"] * FOLLOWED


def test_reorganised__after_a_restart__is_seen(followed: EngineOnPaper) -> None:
    followed.chain.reorganise(2)
    followed.restart()
    followed.run()
    assert states(followed)[-2:] == ["BROADCAST"] * 2


def test_final__the_block_itself_is_asked_for(followed: EngineOnPaper) -> None:
    followed.chain.mine(35)
    followed.nodes.asked.clear()
    followed.run()
    # The newest block for all, and each block by itself, as they become safe.
    assert followed.nodes.asked.count("block_hash") == 1 + FOLLOWED
    assert states(followed) == ["SAFE"] * FOLLOWED


def test_market__several_signed_in_a_pass__is_asked_for_once(rig: EngineOnPaper) -> None:
    for _ in range(3):
        rig.submit()
    rig.run()
    assert rig.nodes.asked.count("market") == 1
