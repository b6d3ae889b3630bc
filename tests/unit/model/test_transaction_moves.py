"""Tests of the table of legal moves: completeness and the requirements of the eight rules."""

from enum import StrEnum
from itertools import product

import pytest

from keepers.model.transaction_moves import HELD, MOVES, Move, is_legal, pairs
from keepers.model.transaction_states import (
    ENDED_INTENTS,
    HOLDING,
    LIVE_SLOTS,
    MEANINGS,
    AttemptState,
    EntityType,
    IntentState,
    SlotState,
    Transition,
)
from tests.unit.store.ledger.samples import states_of

THINGS = pytest.mark.parametrize("thing", EntityType)


def ends(thing: EntityType) -> set[StrEnum]:
    """Return the states without a further move."""
    states = states_of(thing)
    return set(states) - {start for start, _ in pairs(thing) if start is not None}


def reachable(thing: EntityType) -> set[StrEnum]:
    found: set[StrEnum] = set()
    more = {end for start, end in pairs(thing) if start is None}
    while more:
        found |= more
        more = {end for start, end in pairs(thing) if start in found} - found
    return found


def test_table__no_move_stands_there_twice() -> None:
    assert len(set(MOVES)) == len(MOVES)


@THINGS
def test_states__all__can_be_reached(thing: EntityType) -> None:
    states = states_of(thing)
    assert reachable(thing) == set(states)


@THINGS
def test_moves__states__are_of_their_kind(thing: EntityType) -> None:
    states = states_of(thing)
    of_thing = [move for move in MOVES if move.entity is thing]
    assert all(isinstance(move.end, states) for move in of_thing)
    assert all(move.start is None or isinstance(move.start, states) for move in of_thing)


@THINGS
def test_is_legal__any_move_that_is_not_in_the_table__is_not(thing: EntityType) -> None:
    states = states_of(thing)
    every = product([None, *states], states, Transition)
    legal = {Move(thing, *each) for each in every if is_legal(Move(thing, *each))}
    assert legal == {move for move in MOVES if move.entity is thing}


def test_causes__each__is_used_and_has_its_words() -> None:
    assert set(MEANINGS) == set(Transition) == {move.cause for move in MOVES}


def test_ends__of_intents_slots_and_attempts__are_those_that_finality_or_nothing_decides() -> None:
    assert ends(EntityType.INTENT) == set(ENDED_INTENTS)
    finals = {SlotState.OURS_FINAL, SlotState.FOREIGN_FINAL, SlotState.VOID}
    assert ends(EntityType.SLOT) == finals == set(SlotState) - LIVE_SLOTS
    assert ends(EntityType.ATTEMPT) == {AttemptState.FINAL, AttemptState.DROPPED}


def spelled(thing: EntityType) -> list[tuple[str | None, str, Transition]]:
    """Return the moves of an entity type, with states as plain strings."""
    return [(move.start, move.end, move.cause) for move in MOVES if move.entity is thing]


def test_rule_1__what_leaves__was_stored_and_sealed() -> None:
    before = {
        start for start, end, _ in spelled(EntityType.ATTEMPT) if end == AttemptState.BROADCAST
    }
    # From INCLUDED and REPLACED, only an attempt that was sent before returns to BROADCAST.
    assert before == {AttemptState.SEALED, AttemptState.INCLUDED, AttemptState.REPLACED}


@pytest.mark.parametrize(
    "consumed", [IntentState.INCLUDED, IntentState.SAFE, IntentState.DISPLACED]
)
def test_rule_5__until_it_is_final__a_reorg_moves_back(consumed: IntentState) -> None:
    moves = [each for each in spelled(EntityType.INTENT) if each[0] == consumed]
    assert {end for _, end, cause in moves if cause is Transition.REORG} == set(HELD)


def test_new_nonce__after_a_foreign_one__only_once_that_is_final() -> None:
    moves = [each for each in spelled(EntityType.INTENT) if each[1] == IntentState.QUEUED]
    assert {(start, cause) for start, _, cause in moves if start in HOLDING} == {
        (IntentState.DISPLACED, Transition.FINALITY),
    }
