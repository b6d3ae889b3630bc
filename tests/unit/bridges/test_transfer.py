"""Tests of the terms of a transfer and of the table of its moves."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.errors import InputError
from keepers.model.transfer import (
    CALLED_OFF,
    CROSS,
    DONE,
    IN,
    INVEST,
    OUT,
    TRANSFER_MOVES,
    TransferCause,
    TransferMove,
    TransferPosition,
    is_legal_move,
)
from tests.support.bridging import terms

NORMAL = (*OUT, *CROSS, *IN, *INVEST, DONE)
EVERY = {*NORMAL, CALLED_OFF}
AMOUNTS = st.integers(0, 2**256 - 1)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_ingredients__are_the_words_that_solidity_encodes(
    amount: int, least: int, nonce: int
) -> None:
    each = replace(terms(), amount=amount, min_received=least, nonce=nonce)
    names = (each.asset.encode().ljust(32, b"\0"), each.route.encode().ljust(32, b"\0"))
    kinds = "(uint256,address,uint256,address,bytes32,uint256,uint256,bytes32,uint256)"
    values = (
        *(each.source_chain, each.source_treasury),
        *(each.destination_chain, each.destination_treasury),
        *(names[0], amount, least, names[1], nonce),
    )
    assert each.ingredients() == encode([kinds], [values])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", -1),
        ("nonce", 2**256),
        ("asset", ""),
        ("route", "x" * 33),
        ("source_treasury", "0x12zz"),
        ("destination_treasury", "0x" + "11" * 33),
        ("destination_chain", 1),
    ],
)
def test_terms__that_have_no_id_are_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        replace(terms(), **{field: value})


def steps(cause: TransferCause) -> set[tuple[TransferPosition | None, TransferPosition]]:
    return {(move.start, move.end) for move in TRANSFER_MOVES if move.cause is cause}


def test_moves__lead_through_every_stage_in_order() -> None:
    advance = steps(TransferCause.ADVANCE)
    assert all((start, end) in advance for start, end in itertools.pairwise(NORMAL))
    assert advance - set(itertools.pairwise(NORMAL)) == {(IN[-1], DONE)}


def test_moves__never_send_a_second_time() -> None:
    """A transfer returns to a departure position only if the chain shows that nothing left."""
    back = {
        (move.cause, move.end)
        for move in TRANSFER_MOVES
        if move.end in OUT and move.start not in OUT
    }
    assert back == {(TransferCause.PLAN, OUT[0]), (TransferCause.REORG, OUT[-1])}


def test_moves__are_called_off_only_before_anything_left() -> None:
    assert {start for start, _ in steps(TransferCause.CALL_OFF)} == set(OUT)


def test_moves__give_every_place_a_way_to_an_end() -> None:
    reached = {DONE, CALLED_OFF}
    for _ in EVERY:
        reached |= {move.start for move in TRANSFER_MOVES if move.start and move.end in reached}
    assert reached == EVERY


def test_moves__of_an_expired_proof_ask_the_bridge_again() -> None:
    assert is_legal_move(TransferMove(IN[0], CROSS[1], TransferCause.STALE))
    assert not is_legal_move(TransferMove(INVEST[0], CROSS[1], TransferCause.STALE))


def test_moves__are_said_once() -> None:
    assert len(set(TRANSFER_MOVES)) == len(TRANSFER_MOVES)
