"""Tests of signatures that are entered as text."""

from __future__ import annotations

import pytest

from keepers.model.errors.run import WrongSignatureError
from keepers.runtime.approvals.signatures import plain

OWNER = "0x" + "a1" * 20


@pytest.mark.parametrize("text", ["0xAB01", "ab01", "AB01"])
def test_signature__however_it_is_spelled__is_kept_in_one_form(text: str) -> None:
    assert plain(OWNER, text) == "0xab01"


@pytest.mark.parametrize("text", ["0xzz", "0xabc", "a signature"])
def test_signature__no_hexadecimal_text__is_refused_by_name(text: str) -> None:
    with pytest.raises(WrongSignatureError, match="not hexadecimal text"):
        plain(OWNER, text)
