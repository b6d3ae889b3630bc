"""Tests of `ballast approve`: a missing account is reported before a password is requested."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from keepers.cli.approve import approver
from keepers.cli.main import cli
from keepers.model.errors.signing import KeyUnusableError


def test_approver__no_such_account__is_said_before_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("BALLAST_APPROVER_PASSWORD", raising=False)

    with pytest.raises(KeyUnusableError, match=r"alice\.json .* `ape accounts list`"):
        approver("alice", None)


def test_approve__help__says_by_whose_clock_a_plan_is_in_time() -> None:
    """O19: before, it stated that a signature is kept only if the chain would accept it now."""
    told = " ".join(CliRunner().invoke(cli, ["approve", "--help"]).output.split())
    assert "The chain checks the deadline when the keeper opens the plan" in told
    assert "only if the chain would take it now" not in told
