"""`ballast approve --account` names an account that is not there, before it asks for a password."""

from pathlib import Path

import pytest

from keepers.cli.approve import approver
from keepers.domain.errors_signing import KeyUnusableError


def test_approver__no_such_account__is_said_before_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("BALLAST_APPROVER_PASSWORD", raising=False)

    with pytest.raises(KeyUnusableError, match=r"alice\.json .* `ape accounts list`"):
        approver("alice", None)
