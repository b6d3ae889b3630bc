"""O6: a waiting keeper reports its progress once for each confirmation."""

from __future__ import annotations

from keepers.transactions.engine import ConfirmationProgress


def test_look__each_block__is_told_once_until_it_counts() -> None:
    said: list[str] = []
    progress = ConfirmationProgress(1, 3, said.append)
    for head, included in ((9, None), (10, 10), (10, 10), (11, 10), (12, 10)):
        progress.update(head, included, now=0)
    assert said == ["transaction 1: 1 of 3 confirmations", "transaction 1: 2 of 3 confirmations"]


def test_look__a_block_comes_now_and_then__there_is_no_hint() -> None:
    said: list[str] = []
    progress = ConfirmationProgress(1, 15, said.append)
    for head, now in ((10, 0), (11, 20), (12, 40), (13, 69)):
        progress.update(head, 10, now=now)
    assert not any("no new block" in each for each in said)


def test_look__no_block_comes__hints_once_at_the_setting() -> None:
    said: list[str] = []
    progress = ConfirmationProgress(1, 15, said.append)
    for now in (0, 29, 30, 60, 90):
        progress.update(10, 10, now=now)
    assert said[0] == "transaction 1: 1 of 15 confirmations"
    (hint,) = said[1:]
    assert "no new block for 30 seconds" in hint
    assert "confirmations = 1" in hint
