"""A keeper that freezes inside a transaction blocks other keepers only for a short time."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from sqlalchemy import Engine

from keepers.model.errors.run import StoreUnavailableError
from keepers.store import connection as postgres
from keepers.store.connection import connect
from keepers.store.database import Database, Writing, open_database
from tests.support.postgres import database


def test_writer__frozen_in_a_transaction__loses_the_lock_and_has_written_nothing(
    server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, wrote = database(server), list[str]()
    other = open_database(url)
    quick, changed = re.subn(r"(session_timeout)=\d+", r"\1=300", postgres.SETTINGS)
    assert changed == 1
    monkeypatch.setitem(postgres.CONNECT, "options", quick)
    with closing(other), closing(Database(connect(url))) as frozen:

        def stand_still(writing: Writing) -> None:
            del writing
            other.transact("note", lambda w: wrote.append(w.name))

        with pytest.raises(StoreUnavailableError):
            frozen.transact("freeze", stand_still)
    assert wrote == ["note"]
