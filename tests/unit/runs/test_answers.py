"""Tests of the result of sending the same bytes, over every set of node answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations, permutations

import pytest

from keepers.model.chain import NodeErrorKind
from keepers.model.chain_view import SendAnswer
from keepers.transactions.broadcast import Sending, sending_of, words_of
from tests.support.reactions import Reaction, reaction_to

pytestmark = pytest.mark.long

Problem = NodeErrorKind | None
PROBLEMS: tuple[Problem, ...] = (None, *NodeErrorKind)
TAKES = {None, NodeErrorKind.ALREADY_KNOWN}
ALONE = {
    None: Sending.TAKEN,
    NodeErrorKind.ALREADY_KNOWN: Sending.TAKEN,
    NodeErrorKind.NONCE_TOO_LOW: Sending.NONCE_USED,
    NodeErrorKind.REPLACEMENT_UNDERPRICED: Sending.UNDERPRICED,
    NodeErrorKind.FEE_TOO_LOW: Sending.UNDERPRICED,
    NodeErrorKind.INSUFFICIENT_FUNDS: Sending.FUNDS,
    NodeErrorKind.RESERVED: Sending.RESERVED,
    NodeErrorKind.NONCE_TOO_HIGH: Sending.GAP,
    NodeErrorKind.FEE_ABOVE_CAP: Sending.FEE_CAP,
    NodeErrorKind.GAS_LIMIT: Sending.HOPELESS,
    NodeErrorKind.INVALID: Sending.HOPELESS,
    NodeErrorKind.EXECUTION_REVERTED: Sending.HOPELESS,
    NodeErrorKind.POOL_FULL: Sending.UNKNOWN,
    NodeErrorKind.RATE_LIMITED: Sending.UNKNOWN,
    NodeErrorKind.NODE_BEHIND: Sending.UNKNOWN,
    NodeErrorKind.TRANSPORT: Sending.UNKNOWN,
    NodeErrorKind.UNKNOWN: Sending.UNKNOWN,
}
"""Expected result of one node alone, written independently of the code."""

RANKS = (
    *(Sending.TAKEN, Sending.NONCE_USED, Sending.UNDERPRICED, Sending.FUNDS),
    *(Sending.RESERVED, Sending.GAP, Sending.FEE_CAP, Sending.UNKNOWN, Sending.HOPELESS),
)
"""Order of precedence: of several nodes, the first of their single results counts."""

SIGNS_ANEW = {Sending.UNDERPRICED, Sending.HOPELESS}
"""Results after which other bytes may be signed."""


def answers(*problems: Problem) -> list[SendAnswer]:
    return [SendAnswer(f"node {number}", each, "no") for number, each in enumerate(problems)]


@cache
def every_set() -> tuple[frozenset[Problem], ...]:
    def sets() -> Iterator[frozenset[Problem]]:
        for size in range(len(PROBLEMS) + 1):
            yield from map(frozenset, combinations(PROBLEMS, size))

    return tuple(sets())


def test_sending__every_kind_has_its_line() -> None:
    assert set(ALONE) == set(PROBLEMS)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_sending__one_node__is_what_it_says(problem: Problem) -> None:
    assert sending_of(answers(problem)) is ALONE[problem]
    assert sending_of(answers(problem, problem)) is ALONE[problem]


def test_sending__every_set__is_the_most_telling_answer() -> None:
    assert len(every_set()) == 2 ** len(PROBLEMS)
    for each in every_set():
        found = sending_of(answers(*each))
        alone = {ALONE[problem] for problem in each} or {Sending.UNKNOWN}
        assert found is min(alone, key=RANKS.index)


def test_sending__every_set__other_bytes_only_where_no_node_has_these() -> None:
    for each in every_set():
        found = sending_of(answers(*each))
        assert (found is Sending.TAKEN) == bool(each & TAKES)
        if found in SIGNS_ANEW:
            assert not each & TAKES
        if found is Sending.HOPELESS:
            assert each
            assert all(ALONE[problem] is Sending.HOPELESS for problem in each)


def test_sending__order__does_not_matter() -> None:
    for three in combinations(PROBLEMS, 3):
        assert len({sending_of(answers(*each)) for each in permutations(three)}) == 1


def test_sending__nobody_answers__is_not_known() -> None:
    assert sending_of([]) is Sending.UNKNOWN


@pytest.mark.parametrize("kind", list(NodeErrorKind))
def test_sending__one_kind__agrees_with_its_reaction(kind: NodeErrorKind) -> None:
    allowed = {
        Reaction.ADOPT: {Sending.TAKEN},
        Reaction.CHECK_NONCE: {Sending.NONCE_USED},
        Reaction.BUMP: {Sending.UNDERPRICED},
        Reaction.GIVE_UP: {Sending.HOPELESS},
        Reaction.RESEND: {Sending.UNKNOWN},
        Reaction.WAIT: {
            *(Sending.FUNDS, Sending.GAP, Sending.RESERVED, Sending.FEE_CAP, Sending.UNKNOWN)
        },
    }
    assert ALONE[kind] in allowed[reaction_to(kind)]


def test_words__are_of_those_who_refused() -> None:
    said = answers(None, NodeErrorKind.POOL_FULL, NodeErrorKind.INVALID)
    assert words_of(said) == "node 1: no; node 2: no"
