"""Tests of approval requests found by the beginning of a run's id."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from keepers.model.errors import InputError
from keepers.model.errors.run import NoTicketError
from keepers.runtime.approvals.requests import find
from keepers.store.connection import connect
from keepers.store.database import Database
from tests.support.sqlite import new_database


def test_find__id_too_short_or_of_no_request__says_which(tmp_path: Path) -> None:
    ledger = Database(connect(new_database(tmp_path / "ledger.sqlite")))
    with pytest.raises(InputError, match="'abc' is too short; enter at least 4 characters"):
        find(cast("Any", None), ledger, "abc")
    with pytest.raises(NoTicketError, match="has no approval request"):
        find(cast("Any", None), ledger, "abcd")
    ledger.close()
