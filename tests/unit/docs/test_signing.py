"""Tests that the pages of signers and nodes name every kind of signer and error in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepers.config.signers import SIGNER_KINDS
from keepers.model.chain import NodeErrorKind
from keepers.model.errors import signing as errors_signing
from keepers.model.errors.signing import SigningError
from tests.support.reactions import reaction_to

DOCUMENT = (Path(__file__).parents[3] / "docs" / "how-to" / "signing.md").read_text(
    encoding="utf-8"
)
NODES = (Path(__file__).parents[3] / "docs" / "reference" / "nodes.md").read_text(encoding="utf-8")
SEALING = {"SigningError", "SealError"}


@pytest.mark.parametrize("kind", SIGNER_KINDS)
def test_signing__every_kind_of_signer__is_there(kind: str) -> None:
    assert f"`{kind}`" in DOCUMENT


@pytest.mark.parametrize("kind", NodeErrorKind)
def test_nodes__every_kind_of_error__has_its_reaction(kind: NodeErrorKind) -> None:
    assert f"| `{kind}` | `{reaction_to(kind)}` |" in NODES


def test_signing__every_error_of_a_signer__says_what_then() -> None:
    classes = (value for value in vars(errors_signing).values() if isinstance(value, type))
    names = {each.__name__ for each in classes if issubclass(each, SigningError)}
    assert [name for name in names - SEALING if f"`{name}`" not in DOCUMENT] == []
