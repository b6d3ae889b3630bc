"""Messages of nodes are shortened, and the secrets of their URLs masked."""

from __future__ import annotations

import pytest

from keepers.model.redaction import mask_text


@pytest.mark.parametrize(
    ("length", "shown"), [(300, "a" * 300), (301, "a" * 300 + "…"), (900, "a" * 300 + "…")]
)
def test_mask_text__long__is_cut_at_300_characters(length: int, shown: str) -> None:
    assert mask_text("a" * length, "https://rpc.example") == shown


@pytest.mark.parametrize(
    ("part", "shown"), [("abcdef", "no ***"), ("abcde", "no abcde"), ("v3", "no v3")]
)
def test_mask_text__part_of_a_path__is_a_key_from_six_characters_on(part: str, shown: str) -> None:
    assert mask_text(f"no {part}", f"https://rpc.example/x/{part}") == shown
